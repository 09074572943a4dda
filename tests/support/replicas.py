"""Several replicas of `run` at once, by name: started, killed, stopped and started again."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .database import Database
from .ingestor import Finished, Ingestor, Process, forbid_secrets
from .waiting import wait_until

# What makes deaths and take-overs quick.
HASTE = {
    "INGESTOR_LEASE": "1s",
    "INGESTOR_POLL_INTERVAL": "500ms",
    "INGESTOR_DB_POOL_SIZE": "2",
    "INGESTOR_BATCH_SIZE": "10",
}


class Replicas:
    """Each life of one has its own INGESTOR_REPLICA: what the one before held is not taken for its."""

    def __init__(self, ingestors: Mapping[str, Ingestor]) -> None:
        self._ingestors = ingestors
        self._running: dict[str, Process] = {}
        self._lives: Counter[str] = Counter()

    def __getitem__(self, name: str) -> Process:
        return self._running[name]

    def start(self, name: str) -> Process:
        assert name not in self._running
        self._lives[name] += 1
        ingestor = self._ingestors[name].having(INGESTOR_REPLICA=self._owner(name))
        self._running[name] = ingestor.start("run")
        return self._running[name]

    def _owner(self, name: str) -> str:
        return f"{name}-{self._lives[name]}"

    def kill(self, name: str) -> None:
        process = self._running.pop(name)
        process.kill()
        forbid_secrets(process.output(), process.environment)

    def stop(self, name: str, limit: float = 30.0) -> Finished:
        self.await_handler(name)
        return self._running.pop(name).stop(limit=limit)

    def await_handler(self, name: str) -> None:
        """Until it has come so far that SIGTERM does not simply end it."""
        wait_until("it catches signals", lambda: catches(self[name], signal.SIGTERM), interval=0.002)

    def stop_all(self) -> None:
        """All of them at once, as when the service is taken down; each must say 0."""
        for name in self._running:
            self.await_handler(name)
        for process in self._running.values():
            process.send(signal.SIGTERM)
        for name in list(self._running):
            done = self._running.pop(name).wait()
            assert done.code == 0, done

    def kill_all(self) -> None:
        for name in list(self._running):
            self.kill(name)

    def wait_until(self, what: str, probe: Callable[[], object], limit: float = 60.0) -> None:
        """Fails at once when a replica ends that nobody ended."""

        def all_running_and_true() -> bool:
            for process in self._running.values():
                assert process.running(), f"`{process.command}` ended before {what}:\n{process.output()[-6000:]}"
            return bool(probe())

        wait_until(what, all_running_and_true, limit)

    def held_by(self, database: Database, name: str) -> int:
        """How many files it holds at this moment, or left behind when it ended."""
        return held_by(database, self._owner(name))

    def at_work(self, database: Database, seconds_max: float = 3.0) -> list[str]:
        """Those that hold files, as soon as there are any; none when nobody has any for so long."""
        deadline = time.monotonic() + seconds_max
        found: list[str] = []
        while not found and time.monotonic() < deadline:
            time.sleep(0.005)
            owners = database.rows("SELECT DISTINCT lease_owner FROM processed_file WHERE status = 'processing'")
            found = [name for name in self._running if (self._owner(name),) in owners]
        return sorted(found)


@contextmanager
def replicas(ingestors: Mapping[str, Ingestor]) -> Iterator[Replicas]:
    started = Replicas(ingestors)
    try:
        for name in ingestors:
            started.start(name)
        yield started
    finally:
        started.kill_all()


def held_by(database: Database, name: str) -> int:
    """How many files a replica holds at this moment."""
    return int(
        database.value(  # type: ignore[arg-type]
            "SELECT count(*) FROM processed_file WHERE status = 'processing' AND lease_owner = %s", name
        )
    )


def pick(candidates: Sequence[str], where: float) -> str:
    """One of them by a draw from [0, 1), which takes the same from a random.Random however many there are."""
    return candidates[int(where * len(candidates))]


def catches(process: Process, number: signal.Signals) -> bool:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    caught = next(line for line in lines if line.startswith("SigCgt:")).split()[1]
    return bool(int(caught, 16) >> (number - 1) & 1)


def is_stopped(process: Process) -> bool:
    """Whether all of it stands still, by SIGSTOP."""
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return all((task / "stat").read_text().rpartition(")")[2].split()[0] == "T" for task in tasks)
