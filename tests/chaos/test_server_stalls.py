"""The database server freezes in the middle of everything: nothing answers, nothing is closed."""

import random
import time
from collections.abc import Callable

from support.load import RssLimit, trouble_of, under_load
from support.own_server import OwnServer
from support.scene import Scene

BUSY_SECONDS_MAX = 0.4


def test_a_server_that_freezes_in_mid_copy(
    own_postgres: OwnServer, own_scene: Scene, kind: str, times: Callable[[int, int], int], rss_limit: RssLimit
) -> None:
    with under_load(own_scene, kind) as load:
        load.put_more()
        with load.database.log_locked():
            load.await_(load.database.is_copying, "a COPY has begun")
            load.put_more()
            with own_postgres.frozen():
                time.sleep(times(3, 30))
                assert all(replica.running() for replica in load.replicas)
        load.check()
        ended = load.finish()
    rss_limit(kind, ended)


def test_a_server_that_freezes_at_random_moments(
    own_postgres: OwnServer,
    own_scene: Scene,
    kind: str,
    chance: random.Random,
    times: Callable[[int, int], int],
    rss_limit: RssLimit,
) -> None:
    with under_load(own_scene, kind) as load:
        for _ in range(times(1, 10)):
            load.be_busy(chance, BUSY_SECONDS_MAX)
            with own_postgres.frozen():
                time.sleep(chance.uniform(0.1, times(2, 7)))
            load.check()
        ended = load.finish()
    rss_limit(kind, ended)


def test_a_stall_within_the_deadlines_is_no_trouble(own_postgres: OwnServer, own_scene: Scene, kind: str) -> None:
    """It is waited for, and nobody is told."""
    with under_load(own_scene, kind, INGESTOR_LEASE="30s") as load:
        load.put_more()
        load.await_work()
        with own_postgres.frozen():
            time.sleep(1.0)  # a probe waits for 3 s
        load.check()
        ended = load.finish()
    assert [trouble_of(done.stderr).told for done in ended] == [[], [], []], ended
