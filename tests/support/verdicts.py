"""Whether connection URIs lead into a server: in our judgement, in that of psql, and in that of the libpq that psycopg
brings, which is newer than psql's."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from psycopg import pq

from .places import LOGIN_VERDICTS

SECONDS_MAX = 120
PSQLS = 2 * (os.cpu_count() or 1)  # they wait for the server, too
PSQL_NOT_CONNECTED = 2
ASK = "select case when ssl then 'in tls' else 'in plain' end from pg_stat_ssl where pid = pg_backend_pid();"


class Verdict(NamedTuple):
    what: str  # "in tls", "in plain" or "out"
    text: str  # why

    def __str__(self) -> str:
        return f"{self.what} {self.text}".strip()


def environment(home: Path) -> dict[str, str]:
    """Nothing of what libpq would find in the environment or the home of whoever runs the tests."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "detect_leaks=0"}


def ours(uris: list[str], home: Path) -> list[Verdict]:
    done = subprocess.run(
        [LOGIN_VERDICTS],
        input="".join(uri + "\n" for uri in uris),
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(uris), done.stdout
    unclear = [line for line in lines if line.startswith(("out timeout", "out protocol"))]
    assert not unclear, unclear
    return [Verdict("out", line[4:]) if line.startswith("out ") else Verdict(line, "") for line in lines]


def psql(command: str, uris: list[str], home: Path) -> list[Verdict]:
    """A process for each: one that goes from server to server ends when the first does not let it in."""

    def one(uri: str) -> Verdict:
        done = subprocess.run(
            [command, "-XAtqw", uri, "-c", ASK],
            stdin=subprocess.DEVNULL,
            env=environment(home),
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
        )
        if done.returncode == 0:
            return Verdict(done.stdout.strip(), "")
        assert done.returncode == PSQL_NOT_CONNECTED, f"{uri}: {done.stderr}"
        return Verdict("out", " ".join(done.stderr.split()))

    with ThreadPoolExecutor(PSQLS) as pool:
        return list(pool.map(one, uris))


def libpq(uris: list[str]) -> list[Verdict]:
    """The newer one. It sees this process's environment and home."""
    return [one_libpq(uri) for uri in uris]


def one_libpq(uri: str) -> Verdict:
    connection = pq.PGconn.connect(uri.encode())
    try:
        if connection.status != pq.ConnStatus.OK:
            return Verdict("out", " ".join(connection.error_message.decode(errors="replace").split()))
        answer = connection.exec_(ASK.encode()).get_value(0, 0)
        return Verdict((answer or b"").decode(), "")
    finally:
        connection.finish()
