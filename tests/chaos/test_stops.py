"""SIGTERM at any moment: exit 0 within the grace, no lease left behind. Readiness goes first; a second signal waits for
nothing."""

import random
import signal
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext

from support import objects
from support.arrivals import LARGE, LARGE_LINES, Arrivals
from support.exactly_once import assert_all_completed, assert_exactly_once
from support.ingestor import free_port
from support.replicas import HASTE, Replicas, pick, replicas
from support.scene import Scene

NAMES = ("one", "two", "three")
GRACE = 3.0  # seconds
PATIENCE = 10.0  # seconds more, for a busy machine
SHARE_STARTING = 0.2  # of the stops: of one that has just been started
SHARE_AIMED = 0.8  # of the others: of one that holds files at that moment
SHARE_HELD_UP = 0.1  # while no COPY can end within the grace
START_UP_SECONDS = 0.3
LOAD_SECONDS = 0.05  # less than what a group or a buffer takes


def test_stops_at_random_moments(
    scene: Scene, chance: random.Random, times: Callable[[int, int], int]
) -> None:
    stops = times(6, 200)
    met: Counter[str] = Counter()
    arrivals = Arrivals(scene.bucket.put_all, chance)
    scene.migrate_and_put({})
    began = time.monotonic()
    ingestor = scene.ingestor.having(**HASTE, INGESTOR_SHUTDOWN_GRACE=f"{GRACE:g}s", LOG_LEVEL="debug")
    with replicas(dict.fromkeys(NAMES, ingestor)) as three:
        last = NAMES[-1]
        for n in range(stops):
            is_starting, is_held_up = chance.random() < SHARE_STARTING, chance.random() < SHARE_HELD_UP
            is_aimed, which, moment = chance.random() < SHARE_AIMED, chance.random(), chance.random()
            with scene.database.log_locked() if is_held_up else nullcontext():
                if is_starting:
                    name = last
                    three.await_handler(name)
                    time.sleep(moment * START_UP_SECONDS)
                else:
                    arrivals.put(small=chance.randrange(10, 30), large=int(n % 4 == 0))
                    candidates = three.at_work(scene.database) if is_aimed else []
                    name = pick(candidates or NAMES, which)
                    time.sleep(moment * LOAD_SECONDS)
                met[what_it_does(scene, three, name)] += 1
                done = three.stop(name, limit=GRACE + PATIENCE)
            assert done.code == 0, done
            assert three.held_by(scene.database, name) == 0, f"a lease was left behind: {done}"
            assert "ingestor: " not in done.stderr, done
            assert_exactly_once(scene.database, arrivals.lines)
            three.start(name)
            last = name
        three.wait_until("all is completed", lambda: scene.database.is_completed(*arrivals.lines), limit=120)
        three.stop_all()
    assert_all_completed(scene.database, arrivals.lines)
    print(  # noqa: T201 - the figures of a run
        f"{stops} stops: {dict(met)}; {len(arrivals.lines)} files, {scene.database.count('log')} rows; "
        f"{time.monotonic() - began:.0f} s"
    )


def what_it_does(scene: Scene, three: Replicas, name: str) -> str:
    if "discovery finished" not in three[name].output():
        return "starts"
    return "holds files" if three.held_by(scene.database, name) else "holds nothing"


def test_readiness_goes_first_and_the_load_is_finished(scene: Scene) -> None:
    scene.migrate_and_put({"large": LARGE})
    listen = f"127.0.0.1:{free_port()}"
    ingestor = scene.ingestor.having(INGESTOR_HTTP_LISTEN=listen, INGESTOR_SHUTDOWN_GRACE="60s")
    with ingestor.running() as service:
        with scene.database.log_locked():
            service.wait_until("it is ready", lambda: status(f"http://{listen}/readyz") == 200)
            service.wait_until("a COPY has begun", scene.database.is_copying)
            service.send(signal.SIGTERM)
            service.wait_until("it is not ready", lambda: status(f"http://{listen}/readyz") == 503)
            assert status(f"http://{listen}/healthz") == 200
            assert service.running()
            assert scene.database.is_processing()
        done = service.wait()
    assert done.code == 0, done
    assert_all_completed(scene.database, {"large": LARGE_LINES})


def status(url: str) -> int | None:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        return answer.code
    except OSError:
        return None


def test_a_second_signal_waits_for_nothing(scene: Scene) -> None:
    """What it leaves behind is taken over, as after a kill."""
    small = {f"{n}": objects.json_lines(100, first=100 * n) for n in range(10)}
    scene.migrate_and_put({"large": LARGE} | small)
    hasty = scene.ingestor.having(**HASTE)
    with scene.database.log_locked(), hasty.having(INGESTOR_SHUTDOWN_GRACE="10m").running() as service:
        service.wait_until("a COPY has begun", scene.database.is_copying)
        service.send(signal.SIGTERM)
        service.wait_until("it is stopping", lambda: "stopping" in service.output())
        done = service.stop(signal.SIGTERM, limit=PATIENCE)
    assert done.code == 128 + signal.SIGTERM, done
    lines = {"large": LARGE_LINES} | dict.fromkeys(small, 100)
    assert_exactly_once(scene.database, lines)
    with hasty.running() as heir:
        heir.wait_until("all is completed", lambda: scene.database.is_completed(*lines))
        assert heir.stop().code == 0
    assert_all_completed(scene.database, lines)
