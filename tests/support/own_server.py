"""A PostgreSQL server that belongs to one test, which may do to it what would disturb all others: crash it, stop its
processes, put a standby in its place, fill its disk."""

import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from .database import Cluster, Database, edit_url
from .forwarding import Forwarder, forwarded
from .servers import start_server, throwaway_server
from .waiting import wait_until

MIB = 1024 * 1024


class Logging:
    """What a server has written into its log."""

    directory: Path

    def said(self, words: str) -> int:
        """How often so far."""
        return len(re.findall(words, (self.directory / "log").read_text(errors="replace")))

    def await_saying(self, words: str, more_than: int = 0) -> None:
        wait_until(f"the server's log says {words} again", lambda: self.said(words) > more_than)


class OwnServer(Logging):
    """Everybody, the test included, reaches it by the address of a forwarder, so that another can take its place."""

    def __init__(self, values: dict[str, str], wire: Forwarder) -> None:
        self.directory = Path(values["DIRECTORY"])
        self.port = urlsplit(values["DATABASE_URL"]).port
        self.wire = wire
        self._url = values["SUPERUSER_URL"]
        at_wire = {
            name: edit_url(values[name], host="127.0.0.1", port=wire.port)
            for name in ("DATABASE_URL", "SUPERUSER_URL")
        }
        self.cluster = Cluster(at_wire)
        with self.cluster.admin() as admin:
            # A commit is in the system's hands before it is acknowledged, so that a crash of the server, unlike one
            # of the machine, loses none.
            admin.execute(f"ALTER ROLE {self.cluster.role} SET synchronous_commit = on")
            admin.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = on")

    def crash(self, database: Database) -> None:
        """Ends as after kill -9, starts again, and has recovered when this returns."""
        start_server("postgres", self.directory, "--immediate", action="restart")
        database.reconnect()

    def kill(self) -> None:
        """As kill -9 would, and it stays away."""
        start_server("postgres", self.directory, "--immediate", action="stop")

    def start(self) -> None:
        start_server("postgres", self.directory)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Not one of its processes runs; its sockets stay open, and the system goes on to accept connections."""
        postmaster = self._postmaster()
        os.kill(postmaster, signal.SIGSTOP)  # first, so that it has no more children after this
        children = _children(postmaster)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in (*children, postmaster):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    @contextmanager
    def standby(self) -> Iterator["OwnStandby"]:
        """Another server that follows this one; what is committed here is there before it is acknowledged."""
        with throwaway_server("postgres", "--standby-of", str(self.directory)) as values:
            self._wait_for_standbys("*")
            try:
                yield OwnStandby(self, values)
            finally:
                self._wait_for_standbys("")

    def _wait_for_standbys(self, names: str) -> None:
        """From now on each commit waits for these. Says so to this server, whoever has its address."""
        with psycopg.connect(self._url, autocommit=True) as admin:
            admin.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
            admin.execute("SELECT pg_reload_conf()")
            show = "SHOW synchronous_standby_names"
            wait_until("the server knows", lambda: admin.execute(show).fetchone() == (names,))

    def _postmaster(self) -> int:
        return int((self.directory / "pid").read_text().split()[0])


class OwnStandby(Logging):
    def __init__(self, primary: OwnServer, values: dict[str, str]) -> None:
        self._primary = primary
        self._port = int(urlsplit(values["DATABASE_URL"]).port or 0)
        self.directory = Path(values["DIRECTORY"])

    def promote(self, database: Database) -> None:
        """Becomes a primary; `database` must lead to it."""
        assert database.value("SELECT pg_promote(true, 30)")

    def take_the_address(self, database: Database) -> None:
        """It answers where the primary did; `database` sees it too from now on."""
        self._primary.wire.lead_to("127.0.0.1", self._port)
        database.reconnect()

    def give_the_address_back(self, database: Database) -> None:
        self._primary.wire.lead_to("127.0.0.1", int(self._primary.port or 0))
        database.reconnect()


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The second field is the name in brackets, which may hold anything; the fourth is the parent.
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


@contextmanager
def own_server() -> Iterator[OwnServer]:
    with throwaway_server("postgres") as values:
        port = int(urlsplit(values["DATABASE_URL"]).port or 0)
        with forwarded("127.0.0.1", port) as wire:
            yield OwnServer(values, wire)


class SmallDisk:
    """A file system of a few megabytes, as a tablespace."""

    def __init__(self, folder: Path, tablespace: str) -> None:
        self._ballast = folder / "ballast"
        self._tablespace = tablespace
        self._database: Database | None = None

    def take_log(self, database: Database) -> None:
        """The table `log` is on this disk from now on. What failed transactions leave there stays."""
        database.execute("ALTER TABLE log SET (autovacuum_enabled = off)")
        database.execute(f"ALTER TABLE log SET TABLESPACE {self._tablespace}")
        self._database = database

    def give_log_back(self) -> None:
        if self._database:
            self._database.execute("ALTER TABLE log SET TABLESPACE pg_default")

    @contextmanager
    def full(self) -> Iterator[None]:
        """To the last byte, with what is not the database's."""
        with self._ballast.open("wb", buffering=0) as ballast:
            with suppress(OSError):
                while True:
                    ballast.write(bytes(64 * 1024))
            try:
                yield
            finally:
                self._ballast.unlink()


@contextmanager
def small_disk(server: OwnServer, mib: int) -> Iterator[SmallDisk]:
    """Skips where nothing may be mounted."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("a small file system: only root may mount one")
    mounted = server.directory.parent / "small-disk"
    mounted.mkdir()
    owner = (server.directory / "data").stat()
    options = f"size={mib}m,mode=0755"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(mounted)], capture_output=True, text=True
    )
    if made.returncode != 0:
        mounted.rmdir()
        pytest.skip(f"a small file system: {made.stderr.strip()}")
    with ExitStack() as stack:
        stack.callback(mounted.rmdir)
        stack.callback(subprocess.run, ["umount", str(mounted)], check=True)
        (mounted / "tablespace").mkdir(mode=0o700)
        os.chown(mounted / "tablespace", owner.st_uid, owner.st_gid)
        name = "small_" + secrets.token_hex(4)
        admin = stack.enter_context(server.cluster.admin())
        admin.execute(f"CREATE TABLESPACE {name} LOCATION '{mounted / 'tablespace'}'")
        stack.callback(admin.execute, f"DROP TABLESPACE {name}")
        disk = SmallDisk(mounted, name)
        stack.callback(disk.give_log_back)
        yield disk
