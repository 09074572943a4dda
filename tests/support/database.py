"""Fresh databases for tests, watched by the judge (judge.sql), and a superuser's look into them."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql

TEMPLATE = "judged"


def edit_url(
    url: str,
    *,
    user: str | None = None,
    password: str | None = None,
    host: str | None = None,
    port: int | None = None,
    database: str | None = None,
    **parameters: str,
) -> str:
    """A PostgreSQL URL with some of its parts replaced; parameters are added to those it has."""
    parts = urlsplit(url)
    user = parts.username if user is None else user
    password = parts.password if password is None else password
    host = parts.hostname if host is None else host
    port = parts.port if port is None else port
    path = parts.path if database is None else "/" + database
    query = urlencode(dict(parse_qsl(parts.query)) | parameters)
    return urlunsplit((parts.scheme, f"{user}:{password}@{host}:{port}", path, query, ""))


class Cluster:
    """One PostgreSQL server. The role under test gets a password that nothing else contains."""

    def __init__(self, values: dict[str, str]) -> None:
        self.superuser_url = values["SUPERUSER_URL"]
        self.root_cert = values.get("ROOT_CERT")
        self.role = urlsplit(values["DATABASE_URL"]).username
        self.password = "pw-" + secrets.token_hex(12)
        self.role_url = edit_url(values["DATABASE_URL"], password=self.password)
        with self.admin() as admin:
            admin.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(self.role), self.password)
            )
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(TEMPLATE), sql.Identifier(self.role)
                )
            )
        with psycopg.connect(edit_url(self.superuser_url, database=TEMPLATE)) as template:
            template.execute((Path(__file__).parent / "judge.sql").read_text())

    def admin(self) -> psycopg.Connection:
        return psycopg.connect(self.superuser_url, autocommit=True)

    @contextmanager
    def fresh_database(self) -> Iterator["Database"]:
        name = "t_" + secrets.token_hex(4)
        identifiers = {
            "name": sql.Identifier(name),
            "role": sql.Identifier(self.role),
            "template": sql.Identifier(TEMPLATE),
        }
        with self.admin() as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {name} OWNER {role} TEMPLATE {template}").format(**identifiers)
            )
        database = Database(self, name)
        try:
            yield database
        finally:
            database.close()
            with self.admin() as admin:  # another one: a test may have restarted the server
                admin.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**identifiers))

    @contextmanager
    def fresh_role(self, database: str) -> Iterator[str]:
        """A role that may log in and nothing else; yields its URL to `database`."""
        name, password = "r_" + secrets.token_hex(4), "pw-" + secrets.token_hex(12)
        with self.admin() as admin:
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), password))
            try:
                yield edit_url(self.role_url, user=name, password=password, database=database)
            finally:
                admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


class Database:
    """One database: `url` is for the role under test, the methods look at it as the superuser."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self.url = edit_url(cluster.role_url, database=name)
        self.connection = self.connect()

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(
            edit_url(self.cluster.superuser_url, database=self.name),
            autocommit=True,
            options="-c timezone=UTC",
        )

    def close(self) -> None:
        self.connection.close()

    def reconnect(self) -> None:
        """After the server went away, or another took its place."""
        self.close()
        self.connection = self.connect()

    def rows(self, query: str, *values: object) -> list[tuple]:
        return self.connection.execute(query, values).fetchall()

    def row(self, query: str, *values: object) -> tuple:
        found = self.rows(query, *values)
        assert len(found) == 1, f"{len(found)} rows instead of one from: {query}"
        return found[0]

    def value(self, query: str, *values: object) -> object:
        return self.row(query, *values)[0]

    def execute(self, statement: str, *values: object) -> None:
        self.connection.execute(statement, values)

    def execute_as_nobody_watches(self, statement: str, *values: object) -> None:
        """Sets a scene that no run would make: without triggers, so without the judge."""
        with self.connection.transaction():
            self.connection.execute("SET LOCAL session_replication_role = replica")
            self.connection.execute(statement, values)

    def put_in_ledger(self, bucket: str, keys: Iterable[str], status: str = "failed") -> None:
        """Rows as discovery and a load would leave them, without objects behind them."""
        self.execute_as_nobody_watches(
            "INSERT INTO processed_file (bucket, s3_key, etag, size, last_modified, status, attempts, lease_expiries, "
            "next_attempt_at, queued_at, processed_at, metadata, lease_owner, lease_expires_at, claim_token) "
            "SELECT %s, key, 'etag', 10, now(), status, 5, 2, "
            "CASE status WHEN 'failed' THEN now() + interval '1h' END, now() - interval '1d', "
            "CASE WHEN status IN ('completed', 'failed') THEN now() END, "
            "'{\"error\": \"it is bad\", \"stage\": \"decode\"}', "
            "CASE status WHEN 'processing' THEN 'another' END, "
            "CASE status WHEN 'processing' THEN now() + interval '1h' END, 1 "
            "FROM unnest(%s::text[]) AS k (key), (SELECT %s::processed_file_status AS status) s",
            bucket,
            list(keys),
            status,
        )

    def has_table(self, name: str) -> bool:
        return bool(self.value("SELECT to_regclass(%s) IS NOT NULL", name))

    def count(self, table: str) -> int:
        """How many rows a table has; one that does not exist has none."""
        return self.value(f"SELECT count(*) FROM {table}") if self.has_table(table) else 0

    def statuses(self) -> dict[str, str]:
        """The status of each file, by key; none as long as there is no ledger."""
        if not self.has_table("processed_file"):
            return {}
        return dict(self.rows("SELECT s3_key, status::text FROM processed_file"))

    def file(self, key: str) -> dict:
        """A file's whole row in the ledger; first and last timestamp in microseconds since 1970, as they may lie
        outside of what Python's datetime holds."""
        names = (
            "id",
            "etag",
            "size",
            "last_modified",
            "status",
            "attempts",
            "lease_expiries",
            "claim_token",
            "lease_owner",
            "lease_expires_at",
            "next_attempt_at",
            "discovered_at",
            "processed_at",
            "rows_written",
            "lines_rejected",
            "first_timestamp",
            "last_timestamp",
            "metadata",
        )
        written = {"status": "status::text"} | {
            name: f"extract(epoch FROM {name}) * 1000000" for name in ("first_timestamp", "last_timestamp")
        }
        columns = ", ".join(written.get(name, name) for name in names)
        return dict(
            zip(names, self.row(f"SELECT {columns} FROM processed_file WHERE s3_key = %s", key), strict=True)
        )

    def transactions(self, change: str) -> int:
        """In how many transactions files went through a change such as 'processing -> completed'."""
        return int(
            self.value(  # type: ignore[arg-type]
                "SELECT count(DISTINCT xact) FROM judge.transition "
                "WHERE coalesce(before, 'new') || ' -> ' || after = %s",
                change,
            )
        )

    def changes(self, key: str) -> list[str]:
        """What a file went through: ['pending', 'processing', 'completed']."""
        return [
            after
            for (after,) in self.rows(
                "SELECT t.after FROM judge.transition t JOIN processed_file f ON f.id = t.file_id "
                "WHERE f.s3_key = %s ORDER BY n",
                key,
            )
        ]

    def is_processing(self) -> bool:
        return "processing" in self.statuses().values()

    def is_copying(self) -> bool:
        """Whether a session of the role under test waits for the lock that log_locked holds."""
        return self.is_processing() and bool(
            self.value(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename = %s AND wait_event_type = 'Lock'",
                self.cluster.role,
            )
        )

    def open_transactions(self) -> int:
        """How many the role under test has here."""
        return int(
            self.value(  # type: ignore[arg-type]
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename = %s AND xact_start IS NOT NULL",
                self.cluster.role,
            )
        )

    def has_attempted(self, key: str, attempts: int) -> bool:
        """Whether a file has failed so often by now."""
        return bool(
            self.has_table("processed_file")
            and self.rows("SELECT 1 FROM processed_file WHERE s3_key = %s AND attempts = %s", key, attempts)
        )

    def is_completed(self, *keys: str) -> bool:
        """Whether the ledger knows these files and no others, and all of them are completed."""
        return self.statuses() == dict.fromkeys(keys, "completed")

    def disconnect_role(self) -> None:
        """Ends every session of the role under test, as an administrator would."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = %s",
            self.cluster.role,
        )

    @contextmanager
    def out_of_reach(self) -> Iterator[None]:
        """Nobody gets a connection to this database, and the role under test loses those that it has."""
        with self.cluster.admin() as admin:
            allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
            admin.execute(allow.format(sql.Identifier(self.name), sql.SQL("false")))
            self.disconnect_role()
            try:
                yield
            finally:
                admin.execute(allow.format(sql.Identifier(self.name), sql.SQL("true")))

    @contextmanager
    def log_locked(self) -> Iterator[None]:
        """Holds every COPY into `log` up, so that a file stays in processing until this ends."""
        with self.connect() as other, other.transaction():
            other.execute("LOCK TABLE log IN SHARE ROW EXCLUSIVE MODE")
            yield
