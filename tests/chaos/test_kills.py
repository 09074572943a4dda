"""One of three replicas dies, at any moment of its work: another takes its files over, and each line lands once."""

import random
import time
from collections.abc import Callable

from support.arrivals import Arrivals
from support.exactly_once import assert_all_completed, assert_exactly_once
from support.replicas import HASTE, pick, replicas
from support.scene import Scene

NAMES = ("one", "two", "three")
SHARE_AIMED = 0.7  # of the kills; the others hit whoever chance names, which may have nothing to do


def test_kills_at_random_moments(
    scene: Scene, chance: random.Random, times: Callable[[int, int], int]
) -> None:
    kills = times(4, 200)
    kills_of_holders = 0
    arrivals = Arrivals(scene.bucket.put_all, chance)
    scene.migrate_and_put({})
    began = time.monotonic()
    with replicas(dict.fromkeys(NAMES, scene.ingestor.having(**HASTE))) as three:
        for n in range(kills):
            arrivals.put(small=chance.randrange(10, 30), large=int(n % 4 == 0))
            aimed, which, pause = chance.random(), chance.random(), chance.uniform(0.0, 0.1)
            candidates = three.at_work(scene.database) if aimed < SHARE_AIMED else []
            victim = pick(candidates or NAMES, which)
            time.sleep(pause)
            three.kill(victim)
            kills_of_holders += three.held_by(scene.database, victim) > 0
            assert_exactly_once(scene.database, arrivals.lines)
            three.start(victim)
        three.wait_until(
            "all is completed", lambda: scene.database.is_completed(*arrivals.lines), limit=120
        )
        three.stop_all()
    assert_all_completed(scene.database, arrivals.lines)
    print(  # noqa: T201 - the figures of a run
        f"{kills} kills, {kills_of_holders} of them of replicas that held files; {len(arrivals.lines)} files, "
        f"{scene.database.count('log')} rows; {times_taken_over(scene)} times taken over; "
        f"{time.monotonic() - began:.0f} s"
    )
    assert kills_of_holders >= kills // 8, "most kills met replicas with nothing to do: this showed little"


def times_taken_over(scene: Scene) -> object:
    return scene.database.value(
        "SELECT count(*) FROM judge.transition WHERE before = 'processing' AND after = 'pending'"
    )
