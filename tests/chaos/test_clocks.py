"""Replicas whose clocks are years off, beside one that is right: leases are the database's time, so nothing changes."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from support.arrivals import LARGE, LARGE_LINES, Arrivals
from support.clocks import with_clock_off
from support.database import Cluster, Database
from support.exactly_once import assert_all_completed, assert_exactly_once
from support.ingestor import Ingestor
from support.replicas import HASTE, Replicas, pick, replicas
from support.scene import Scene, make_scene
from support.store import Store

LEASE = 1.0  # seconds, as in HASTE
LEASE_OFF_MAX = 60.0  # seconds; a slow machine is off by less, a wrong clock by years
YEARS = {"right": 0, "ahead": 5, "behind": -5}
NAMES = tuple(YEARS)
SHARE_PAUSED = 0.3  # of the events; the others are kills


@pytest.fixture
def scene(postgres: Cluster, localstack: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    """S3 that does not look at the date of a signature."""
    with make_scene(postgres, localstack, new_folder()) as made:
        yield made


def each_with_its_clock(scene: Scene) -> dict[str, Ingestor]:
    ingestor = scene.ingestor.having(**HASTE)
    return {name: with_clock_off(ingestor, f"{by:+}y") if by else ingestor for name, by in YEARS.items()}


def test_deaths_among_replicas_whose_clocks_are_years_off(
    scene: Scene, chance: random.Random, times: Callable[[int, int], int]
) -> None:
    arrivals = Arrivals(scene.bucket.put_all, chance)
    scene.migrate_and_put({})
    with replicas(each_with_its_clock(scene)) as three:
        for n in range(times(3, 40)):
            arrivals.put(small=chance.randrange(10, 30), large=int(n % 4 == 0))
            kind, which, pause = chance.random(), chance.random(), chance.uniform(0.0, 0.1)
            victim = pick(three.at_work(scene.database) or NAMES, which)
            time.sleep(pause)
            if kind < SHARE_PAUSED:
                stand_still(scene.database, three, victim)
            else:
                three.kill(victim)
                assert_exactly_once(scene.database, arrivals.lines)
                three.start(victim)
            assert_exactly_once(scene.database, arrivals.lines)
            assert_leases_are_in_the_databases_time(scene.database)
        three.wait_until("all is completed", lambda: scene.database.is_completed(*arrivals.lines), limit=120)
        three.wait_until("their logs show their clocks", lambda: years_shown(three) == YEARS)
        three.stop_all()
    assert_all_completed(scene.database, arrivals.lines)


def years_shown(three: Replicas) -> dict[str, int]:
    """How far the first line of each log is off."""
    dates = {name: three[name].output()[:4] or "0" for name in NAMES}
    return {name: int(year) - datetime.now().year for name, year in dates.items()}


def stand_still(database: Database, three: Replicas, name: str) -> None:
    """Until the others have taken over what it held."""
    three[name].send(signal.SIGSTOP)
    three.wait_until("its files are taken over", lambda: three.held_by(database, name) == 0, limit=20)
    three[name].send(signal.SIGCONT)


def assert_leases_are_in_the_databases_time(database: Database) -> None:
    """Of those that run now, and as they were when they were claimed."""
    off = database.rows(
        "SELECT lease_owner, seconds FROM ("
        "  SELECT lease_owner, extract(epoch FROM lease_expires_at - clock_timestamp()) FROM processed_file"
        "  UNION ALL SELECT lease_owner, extract(epoch FROM lease_expires_at - happened_at) FROM judge.transition"
        ") lease (lease_owner, seconds) WHERE abs(seconds) > %s",
        LEASE_OFF_MAX,
    )
    assert off == [], f"leases that end in so many seconds: {off[:10]}"


def test_a_lease_is_kept_and_respected_whatever_the_clocks_say(
    scene: Scene, chance: random.Random, times: Callable[[int, int], int]
) -> None:
    """Held up for longer than two leases, the holder keeps its file."""
    holders = [*chance.sample(("ahead", "behind"), k=2), "right"][: times(1, 3)]
    scene.migrate_and_put({})
    ingestors = each_with_its_clock(scene)
    lines = {}
    for holder in holders:
        lines[holder] = LARGE_LINES
        scene.bucket.put(holder, LARGE)
        with scene.database.log_locked(), replicas({holder: ingestors[holder]}) as some:
            some.wait_until("a COPY has begun", scene.database.is_copying)
            with replicas({name: ingestors[name] for name in NAMES if name != holder}) as others:
                time.sleep(3 * LEASE)
                assert_leases_are_in_the_databases_time(scene.database)
                others.stop_all()
            assert some.held_by(scene.database, holder) == 1
            some.kill(holder)
        assert scene.database.changes(holder) == ["pending", "processing"]
        with replicas({name: ingestors[name] for name in NAMES if name != holder}) as heirs:
            heirs.wait_until("it is taken over", lambda: scene.database.is_completed(*lines), limit=20)
            heirs.stop_all()
        assert_exactly_once(scene.database, lines)
    assert_all_completed(scene.database, lines)
