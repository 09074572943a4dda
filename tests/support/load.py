"""Replicas at work on files that a test gives them, round by round, and what must be true of them whatever happens to
the database."""

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from . import objects
from .exactly_once import assert_all_completed, assert_exactly_once
from .ingestor import Finished, Process
from .scene import Scene
from .waiting import wait_until

MIB = 1024 * 1024
# Of the replicas, after the end of any trouble: their longest pause is 10 s, the longest lease here 5 s.
RECOVERY_SECONDS_MAX = 40.0

# A large file fills three COPY buffers, and is large by its stored size too.
LARGE_LINES = 4_000
PADDING = "x" * 1_700
SMALL_FILES = 30
SMALL_LINES = 20
BATCH_SIZE = 5
FETCHERS = 2


def _large(first: int) -> dict[str, tuple[bytes, int]]:
    data = objects.json_lines(LARGE_LINES, first=first, context=PADDING)
    return {"/large": (objects.stored(data), LARGE_LINES)}


def _small(first: int) -> dict[str, tuple[bytes, int]]:
    return {
        f"/{n:02}": (objects.zipped(objects.json_lines(SMALL_LINES, first=first + n * SMALL_LINES)), SMALL_LINES)
        for n in range(SMALL_FILES)
    }


def _both(first: int) -> dict[str, tuple[bytes, int]]:
    return _large(first) | _small(first)


# By name: what a round is made of, as (bytes, rows) by the end of the key; its lines count from the argument.
KINDS: dict[str, Callable[[int], dict[str, tuple[bytes, int]]]] = {
    "large files": _large,
    "small files": _small,
    "both": _both,
}


@dataclass(frozen=True)
class Trouble:
    """What one replica told of its trouble with the database, in order."""

    told: list[str]  # "began", "ended"
    errors: list[str]

    def stretches(self) -> int:
        return self.told.count("began")


def trouble_of(output: str) -> Trouble:
    lines = [line for line in output.splitlines() if re.search('trouble (began|ended).*what="database"', line)]
    told = ["began" if "trouble began" in line else "ended" for line in lines]
    return Trouble(told, [line for line in lines if "trouble began" in line])


class Load:
    def __init__(self, scene: Scene, kind: str, replicas: list[Process]) -> None:
        self._scene = scene
        self._kind = kind
        self._rounds = 0
        self.database = scene.database
        self.replicas = replicas
        self.lines: dict[str, int] = {}

    def put_more(self) -> None:
        """One round of files: a large one, or six groups of small ones."""
        made = KINDS[self._kind](LARGE_LINES * self._rounds)
        named = {f"{self._rounds:03}{key}": what for key, what in made.items()}
        self._rounds += 1
        self.lines |= {key: lines for key, (_, lines) in named.items()}
        self._scene.bucket.put_all({key: data for key, (data, _) in named.items()})

    def be_busy(self, chance: random.Random, seconds_max: float) -> None:
        """One more round, and on to some moment of its first `seconds_max` of work."""
        self.put_more()
        self.await_work()
        time.sleep(chance.uniform(0.0, seconds_max))

    def undone(self) -> list[str]:
        """Files that are not completed, known to the ledger or not."""
        statuses = self.database.statuses()
        return [key for key in self.lines if statuses.get(key) != "completed"]

    def await_work(self) -> None:
        """Until files are being loaded, or all of them are by now: small ones may be done between two looks."""
        self.await_(lambda: self.database.is_processing() or not self.undone(), "files are being loaded")

    def await_(self, probe: Callable[[], object], what: str, limit: float = RECOVERY_SECONDS_MAX) -> None:
        def living_and_true() -> bool:
            for replica in self.replicas:
                assert replica.running(), f"a replica ended before {what}:\n{replica.output()[-4000:]}"
            return bool(probe())

        try:
            wait_until(what, living_and_true, limit, interval=0.02)
        except AssertionError as failure:
            failure.add_note(self.told())
            raise

    def await_trouble(self, replicas: int = 1) -> None:
        """Until so many replicas have told of trouble and wait for its end."""
        told = f"{replicas} replicas tell of trouble"
        self.await_(lambda: sum(is_in_trouble(each) for each in self.replicas) >= replicas, told)

    def await_peace(self) -> None:
        self.await_(lambda: not any(is_in_trouble(each) for each in self.replicas), "all trouble is over")

    def stretches(self) -> list[int]:
        """Of trouble with the database, that each replica has told to have begun so far."""
        return [trouble_of(replica.output()).stretches() for replica in self.replicas]

    def told(self) -> str:
        """What the replicas said of trouble and of the ends of files, for who reads why a test failed."""
        words = ("trouble", "completed", "released", "lost")
        return "\n".join(
            line[:160]
            for replica in self.replicas
            for line in ["---", *replica.output().splitlines()]
            if line == "---" or any(word in line for word in words)
        )

    def check(self) -> None:
        assert_exactly_once(self.database, self.lines)

    def claims(self) -> int:
        """Claims that were made so far, in how many transactions."""
        return self.database.transactions("pending -> processing")

    def finish(self) -> list[Finished]:
        """All is loaded, nothing was blamed on a file, and all trouble has been told to be over."""
        self.await_(lambda: not self.undone(), "all is completed")
        self.await_peace()
        ended = [replica.stop() for replica in self.replicas]
        for done in ended:
            assert done.code == 0, done
            told = trouble_of(done.stderr).told
            assert told == ["began", "ended"] * (len(told) // 2), done
        assert_all_completed(self.database, self.lines)
        return ended


def is_in_trouble(replica: Process) -> bool:
    return trouble_of(replica.output()).told[-1:] == ["began"]


# Called with a kind and how the replicas ended: none needed much more memory than one that loads such files
# undisturbed.
RssLimit = Callable[[str, list[Finished]], None]


def most_claims(replicas: int, seconds: float) -> int:
    """That so many may make in so many seconds of trouble: after each the pause doubles, from a quarter of a second to
    8 s, of which at least half is kept, and all fetchers try after it. One more each for those in trouble only now."""
    tries, waited, pause = 2, 0.0, 0.25 / 2
    while waited < seconds:
        tries += 1
        waited += pause
        pause = min(2 * pause, 8.0 / 2)
    return replicas * FETCHERS * tries


def peak(ended: list[Finished]) -> int:
    return max(done.peak_rss for done in ended)


@contextmanager
def under_load(scene: Scene, kind: str, replicas: int = 3, **settings: str) -> Iterator[Load]:
    """The replicas run, and have nothing to do yet."""
    scene.migrate_and_put({})
    environment = {
        "INGESTOR_LEASE": "5s",
        "INGESTOR_POLL_INTERVAL": "500ms",
        "INGESTOR_BATCH_SIZE": str(BATCH_SIZE),
        "INGESTOR_DB_POOL_SIZE": str(FETCHERS),
    } | settings
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                scene.ingestor.having(**environment, INGESTOR_REPLICA=f"replica {n}").running()
            )
            for n in range(replicas)
        ]
        yield Load(scene, kind, started)


def undisturbed_peak(scene: Scene, kind: str, rounds: int = 3) -> int:
    """Of the memory of a replica that does all the work alone, in bytes."""
    with under_load(scene, kind, replicas=1) as load:
        for _ in range(rounds):
            load.put_more()
        return peak(load.finish())
