"""A PostgreSQL server of one's own whose certificate and pg_hba.conf a test chooses."""

import secrets
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import psycopg
from psycopg import sql

from .certificates import Certificate
from .servers import throwaway_server
from .waiting import wait_until

SSL_REQUEST = b"\0\0\0\x08\x04\xd2\x16\x2f"


class LoginServer:
    def __init__(self, values: dict[str, str]) -> None:
        self.psql = values["PSQL"]
        self.superuser_url = values["SUPERUSER_URL"]
        self.port = int(urlsplit(self.superuser_url).port or 5432)
        self._data = Path(values["SOCKET_DIRECTORY"])
        self._hba = "host all postgres 127.0.0.1/32 scram-sha-256\n"
        self.password = "pw-" + secrets.token_hex(6)

    def admin(self) -> psycopg.Connection:
        return psycopg.connect(self.superuser_url, autocommit=True)

    def add_role(self, name: str, hba: str, password_encryption: str = "scram-sha-256") -> None:
        """One that logs in as the line of pg_hba.conf says in which ROLE stands for its name."""
        self._hba += hba.replace("ROLE", name) + "\n"
        with self.admin() as admin:
            admin.execute(sql.SQL("SET password_encryption = {}").format(password_encryption))
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), self.password))

    def apply(self, server: Certificate, clients: Certificate) -> None:
        """Every connection from now on meets this certificate, and these lines of pg_hba.conf. Certificates of clients
        are to come from that authority."""
        # Where root runs this the files are the server's user's, and stay so.
        (self._data / "server.crt").write_bytes(server.pem)
        (self._data / "server.key").write_bytes(server.key_pem())
        (self._data / "clients.crt").write_bytes(clients.pem)
        (self._data / "clients.crt").chmod(0o644)
        (self._data / "pg_hba.conf").write_text(self._hba)
        with self.admin() as admin:
            admin.execute("ALTER SYSTEM SET ssl_ca_file = 'clients.crt'")
            admin.execute("SELECT pg_reload_conf()")
        wait_until("the server shows its new certificate", lambda: self._shown() == server.der, interval=0.01)

    def _shown(self) -> bytes | None:
        trusting = ssl.create_default_context()
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port)) as plain:
            plain.sendall(SSL_REQUEST)
            if plain.recv(1) != b"S":
                return None
            with trusting.wrap_socket(plain) as wrapped:
                return wrapped.getpeercert(binary_form=True)

    def uri(self, user: str, password: str = "", host: str = "localhost", **parameters: str) -> str:
        """To the database postgres. Without a password there is none in it."""
        login = quote(user, safe="") + (":" + quote(password, safe="") if password else "")
        query = urlencode(parameters, quote_via=quote)
        return f"postgresql://{login}@{host}:{self.port}/postgres" + ("?" + query if query else "")


@contextmanager
def login_server() -> Iterator[LoginServer]:
    with throwaway_server("postgres", "--tls") as values:
        yield LoginServer(values)
