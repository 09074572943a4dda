"""Many replicas over many files: each file is claimed once, by one of them."""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack

from support import objects
from support.exactly_once import assert_all_completed, assert_exactly_once
from support.scene import Scene

LINES_EACH = 3

_CLAIMED_OTHERWISE = """
SELECT f.s3_key, array_agg(t.after || coalesce(' by ' || t.lease_owner, '') ORDER BY t.n), f.claim_token
FROM processed_file f LEFT JOIN judge.transition t ON t.file_id = f.id
GROUP BY f.id
HAVING array_agg(t.after ORDER BY t.n) IS DISTINCT FROM '{pending,processing,completed}' OR f.claim_token <> 1
LIMIT 10"""

_OWNERS = "SELECT count(DISTINCT lease_owner) FROM judge.transition WHERE after = 'processing'"


def test_no_file_is_claimed_by_two(scene: Scene, chance: random.Random, times: Callable[[int, int], int]) -> None:
    replicas, files = times(3, 10), times(600, 10_000)
    contents = {f"{n:05}": objects.json_lines(LINES_EACH, first=LINES_EACH * n) for n in range(files)}
    lines = dict.fromkeys(contents, LINES_EACH)
    scene.migrate_and_put(contents)
    # A lease that no slow machine lets run out: what is claimed again here was claimed by two.
    ingestor = scene.ingestor.having(INGESTOR_LEASE="10m", INGESTOR_POLL_INTERVAL="1s", INGESTOR_DB_POOL_SIZE="2")
    with ExitStack() as stack:
        started = []
        with scene.database.log_locked():  # until each has claimed something, and has looked for what others lost
            for n in range(replicas):
                one = ingestor.having(INGESTOR_REPLICA=f"r{n}", INGESTOR_BATCH_SIZE=str(chance.randint(1, 20)))
                started.append(stack.enter_context(one.running()))
            started[0].wait_until("all have claimed something", lambda: scene.database.value(_OWNERS) == replicas)
            time.sleep(chance.uniform(1.5, 3.0))
        watched = started[0]
        while not scene.database.is_completed(*contents):
            assert_exactly_once(scene.database, lines)
            before = scene.database.count("log")
            watched.wait_until("more is there", lambda seen=before: scene.database.count("log") > seen or is_done(scene))
        for service in started:
            assert service.stop().code == 0
    assert_all_completed(scene.database, lines)
    assert scene.database.rows(_CLAIMED_OTHERWISE) == [], "(key, what happened to it, claims)"


def is_done(scene: Scene) -> bool:
    return set(scene.database.statuses().values()) == {"completed"}
