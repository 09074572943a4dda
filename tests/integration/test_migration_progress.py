"""A migration that lasts says what it does, and for whom it waits."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from support.database import Database, edit_url
from support.old_schema import fill_log, go_back_to
from support.places import BINARY
from support.scene import Scene
from support.tmux import Terminal, in_tmux
from support.waiting import wait_until

ROWS = 1_000_000
LOCK_LOG = "LOCK TABLE log IN SHARE ROW EXCLUSIVE MODE"
MIGRATION_LOCK = "SELECT pg_advisory_xact_lock(x'696e676573746f72'::bit(64)::bigint)"


@pytest.fixture
def old(scene: Scene) -> Scene:
    """As it was before `log` had its index."""
    assert scene.ingestor("migrate").code == 0
    go_back_to(scene.database, 2)
    return scene


@contextmanager
def migrate_in_tmux(scene: Scene, size: tuple[int, int] = (80, 24)) -> Iterator[Terminal]:
    environment = scene.ingestor.having(TERM="screen-256color").environment
    with in_tmux([str(BINARY), "migrate"], environment, scene.ingestor.folder, size) as terminal:
        yield terminal


@dataclass
class Holder:
    session: psycopg.Connection

    @property
    def pid(self) -> int:
        return self.session.info.backend_pid

    def let_go(self) -> None:
        self.session.rollback()


@contextmanager
def holding(database: Database, statement: str, application: str, as_superuser: bool = False) -> Iterator[Holder]:
    """Another session, of the same role or of a superuser, with this statement in an open transaction."""
    url = edit_url(database.cluster.superuser_url, database=database.name) if as_superuser else database.url
    with psycopg.connect(edit_url(url, application_name=application)) as other:
        other.execute(statement)
        yield Holder(other)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_who_holds_the_lock_is_named(old: Scene, size: tuple[int, int]) -> None:
    with holding(old.database, LOCK_LOG, "nightly-report") as other, migrate_in_tmux(old, size) as terminal:
        screen = terminal.wait_for("nightly-report")
        says = rf"^migrating 3/\d+: waiting \d+s for a lock on log, pid {other.pid} \(nightly-report\)$"
        assert re.search(says, screen, re.MULTILINE), screen
        other.let_go()
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()
        assert re.fullmatch(r"the schema is now at version \d+\n\[the command ended\]\n*", terminal.screen())


def test_in_a_pipe_a_warning_names_it(old: Scene) -> None:
    with holding(old.database, LOCK_LOG, "nightly-report") as other, old.ingestor.running("migrate") as migrating:
        migrating.wait_until("it says that it waits", lambda: "nightly-report" in migrating.output())
        says = (
            r'WARN  migration waits for a lock step=3 steps=\d+ name="time dimension of log" seconds=[\d.]+ '
            rf'table="log" held_by="pid {other.pid} \(nightly-report\)"'
        )
        assert re.search(says, migrating.output()), migrating.output()
        other.let_go()
        assert migrating.wait().code == 0


def test_replicas_wait_for_each_other_and_say_so(scene: Scene) -> None:
    """`once` and `run` too. Here the one that migrates is anybody who holds the lock."""
    with holding(scene.database, MIGRATION_LOCK, "replica-7") as other:
        with migrate_in_tmux(scene, (200, 50)) as terminal, scene.ingestor.running("once") as once:
            screen = terminal.wait_for("replica-7")
            # Who came second waits for the first, too.
            says = rf"^migrating: waiting \d+s for another migration, .*pid {other.pid} \(replica-7\)"
            assert re.search(says, screen, re.MULTILINE), screen
            once.wait_until("it says so too", lambda: "migration waits for another" in once.output())
            other.let_go()
            assert terminal.wait_for_end() == 0
            terminal.assert_sane()
            assert once.wait().code == 0


def test_an_index_of_a_large_table_shows_how_far_it_is(old: Scene) -> None:
    fill_log(old.database, ROWS)
    old.database.execute(f'ALTER DATABASE "{old.database.name}" SET max_parallel_maintenance_workers TO 0')
    with migrate_in_tmux(old) as terminal:
        with slowed_down(old.database):
            seen = terminal.wait_for(re.compile(r"%.*index on log, \w+ \w+ ").search)
        shown = r"^\[=*> *\] \d+%  migrating 3/\d+: index on log, [a-z ]+  \d+s$"
        assert re.search(shown, seen, re.MULTILINE), seen
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()
    assert old.database.value("SELECT count(*) FROM pg_indexes WHERE indexname = 'log_timestamp_idx'") == 1


@contextmanager
def slowed_down(database: Database) -> Iterator[None]:
    """The server's process that builds an index works one part in thirty of the time. (Were it stopped for good, it
    might hold a lock that every session needs for a moment.)"""
    building = "SELECT pid FROM pg_stat_progress_create_index WHERE datname = current_database()"
    ((pid,),) = wait_until("an index is being built", lambda: database.rows(building), interval=0.002)
    over = threading.Event()

    def slow_down() -> None:
        while not over.is_set():
            os.kill(pid, signal.SIGSTOP)
            over.wait(0.03)
            os.kill(pid, signal.SIGCONT)
            over.wait(0.001)

    slowing = threading.Thread(target=slow_down)
    slowing.start()
    try:
        yield
    finally:
        over.set()
        slowing.join()


def test_ctrl_c_while_it_waits(old: Scene) -> None:
    with holding(old.database, LOCK_LOG, "nightly-report"), migrate_in_tmux(old) as terminal:
        terminal.wait_for("nightly-report")
        terminal.keys("C-c")
        assert terminal.wait_for_end() == 130
        terminal.assert_sane()
        assert "migrating" not in terminal.history(), terminal.history()
        assert old.database.value("SELECT max(version) FROM ingestor_migration") == 2


def test_without_a_second_connection_it_tells_the_time(old: Scene) -> None:
    role = old.database.cluster.role
    only_the_time = re.compile(r"^migrating 3/\d+: time dimension of log  \ds$", re.MULTILINE)
    old.database.execute(f"ALTER ROLE {role} CONNECTION LIMIT 1")
    try:
        with holding(old.database, LOCK_LOG, "psql", as_superuser=True) as other, migrate_in_tmux(old) as terminal:
            terminal.wait_for(only_the_time.search)
            other.let_go()
            assert terminal.wait_for_end() == 0
            terminal.assert_sane()
    finally:
        old.database.execute(f"ALTER ROLE {role} CONNECTION LIMIT -1")
