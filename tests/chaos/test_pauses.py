"""A replica stands still past its lease, at chosen points of its work. Another one finishes the file meanwhile; the
first one wakes up, writes nothing, says so, and goes on."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from support import objects
from support.arrivals import LARGE, LARGE_LINES
from support.database import edit_url
from support.exactly_once import assert_all_completed, assert_exactly_once
from support.holding import HoldingForwarder, holding_forwarder
from support.ingestor import Ingestor, Process
from support.replicas import HASTE, held_by, is_stopped
from support.scene import Scene

# Well below the 30 s after which the server ends a transaction that does nothing (ingest/load_transaction.cpp).
TAKEN_OVER_WITHIN = 20.0
SMALL_FILES = 10  # one group
SMALL_LINES = 200

# What the last COPY data of a table is followed by: the trailer, and CopyDone.
END_OF_COPY = b"\xff\xffc\x00\x00\x00\x04"
COMPLETE = b"set status = 'completed'"

Reached = Callable[[], bool]


@dataclass
class Stage:
    """A sleeper whose wires can be stopped, and an heir with wires of its own."""

    scene: Scene
    to_s3: HoldingForwarder
    to_database: HoldingForwarder
    sleeper: Ingestor
    heir: Ingestor
    lines: dict[str, int] = field(default_factory=dict)


@pytest.fixture
def stage(scene: Scene) -> Iterator[Stage]:
    s3, server = urlsplit(scene.bucket.store.endpoint), urlsplit(scene.database.url)
    scene.migrate_and_put({})
    with (
        holding_forwarder(str(s3.hostname), int(s3.port or 80)) as to_s3,
        holding_forwarder(str(server.hostname), int(server.port or 5432)) as to_database,
    ):
        quick = scene.ingestor.having(**HASTE | {"INGESTOR_DB_POOL_SIZE": "1", "INGESTOR_BATCH_SIZE": "1000"})
        sleeper = quick.having(
            INGESTOR_REPLICA="sleeper",
            AWS_ENDPOINT=f"http://127.0.0.1:{to_s3.port}",
            DATABASE_URL=edit_url(scene.database.url, host="127.0.0.1", port=to_database.port),
        )
        yield Stage(scene, to_s3, to_database, sleeper, quick.having(INGESTOR_REPLICA="heir", LOG_LEVEL="debug"))


@contextmanager
def in_the_get(stage: Stage, keys: list[str]) -> Iterator[Reached]:
    """In the middle of a body."""
    key = keys[len(keys) // 2]
    half = (len(LARGE) if stage.lines[key] == LARGE_LINES else SMALL_LINES * 70) // 2
    text = f"GET /{stage.scene.bucket.name}/{key}".encode()
    with stage.to_s3.holding(text, after=half, of_answers=True) as hold:
        yield hold.reached


@contextmanager
def before_the_copy_begins(stage: Stage, keys: list[str]) -> Iterator[Reached]:
    """The server waits for a lock."""
    with stage.scene.database.log_locked():
        yield stage.scene.database.is_copying


@contextmanager
def in_the_copy(stage: Stage, keys: list[str]) -> Iterator[Reached]:
    """The server has a part of one: of a large file's second one."""
    with stage.to_database.holding(b"copy log (", after=6_000_000 if len(keys) == 1 else 100_000) as hold:
        yield hold.reached


@contextmanager
def after_the_copy(stage: Stage, keys: list[str]) -> Iterator[Reached]:
    """The server has all of it and says so."""
    with stage.to_database.holding(END_OF_COPY, of_answers=True) as hold:
        yield hold.reached


@contextmanager
def before_the_commit(stage: Stage, keys: list[str]) -> Iterator[Reached]:
    """It is sent, and the server has not heard it."""
    with stage.to_database.holding(COMPLETE) as hold:
        yield hold.reached


@contextmanager
def in_the_last_write(stage: Stage, keys: list[str]) -> Iterator[Reached]:
    """The server has done the statement before COMMIT, holds the file's row, and waits for the rest."""
    with stage.to_database.holding(b"commit\x00") as hold:
        yield hold.reached


@contextmanager
def after_the_commit(stage: Stage, keys: list[str]) -> Iterator[Reached]:
    """It is made, and the replica has not heard it."""
    with stage.to_database.holding(COMPLETE, of_answers=True) as hold:
        yield hold.reached


POINTS = (
    in_the_get,
    before_the_copy_begins,
    in_the_copy,
    after_the_copy,
    before_the_commit,
    in_the_last_write,
    after_the_commit,
)
Point = Callable[[Stage, list[str]], AbstractContextManager[Reached]]


EPISODES = [(point, is_large) for point in POINTS for is_large in (True, False)]
# A user's: rows that are not committed yet hold up those who would add the same ones, which are the heirs.
UNIQUE_INDEX = "CREATE UNIQUE INDEX a_users_own ON log (id, timestamp)"


@pytest.mark.parametrize("index", [None, UNIQUE_INDEX], ids=["as the schema is", "with a unique index"])
def test_a_replica_that_stood_still_past_its_lease(
    stage: Stage, chance: random.Random, times: Callable[[int, int], int], index: str | None
) -> None:
    if index:
        stage.scene.database.execute(index)
    episodes = chance.sample(EPISODES, k=times(1, len(EPISODES)))
    for n, (point, is_large) in enumerate(episodes):
        pause = chance.choice((0.0, 0.5))
        print(f"{n}: {point.__name__}, {is_large=}, {pause=}")  # noqa: T201 - shown where it fails
        contents = {f"{n:02}-large": LARGE} if is_large else small_files(n)
        stage.lines |= {key: body.count(b"\n") for key, body in contents.items()}
        stand_still(stage, point, contents, pause)
        assert_exactly_once(stage.scene.database, stage.lines)
    assert_all_completed(stage.scene.database, stage.lines)


def test_the_next_reader_dies_before_it_writes(stage: Stage) -> None:
    """What the first one left locked is not forgotten over the second."""
    database = stage.scene.database
    database.execute(UNIQUE_INDEX)
    stage.lines = {"large": LARGE_LINES}
    stage.scene.bucket.put("large", LARGE)
    with in_the_copy(stage, ["large"]) as reached, stage.sleeper.running() as first:
        first.wait_until("it has come to the point", reached)
        first.send(signal.SIGSTOP)
        ingestor = stage.heir.having(INGESTOR_REPLICA="second", AWS_ENDPOINT=f"http://127.0.0.1:{stage.to_s3.port}")
        with stage.to_s3.holding(b"/large", after=1_000_000, of_answers=True) as hold, ingestor.running() as second:
            second.wait_until("it reads", lambda: hold.reached() and held_by(database, "second") == 1)
            second.kill()
        assert_taken_over(stage, first)
        first.kill()
    assert_all_completed(database, stage.lines)


def small_files(n: int) -> dict[str, bytes]:
    return {
        f"{n:02}-small-{k}": objects.json_lines(SMALL_LINES, first=k * SMALL_LINES) for k in range(SMALL_FILES)
    }


def stand_still(stage: Stage, point: Point, contents: dict[str, bytes], pause: float) -> None:
    """`pause`: for how long what the wire held back goes on while the replica still stands."""
    database = stage.scene.database
    stage.scene.bucket.put_all(contents)  # before it runs, so that small ones are one group
    with ExitStack() as stack, ExitStack() as held:
        reached = held.enter_context(point(stage, list(contents)))
        sleeper = stack.enter_context(stage.sleeper.running())
        sleeper.wait_until("it has come to the point", reached)
        lost = held_by(database, "sleeper")
        assert lost == (0 if point is after_the_commit else len(contents))
        sleeper.send(signal.SIGSTOP)
        if point is before_the_copy_begins:
            held.close()  # under that lock nobody else can COPY either
        assert_taken_over(stage, sleeper)
        held.close()
        time.sleep(pause)
        sleeper.send(signal.SIGCONT)
        sleeper.wait_until("it has noticed", lambda: sleeper.output().count("lease lost") >= lost)
        assert_goes_on(stage, sleeper)
        done = sleeper.stop()
    assert done.code == 0, done
    assert done.stderr.count("lease lost") == lost, done
    way = ["pending", "processing"] * (2 if lost else 1) + ["completed"]
    assert {key: database.changes(key) for key in contents} == dict.fromkeys(contents, way)


def assert_taken_over(stage: Stage, sleeper: Process) -> None:
    with stage.heir.running() as heir:
        heir.wait_until("it has looked around", lambda: "discovery finished" in heir.output())
        heir.wait_until(
            "the heir has finished", lambda: stage.scene.database.is_completed(*stage.lines), TAKEN_OVER_WITHIN
        )
        assert is_stopped(sleeper), "it was to stand still all the time"
        assert_exactly_once(stage.scene.database, stage.lines)
        done = heir.stop()
        assert done.code == 0, done


def assert_goes_on(stage: Stage, sleeper: Process) -> None:
    key = f"{len(stage.lines):04}-next"
    stage.lines[key] = SMALL_LINES
    stage.scene.bucket.put(key, objects.json_lines(SMALL_LINES))
    sleeper.wait_until("it has done the next file", lambda: stage.scene.database.is_completed(*stage.lines))
