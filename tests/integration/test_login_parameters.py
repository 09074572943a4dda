"""Parameters of a login beyond the table of test_libpq_agrees.py: what we make of them is what libpq's manual says and
what libpq does. Where we refuse more, on purpose, the reason stands here."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import verdicts
from support.certificates import Authority
from support.login_server import LoginServer, login_server
from support.places import LOGIN_VERDICTS
from support.verdicts import Verdict

METHODS = ("none", "password", "md5", "scram-sha-256")
# role: (the method in pg_hba.conf, how its password is kept, what the server asks for)
ROLES = {
    "u_trust": ("trust", "scram-sha-256", "none"),
    "u_password": ("password", "scram-sha-256", "password"),
    "u_md5": ("md5", "md5", "md5"),
    "u_scram": ("scram-sha-256", "scram-sha-256", "scram-sha-256"),
    "u_upgraded": ("md5", "scram-sha-256", "scram-sha-256"),
}
# require_auth: which methods the manual lets through; none where it is not a valid list. An empty one, of which the
# manual says nothing, is not here: to libpq 18 it names no method, to us it is as if it were not there.
LISTS: dict[str, set[str]] = {
    **{method: {method} for method in METHODS},
    **{f"!{method}": set(METHODS) - {method} for method in METHODS},
    "scram-sha-256,none": {"scram-sha-256", "none"},
    "password,md5,scram-sha-256": {"password", "md5", "scram-sha-256"},
    "!password,!md5": {"scram-sha-256", "none"},
    "!none,!scram-sha-256": {"password", "md5"},
    "!none,!gss": {"password", "md5", "scram-sha-256"},
    "scram-sha-256,gss,sspi": {"scram-sha-256"},
    "gss": set(),
    "none,!md5": set(),
    "!none,md5": set(),
    "md5,md5": set(),
    "!gss,!gss": set(),
    "scram-sha-256,": set(),
    ",none": set(),
    "SCRAM-SHA-256": set(),
    "scram-sha-256, none": set(),
    "scram": set(),
}
KEY_PASSWORD = "opens the key: 100%"
SECONDS_OF_A_REFUSAL = 5


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("throwaway authority")


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[LoginServer]:
    with login_server() as made:
        for role, (method, kept_as, _) in ROLES.items():
            made.add_role(role, f"host all ROLE 127.0.0.1/32 {method}", kept_as)
        made.add_role("u_cert", "hostssl all ROLE 127.0.0.1/32 cert")
        made.apply(authority.issue("localhost", "localhost", "127.0.0.1"), clients=authority.own)
        yield made


@pytest.fixture(scope="module")
def folder(new_folder: Callable[[], Path]) -> Path:
    return new_folder()


def test_require_auth(server: LoginServer, folder: Path) -> None:
    cells = [(role, methods) for role in ROLES for methods in LISTS]
    uris = [server.uri(role, server.password, require_auth=methods) for role, methods in cells]
    wrong = []
    for (role, methods), ours, libpq in zip(cells, verdicts.ours(uris, folder), verdicts.libpq(uris), strict=True):
        asked = ROLES[role][2]
        manual = asked in LISTS[methods]
        # Stricter: these two show the password, or its hash, to whoever plays the server, so that both must be named.
        ours_expected = manual and (asked not in ("password", "md5") or asked in methods.split(","))
        if (ours.what != "out", libpq.what != "out") != (ours_expected, manual):
            wrong.append(f"{role} require_auth={methods}\n  ours: {ours}\n  libpq: {libpq}")
    assert not wrong, "\n".join(wrong)


def both(server: LoginServer, folder: Path, uri: str) -> tuple[Verdict, Verdict]:
    return verdicts.ours([uri], folder)[0], verdicts.psql(server.psql, [uri], folder)[0]


def assert_both(server: LoginServer, folder: Path, uri: str, what: str, *texts: str) -> None:
    ours, psql = both(server, folder, uri)
    assert (ours.what, psql.what) == (what, what), f"{uri}\n  ours: {ours}\n  psql: {psql}"
    for text in texts:
        assert text in ours.text, ours


def test_authorities_of_the_system_do_not_know_ours(server: LoginServer, folder: Path) -> None:
    uri = server.uri("u_scram", server.password, sslrootcert="system")
    ours, libpq = verdicts.ours([uri], folder)[0], verdicts.libpq([uri])[0]
    assert (ours.what, libpq.what) == ("out", "out"), libpq
    assert ours.text.startswith("authentication"), ours
    assert "not trusted" in ours.text, ours
    weak = server.uri("u_scram", server.password, sslrootcert="system", sslmode="require")
    ours, libpq = verdicts.ours([weak], folder)[0], verdicts.libpq([weak])[0]
    assert (ours.what, libpq.what) == ("out", "out"), libpq
    assert "verify-full" in ours.text, ours


def test_direct_negotiation_with_a_server_that_does_not_know_it(server: LoginServer, folder: Path) -> None:
    with server.admin() as admin:
        if admin.info.server_version >= 170000:
            pytest.skip("this server knows it")
    uri = server.uri("u_scram", server.password, sslmode="require", sslnegotiation="direct")
    began = time.monotonic()
    ours = verdicts.ours([uri], folder)[0]
    assert time.monotonic() - began < SECONDS_OF_A_REFUSAL
    assert ours.what == verdicts.libpq([uri])[0].what == "out"
    assert ours.text.startswith("connection"), ours
    assert "sslnegotiation=direct" in ours.text, ours


ROOT_CERTIFICATES = ("none", "missing", "no certificate", "right")


@pytest.mark.parametrize("root", ROOT_CERTIFICATES)
def test_root_certificates(server: LoginServer, authority: Authority, folder: Path, root: str) -> None:
    file = folder / f"{root}.crt"
    if root != "missing":
        file.write_bytes(authority.own.pem if root == "right" else b"not a certificate\n")
    wrong = []
    for sslmode in ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"):
        parameters = {} if root == "none" else {"sslrootcert": str(file)}
        uri = server.uri("u_scram", server.password, sslmode=sslmode, **parameters)
        ours, psql = both(server, folder, uri)
        agree = ours.what == psql.what
        # Stricter: a file that does not hold what it should is never a reason to go on without TLS.
        stricter = sslmode in ("allow", "prefer") and root == "no certificate"
        if stricter != (not agree) or (stricter and ours.what != "out"):
            wrong.append(f"{uri}\n  ours: {ours}\n  psql: {psql}")
    assert not wrong, "\n".join(wrong)


def test_keys_of_certificates(server: LoginServer, authority: Authority, folder: Path) -> None:
    mine = authority.issue("u_cert")
    plain = mine.write(folder, "plain")
    locked = mine.write(folder, "locked", password=KEY_PASSWORD)
    open_to_all = mine.write(folder, "open", mode=0o644)
    writable = mine.write(folder, "writable", mode=0o620)
    other = authority.issue("u_cert").write(folder, "other")
    missing = {"sslcert": str(folder / "no.crt"), "sslkey": str(folder / "no.key")}

    def check(what: str, text: str, **parameters: str) -> None:
        uri = server.uri("u_cert", sslmode="require", **parameters)
        assert_both(server, folder, uri, what, text)

    check("in tls", "", **plain)
    check("in tls", "", **plain, sslpassword="not needed")
    check("in tls", "", **locked, sslpassword=KEY_PASSWORD)
    check("out", "configuration cannot use sslkey=", **locked, sslpassword="wrong")
    check("out", "configuration cannot use sslkey=", **locked)
    check("out", "chmod 0600", **open_to_all)
    check("out", "chmod 0600", **writable)
    check("out", "configuration cannot use sslkey=", **plain | {"sslkey": other["sslkey"]})
    check("out", missing["sslkey"], **plain | {"sslkey": missing["sslkey"]})
    check("out", "", **{"sslcert": plain["sslcert"]})
    check("out", "", **missing)
    # With the key alone, or its password alone, libpq has no certificate to show; to us it is a mistake to be told.
    check("out", "sslcert=FILE", sslkey=plain["sslkey"])
    check("out", "sslcert=FILE", sslpassword=KEY_PASSWORD)


def test_nobody_is_asked_for_the_password_of_a_key(server: LoginServer, authority: Authority, folder: Path) -> None:
    """On a terminal, where OpenSSL would ask by itself, and psql does."""
    locked = authority.issue("u_cert").write(folder, "asking", password=KEY_PASSWORD)
    uri = folder / "uri"
    uri.write_text(server.uri("u_cert", sslmode="require", **locked) + "\n")
    done = subprocess.run(
        ["script", "-qec", f"'{LOGIN_VERDICTS}' < '{uri}'", "/dev/null"],
        env=verdicts.environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.startswith("out configuration cannot use sslkey="), done
    assert len(done.stdout.splitlines()) == 1, done


def test_a_certificate_that_is_missing_is_a_mistake(server: LoginServer, authority: Authority, folder: Path) -> None:
    """Stricter: libpq shows none then, and where none is needed it gets in."""
    missing = {"sslcert": str(folder / "no.crt"), "sslkey": authority.issue("x").write(folder, "x")["sslkey"]}
    ours, psql = both(server, folder, server.uri("u_scram", server.password, sslmode="require", **missing))
    assert psql.what == "in tls"
    assert ours.what == "out"
    assert missing["sslcert"] in ours.text, ours


def test_password_files(server: LoginServer, folder: Path) -> None:
    port, right = server.port, server.password

    def check(what: str, lines: str, *texts: str, mode: int = 0o600, password: str = "") -> None:
        file = folder / "pgpass"
        file.unlink(missing_ok=True)
        file.write_text(lines)
        file.chmod(mode)
        assert_both(server, folder, server.uri("u_scram", password, passfile=str(file)), what, *texts)

    check("in tls", f"localhost:{port}:postgres:u_scram:{right}\n")
    check("in tls", f"localhost:{port}:postgres:u_scram:{right}")
    check("in tls", f"# of the tests\n\n*:*:*:*:{right}\r\n")
    check("in tls", f"elsewhere:{port}:postgres:u_scram:wrong\nlocalhost:*:*:u_scram:{right}\n")
    check("in tls", f"localhost:{port}:postgres:u_s\\cram:{right}\n")
    check("in tls", f"*:*:*:*:{right[:4]}\\{right[4:]}:what follows is not read\n")
    check("in tls", "*:*:*:*:wrong\n", password=right)
    check("out", "*:*:*:*:wrong\n*:*:*:*:" + right, "28P01")
    check("out", f"*:*:*:*:{right}\n", "28P01", password="wrong")
    for mode in (0o640, 0o644, 0o604, 0o620, 0o602):
        check("out", f"*:*:*:*:{right}\n", str(folder / "pgpass"), "chmod 0600", mode=mode)
    no_line = "has no line for this server"
    check("out", "", no_line)
    check("out", f"localhost:{port}:elsewhere:u_scram:{right}\n", no_line)
    check("out", f"localhost:{port}:postgres:somebody:{right}\n", no_line)
    check("out", f"127.0.0.1:{port}:postgres:u_scram:{right}\n", no_line)
    check("out", f"localhost:{port}:postgres:u_scram\n", no_line)
    check("out", f" *:*:*:*:{right}\n", no_line)
    check("out", f"**:*:*:*:{right}\n", no_line)
    (folder / "pgpass").unlink()
    (folder / "pgpass").mkdir()
    assert_both(server, folder, server.uri("u_scram", passfile=str(folder / "pgpass")), "out", "not a plain file")
