"""Replicas that die at any moment."""

import random
import time
from collections.abc import Callable

from support import objects
from support.exactly_once import assert_all_completed, assert_exactly_once
from support.scene import Scene

LINES_EACH = 50
FILES = 200


def test_kills_at_random_moments(
    scene: Scene, chance: random.Random, times: Callable[[int, int], int]
) -> None:
    contents = {f"{n:04}": objects.json_lines(LINES_EACH, first=LINES_EACH * n) for n in range(FILES)}
    lines = dict.fromkeys(contents, LINES_EACH)
    scene.migrate_and_put(contents)
    ingestor = scene.ingestor.having(
        INGESTOR_LEASE="1s", INGESTOR_POLL_INTERVAL="500ms", INGESTOR_BATCH_SIZE="5"
    )
    for _ in range(times(3, 200)):
        with ingestor.running() as victim:
            time.sleep(chance.uniform(0.0, 0.3))
            victim.kill()
        assert_exactly_once(scene.database, lines)
    with ingestor.running() as heir:
        heir.wait_until("all is completed", lambda: scene.database.is_completed(*contents))
        assert heir.stop().code == 0
    assert_all_completed(scene.database, lines)
