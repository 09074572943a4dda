"""libpq as the oracle: the same connection URI leads into the server with us and with psql, and as safely, or with
neither. The table is printed (-s, -rP) and written to the results."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support import verdicts
from support.certificates import Authority, Certificate
from support.login_server import LoginServer, login_server
from support.places import RESULTS

SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SERVER_CERTIFICATES = ("right", "wrong CA", "wrong name", "expired")
PASSWORDS = ("right", "wrong")
BINDINGS = ("disable", "prefer", "require")
SIGNS = {"in tls": "T", "in plain": "p", "out": "."}


class Door(NamedTuple):
    """A line of pg_hba.conf, and the certificate that the client shows."""

    hba: str
    shows: str

    @property
    def role(self) -> str:
        return "u_" + self.hba


DOORS = [Door("host", "none"), Door("hostssl", "none"), Door("hostnossl", "none")] + [
    Door("cert", shows) for shows in ("right", "none", "wrong CA", "wrong name")
]
HBA = {
    "host": "host all ROLE 127.0.0.1/32 scram-sha-256",
    "hostssl": "hostssl all ROLE 127.0.0.1/32 scram-sha-256",
    "hostnossl": "hostnossl all ROLE 127.0.0.1/32 scram-sha-256",
    "cert": "hostssl all ROLE 127.0.0.1/32 cert",
}


class Cell(NamedTuple):
    sslmode: str
    door: Door
    server_certificate: str
    password: str
    binding: str


def is_worth_it(cell: Cell) -> bool:
    """A password does not help whoever shows no certificate, or a bad one: those try the right one alone."""
    return cell.password == "right" or cell.door.hba != "cert" or cell.door.shows == "right"


CELLS = [
    cell
    for cell in itertools.starmap(
        Cell, itertools.product(SSLMODES, DOORS, SERVER_CERTIFICATES, PASSWORDS, BINDINGS)
    )
    if is_worth_it(cell)
]


class Papers:
    """The certificates of both sides."""

    def __init__(self, folder: Path) -> None:
        trusted, other = Authority("throwaway authority"), Authority("another authority")
        self.authority = trusted.own
        self.root = folder / "root.crt"
        self.root.write_bytes(trusted.own.pem)
        self.server: dict[str, Certificate] = {
            "right": trusted.issue("localhost", "localhost", "127.0.0.1"),
            "wrong CA": other.issue("localhost", "localhost", "127.0.0.1"),
            "wrong name": trusted.issue("elsewhere", "elsewhere.invalid"),
            "expired": trusted.issue("localhost", "localhost", "127.0.0.1", expired=True),
        }
        self.client = {
            "none": {},
            "right": trusted.issue("u_cert").write(folder, "right"),
            "wrong CA": other.issue("u_cert").write(folder, "wrong-ca"),
            "wrong name": trusted.issue("somebody").write(folder, "wrong-name"),
        }


@pytest.fixture(scope="module")
def papers(new_folder: Callable[[], Path]) -> Papers:
    return Papers(new_folder())


@pytest.fixture(scope="module")
def server() -> Iterator[LoginServer]:
    with login_server() as made:
        for hba, line in HBA.items():
            made.add_role("u_" + hba, line)
        yield made


def uri_of(cell: Cell, server: LoginServer, papers: Papers) -> str:
    parameters = {"sslmode": cell.sslmode, "channel_binding": cell.binding, "sslrootcert": str(papers.root)}
    parameters |= papers.client[cell.door.shows]
    password = server.password if cell.password == "right" else "wrong"
    return server.uri(cell.door.role, password, **parameters)


def table(signs: dict[Cell, str]) -> str:
    """A row for each sslmode and door, a sign for each cell."""
    lines = ["T in over TLS, p in without, . out, # not as psql"]
    columns = {
        "server's certificate": SERVER_CERTIFICATES,
        "password": PASSWORDS,
        "channel_binding": BINDINGS,
    }
    lines += [f"{name}: {', '.join(choices)}" for name, choices in columns.items()]
    for sslmode, door in itertools.product(SSLMODES, DOORS):
        row = f"{sslmode:12}{door.hba:10}{'shows ' + door.shows if door.hba == 'cert' else '':17}"
        for certificate, password, binding in itertools.product(*columns.values()):
            row += "" if binding != BINDINGS[0] else " " if password != PASSWORDS[0] else "  "
            row += signs.get(Cell(sslmode, door, certificate, password, binding), " ")
        lines.append(row.rstrip())
    return "\n".join(lines)


def keep(name: str, text: str) -> None:
    print(text)
    if RESULTS.is_dir():
        (RESULTS / name).write_text(text + "\n")


def test_every_cell_is_as_psql_has_it(
    server: LoginServer, papers: Papers, new_folder: Callable[[], Path]
) -> None:
    home = new_folder()
    signs: dict[Cell, str] = {}
    counts: Counter[str] = Counter()
    disagreements = []
    for certificate in SERVER_CERTIFICATES:
        server.apply(papers.server[certificate], clients=papers.authority)
        cells = [cell for cell in CELLS if cell.server_certificate == certificate]
        uris = [uri_of(cell, server, papers) for cell in cells]
        pairs = zip(verdicts.ours(uris, home), verdicts.psql(server.psql, uris, home), strict=True)
        for cell, (ours, psql) in zip(cells, pairs, strict=True):
            agree = ours.what == psql.what
            signs[cell] = SIGNS[ours.what] if agree else "#"
            counts[ours.what if agree else "not as psql"] += 1
            if not agree:
                disagreements.append(f"{cell}\n  ours: {ours}\n  psql: {psql}")
    keep("login-verdicts.txt", f"{table(signs)}\n{len(CELLS)} cells: {dict(counts)}")
    assert not disagreements, "\n".join(disagreements)
    # A server that lets everybody in, or nobody, would make all agree.
    assert min(counts[what] for what in SIGNS) > 20, counts


@pytest.mark.parametrize("kind", ["P-384", "RSA-PSS", "Ed25519"])
def test_channel_binding_with_each_kind_of_certificate(
    server: LoginServer, papers: Papers, new_folder: Callable[[], Path], kind: str
) -> None:
    """The hash to bind to comes from the certificate's signature. That of Ed25519 names none: then nothing is bound,
    and whoever requires it is not let in."""
    home = new_folder()
    authority = Authority("throwaway authority", kind)
    root = home / "root.crt"
    root.write_bytes(authority.own.pem)
    server.apply(authority.issue("localhost", "localhost"), clients=papers.authority)
    parameters = {"sslmode": "verify-full", "sslrootcert": str(root)}
    uris = [server.uri("u_host", server.password, **parameters, channel_binding=each) for each in BINDINGS]
    ours, psql = verdicts.ours(uris, home), verdicts.psql(server.psql, uris, home)
    bound = "out" if kind == "Ed25519" else "in tls"
    assert [each.what for each in ours] == ["in tls", "in tls", bound], ours
    # libpq tries to bind to what it cannot hash even where it need not, and fails.
    assert [each.what for each in psql] == ["in tls", bound, bound], psql
    if kind == "Ed25519":
        assert "names no hash" in ours[2].text, ours
