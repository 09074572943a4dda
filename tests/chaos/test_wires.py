"""The wire to PostgreSQL breaks at any message of a whole ingestion."""

import json
import queue
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from support.database import Cluster, edit_url
from support.exactly_once import assert_all_completed, assert_exactly_once
from support.ingestor import Finished, Ingestor
from support.loads import LOADS, Load, assert_all_there, groups_of_small_files, is_all_there
from support.scene import Scene, make_scene
from support.store import Store
from support.waiting import wait_until
from support.wire import Fault, Message, Point, What, Where, Wire, wired

AT_ONCE = 3  # runs, each with a database of its own
UNREACHABLE = 3  # what `once` says when it did not come to the database at its start
ALIKE_MAX = 3  # of a long run of messages of one kind, so many are taken
TRIES = 3  # to reach a message: not every run has as many
READ_BACK = b"select id, claim_token, status::text from seen"


@pytest.fixture(params=LOADS.values(), ids=LOADS.keys())
def load(request: pytest.FixtureRequest) -> Load:
    return request.param()


@dataclass(frozen=True)
class Run:
    """One `once` over a wire, and how it ended."""

    wire: Wire
    done: Finished

    def __str__(self) -> str:
        return f"{self.wire.fault or 'nothing broken'}: {self.wire.hit or 'never reached'}\n{self.done}"


def run_over(scene: Scene, fault: Fault | None) -> Run:
    with wired(scene.database.url, fault) as wire:
        return Run(wire, ingestor_over(scene, wire)("once"))


def ingestor_over(scene: Scene, wire: Wire) -> Ingestor:
    url = edit_url(scene.database.url, port=wire.port, sslmode="disable")
    return scene.ingestor.having(DATABASE_URL=url, INGESTOR_DB_POOL_SIZE="1", INGESTOR_BATCH_SIZE="8")


@pytest.fixture
def scenes(
    postgres: Cluster, store: Store, new_folder: Callable[[], Path], load: Load
) -> Iterator[list[Scene]]:
    """Several to play in at once, each with the objects in it and the schema made."""
    with ExitStack() as stack:
        made = [stack.enter_context(make_scene(postgres, store, new_folder())) for _ in range(AT_ONCE)]
        for scene in made:
            scene.migrate_and_put(load.contents)
        yield made


def in_each(scenes: list[Scene], play: Callable[[Scene, Fault], None], faults: list[Fault]) -> None:
    """Every fault in one of the scenes; ends at the first that fails."""
    left: queue.SimpleQueue[Fault] = queue.SimpleQueue()
    for fault in faults:
        left.put(fault)
    failed = threading.Event()

    def play_in(scene: Scene) -> None:
        while not failed.is_set():
            try:
                play(scene, left.get_nowait())
            except queue.Empty:
                return
            except BaseException:
                failed.set()
                raise

    with ThreadPoolExecutor(len(scenes)) as pool:
        for played in [pool.submit(play_in, scene) for scene in scenes]:
            played.result()


def interesting(messages: list[Message], chance: random.Random) -> list[Message]:
    """All of them, but of each long run of one kind (CopyData, the parameters at a login) only a few; which, is left
    to chance."""
    by_connection = sorted(messages, key=lambda message: (message.connection, message.number))
    chosen: list[Message] = []
    for _, alike in groupby(by_connection, lambda message: (message.connection, message.of_client, message.type)):
        run = list(alike)
        chosen += run if len(run) <= ALIKE_MAX else chance.sample(run, ALIKE_MAX)
    return sorted(chosen, key=lambda message: message.number)


def cuts_of(messages: list[Message], chance: random.Random) -> list[Fault]:
    """In the middle and behind each message; and before those that answer, as what they answer has been done then."""
    faults = []
    previous: dict[int, bool] = {}
    for message in interesting(messages, chance):
        if previous.get(message.connection) is not message.of_client:
            faults.append(Fault(message.number, Where.BEFORE))
        previous[message.connection] = message.of_client
        faults += [Fault(message.number, Where.MIDDLE), Fault(message.number, Where.AFTER)]
    return faults


def test_the_wire_is_cut_at_every_message(
    scenes: list[Scene], load: Load, chance: random.Random, times: Callable[[int, int], int]
) -> None:
    """Whatever was lost: nothing is there twice, no file is blamed, and `once` ends with everything done."""
    began = time.monotonic()
    undisturbed = run_over(scenes[0], None)
    assert undisturbed.done.code == load.exit_code, undisturbed
    assert_all_there(scenes[0], load)
    faults = cuts_of(undisturbed.wire.messages, chance)
    wanted = times(8, len(faults))
    seen: Counter[str] = Counter()

    def play(scene: Scene, fault: Fault) -> None:
        for _ in range(TRIES):
            scene.start_anew()
            run = run_over(scene, fault)
            try:
                what = check_cut(scene, load, run)
            except AssertionError as failure:
                raise AssertionError(f"{run}\n{failure}") from failure
            if run.wire.hit is not None:
                break
        seen[what] += 1

    in_each(scenes, play, chance.sample(faults, wanted))
    print(f"{len(undisturbed.wire.messages)} messages, {wanted} of {len(faults)} cuts, {dict(seen)},", end=" ")
    print(f"{time.monotonic() - began:.0f} s")
    # The order in which connections are made differs a little from run to run.
    assert seen["never reached"] <= 0.02 * wanted + 1
    if wanted == len(faults):
        assert seen["COMMIT was lost"] > 0
        assert seen["COMMIT was done and its answer lost"] > 0


def check_cut(scene: Scene, load: Load, run: Run) -> str:
    """Says what the cut was to the files."""
    hit = run.wire.hit
    assert "processing" not in scene.database.statuses().values()
    assert_exactly_once(scene.database, load.lines)
    if run.done.code == UNREACHABLE and hit is not None and hit.connection == 1:
        # The first connection is that of the start, which asks whether the schema is there.
        assert "schema" in run.done.stderr or "cannot use the database" in run.done.stderr
        again = run_over(scene, None)
        assert again.done.code == load.exit_code, again
        assert_all_there(scene, load)
        return "at the start"
    assert run.done.code == load.exit_code
    assert_all_there(scene, load)
    if hit is None:
        return "never reached"
    if run.wire.hit_in_commit:
        assert run.wire.asked(READ_BACK) >= 1, "the outcome was not read back"
        returned = scene.database.transactions("processing -> pending")
        if hit.of_client and returned:
            return "COMMIT was overtaken"  # by whoever read back: it came too late, and did nothing
        assert returned == 0, "done, and begun again all the same"
        return "COMMIT was done and its answer lost"
    return "COMMIT was lost" if run.wire.asked(READ_BACK) > 0 else "elsewhere"


def test_a_commit_that_outlives_its_connection(scene: Scene) -> None:
    """The server is still at it when the outcome is asked for: the answer waits for it, and is the truth."""
    load = groups_of_small_files()
    scene.migrate_and_put(load.contents)
    scene.database.execute("""
        CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER dawdle AFTER UPDATE ON processed_file DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.status = 'failed') EXECUTE FUNCTION dawdle()""")

    def connect(to: tuple[str, int]) -> socket.socket:
        if wire.hit is not None:
            wait_until("the server is in COMMIT", lambda: is_dawdling() or scene.database.has_attempted("07-cut", 1))
        return socket.create_connection(to)

    def is_dawdling() -> bool:
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        return bool(scene.database.value(asleep))

    with wired(scene.database.url, Fault(Point.executing_commit, Where.AFTER), connect) as wire:
        done = ingestor_over(scene, wire).having(INGESTOR_BATCH_SIZE="100")("once", "--json")
    assert wire.asked(READ_BACK) == 1
    assert done.code == load.exit_code, done
    assert json.loads(done.stdout)["files"] == {"completed": len(load.lines), "failed": len(load.failed)}
    assert "released" not in done.stderr, done
    told = next(line for line in done.stderr.splitlines() if "file failed" in line)
    assert "the connection" not in told, "the file's own failure is told, not that of the wire"
    assert scene.database.transactions("processing -> pending") == 0
    assert_all_there(scene, load)


SILENT_POINTS = {
    "in COPY": (Point.copying, Where.MIDDLE),
    "behind COMMIT": (Point.committing, Where.AFTER),
    "before the answer to COMMIT": (Point.answering_commit, Where.BEFORE),
}


@pytest.mark.parametrize(("at", "where"), SILENT_POINTS.values(), ids=SILENT_POINTS.keys())
def test_a_silence_that_ends_costs_nothing(
    scene: Scene, load: Load, at: Callable[[Message], bool], where: Where, chance: random.Random
) -> None:
    """Shorter than every deadline: it is waited out, and what was begun goes on."""
    scene.migrate_and_put(load.contents)
    with wired(scene.database.url, Fault(at, where, What.SILENCE)) as wire:
        with ingestor_over(scene, wire).running("once") as once:
            once.wait_until("the wire is silent", lambda: wire.hit)
            time.sleep(chance.uniform(0.2, 1.5))
            assert_exactly_once(scene.database, load.lines)
            wire.hear_again()
            done = once.wait()
    assert done.code == load.exit_code, done
    assert_all_there(scene, load)
    assert wire.asked(READ_BACK) == 0
    assert scene.database.transactions("processing -> pending") == 0
    assert "trouble" not in done.stderr, done


@pytest.mark.slow
@pytest.mark.parametrize(("at", "where"), SILENT_POINTS.values(), ids=SILENT_POINTS.keys())
def test_a_silence_without_end(scene: Scene, load: Load, at: Callable[[Message], bool], where: Where) -> None:
    """The old connections say nothing any more, new ones work. Another replica takes over after the lease; the one
    that was stuck comes back to life by its own deadlines."""
    scene.migrate_and_put(load.contents)
    quick = {"INGESTOR_LEASE": "2s", "INGESTOR_POLL_INTERVAL": "1s", "INGESTOR_RETRY_BACKOFF": "1h"}
    other = scene.ingestor.having(**quick)
    with wired(scene.database.url, Fault(at, where, What.SILENCE)) as wire:
        with ingestor_over(scene, wire).having(**quick).running() as stuck:
            stuck.wait_until("the wire is silent", lambda: wire.hit)
            began = time.monotonic()
            with other.running() as heir:
                heir.wait_until("all is taken over", lambda: is_all_there(scene, load))
                taken_over = time.monotonic() - began
                assert_all_there(scene, load)
                assert heir.stop().code == 0
            scene.bucket.put("later", load.contents["large" if "large" in load.contents else "00"])
            stuck.wait_until("it works again", lambda: scene.database.statuses().get("later") == "completed", limit=200)
            print(f"taken over after {taken_over:.1f} s, back to life after {time.monotonic() - began:.1f} s")
            assert stuck.stop().code == 0
    lines = load.lines | {"later": load.lines["large" if "large" in load.lines else "00"]}
    assert_all_completed(scene.database, lines, load.failed)
