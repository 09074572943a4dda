"""The database server has no room: on its disk, or for another connection."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from support.database import Database
from support.load import RssLimit, most_claims, trouble_of, under_load
from support.own_server import OwnServer, small_disk
from support.scene import Scene

REPLICAS = 3
POOLS = 2  # of connections, of each replica: for rows, and for everything short
DISK_MIB = 192  # more than all rows, those of the transactions that failed among them
SETTLING_SECONDS = 1.0  # for loads that had the last of the space already
NO_SPACE = "could not extend file .*No space left on device"
NO_CONNECTION = "too many connections for role"


def test_the_disk_of_the_log_is_full(
    own_postgres: OwnServer, own_scene: Scene, kind: str, times: Callable[[int, int], int], rss_limit: RssLimit
) -> None:
    seconds = times(1, 30)
    said = own_postgres.said(NO_SPACE)
    with small_disk(own_postgres, DISK_MIB) as disk, under_load(own_scene, kind) as load:
        disk.take_log(load.database)
        load.put_more()
        load.await_(lambda: load.database.count("log") > 0, "some rows are there")
        with disk.full():
            load.put_more()
            own_postgres.await_saying(NO_SPACE, more_than=said)
            load.await_trouble()
            time.sleep(SETTLING_SECONDS)
            claims, stretches = load.claims(), load.stretches()
            time.sleep(seconds)
            load.check()
            assert load.claims() - claims <= most_claims(REPLICAS, seconds), load.told()
            if kind == "large files":  # small ones find room in what is left of the pages of those that failed
                assert max(load.stretches()) <= max(1, *stretches), load.told()
        load.check()
        ended = load.finish()
    assert any("53100" in error for done in ended for error in trouble_of(done.stderr).errors), ended
    rss_limit(kind, ended)


@contextmanager
def connections_limited_to(database: Database, count: int) -> Iterator[None]:
    """For all replicas together; the sessions that are there end."""
    limit = f"ALTER ROLE {database.cluster.role} CONNECTION LIMIT "
    database.execute(limit + str(count))
    database.disconnect_role()
    try:
        yield
    finally:
        database.execute(limit + "-1")


@pytest.mark.slow  # some 15 s however short it is: the pauses between attempts to connect grow to 10 s
def test_no_connection_is_to_be_had(
    own_postgres: OwnServer, own_scene: Scene, kind: str, times: Callable[[int, int], int], rss_limit: RssLimit
) -> None:
    seconds = times(1, 30)
    with under_load(own_scene, kind) as load:
        load.put_more()
        load.await_work()
        with connections_limited_to(load.database, 0):
            load.put_more()
            load.await_trouble(replicas=REPLICAS)
            said = own_postgres.said(NO_CONNECTION)
            time.sleep(seconds)
            # Each pool tries again after a pause that doubles from 0.1 s to 10 s.
            assert 0 < own_postgres.said(NO_CONNECTION) - said <= REPLICAS * POOLS * (8 + seconds / 5)
            load.check()
        ended = load.finish()
    # One for each of its pools at most: each pauses up to 10 s and so finds out by itself that it is over.
    assert all(1 <= trouble_of(done.stderr).stretches() <= POOLS for done in ended), ended
    rss_limit(kind, ended)


def test_fewer_connections_than_are_wanted(
    own_scene: Scene, kind: str, times: Callable[[int, int], int], rss_limit: RssLimit
) -> None:
    """Some get one, some do not: no file may fall between them."""
    with under_load(own_scene, kind) as load:
        load.put_more()
        load.await_work()
        with connections_limited_to(load.database, REPLICAS * 2):
            load.await_trouble()
            for _ in range(times(1, 5)):
                load.put_more()
                time.sleep(times(1, 5))
                load.check()
        ended = load.finish()
    rss_limit(kind, ended)
