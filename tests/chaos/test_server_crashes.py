"""The database server crashes and recovers, again and again, while replicas write to it."""

import random
from collections.abc import Callable

from support.load import RssLimit, trouble_of, under_load
from support.own_server import OwnServer
from support.scene import Scene

BUSY_SECONDS_MAX = 0.6


def test_crashes_at_random_moments(
    own_postgres: OwnServer,
    own_scene: Scene,
    kind: str,
    chance: random.Random,
    times: Callable[[int, int], int],
    rss_limit: RssLimit,
) -> None:
    crashes = times(2, 20)
    with under_load(own_scene, kind) as load:
        for _ in range(crashes):
            load.be_busy(chance, BUSY_SECONDS_MAX)
            own_postgres.crash(load.database)
            load.check()
        ended = load.finish()
    for done in ended:
        assert trouble_of(done.stderr).stretches() <= crashes, done
    rss_limit(kind, ended)
