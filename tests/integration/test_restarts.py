"""The server restarts again and again under a pool of connections at work: no answer is wrong, no lease is stuck,
and everything that was written is accounted for. With -rP it shows the figures; INGESTOR_TEST_SEED repeats a run."""

import itertools
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from support.places import POOL_LOAD
from support.servers import start_server, throwaway_server
from support.waiting import wait_until

# Of the pool, in pool_load.cpp: its longest pause between two attempts, and the longest attempt.
BACKOFF_SECONDS_MAX = 1
CONNECT_SECONDS_MAX = 5
STUCK_SECONDS = 30
LOAD_SECONDS_MAX = 0.5  # between two restarts
# How the server ends, and for how many seconds it is away.
RESTARTS = (("fast", 0), ("immediate", 0), ("fast", 1.0), ("immediate", 0))


@pytest.fixture
def server() -> Iterator[dict[str, str]]:
    """One of its own. Its commits are in the system's hands before they are acknowledged, so that a crash of the
    server, unlike one of the system, loses none."""
    with throwaway_server("postgres") as values:
        with psycopg.connect(values["DATABASE_URL"], autocommit=True) as owner:
            owner.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = on")
            owner.execute("CREATE TABLE effect (id bigint, n bigint)")
        yield values


class Load:
    """pool-load at work."""

    def __init__(self, server: dict[str, str], seed: int, folder: Path) -> None:
        self._output = folder / "stdout"
        environment = {"INGESTOR_TEST_DATABASE_URL": server["DATABASE_URL"], "ASAN_OPTIONS": "detect_leaks=0"}
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [POOL_LOAD, str(seed)], env=environment, stdin=subprocess.PIPE, stdout=output, text=True
            )

    def lines(self, first_word: str) -> list[list[str]]:
        found = (line.split() for line in self._output.read_text().splitlines())
        return [words[1:] for words in found if words[:1] == [first_word]]

    def await_recovery(self) -> tuple[float, float]:
        """Tells it that the server answers again; seconds until its first worker and until all of them work again."""
        before = len(self.lines("recovered"))
        assert self.process.stdin
        self.process.stdin.write("ready\n")
        self.process.stdin.flush()

        def has_recovered() -> bool:
            assert self.process.poll() is None, f"pool-load ended with {self.process.returncode}"
            return len(self.lines("recovered")) > before

        wait_until("every worker of the pool works again", has_recovered, STUCK_SECONDS)
        first, last = self.lines("recovered")[-1]
        return int(first) / 1000, int(last) / 1000

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.wait(STUCK_SECONDS) == 0


def restart(server: dict[str, str], how: str, away: float) -> None:
    directory = Path(server["DIRECTORY"])
    if away:
        start_server("postgres", directory, action="stop")
        time.sleep(away)
        start_server("postgres", directory)
    else:
        start_server("postgres", directory, *["--immediate"] * (how == "immediate"), action="restart")


def assert_all_accounted_for(server: dict[str, str], effects: list[list[str]]) -> Counter[str]:
    """What was committed is there as a whole, what failed is not, and nothing else is; returns how many of each."""
    with psycopg.connect(server["DATABASE_URL"]) as owner:
        found = dict(owner.execute("SELECT id, count(*) FROM effect GROUP BY id").fetchall())
    fates: Counter[str] = Counter()
    for number, rows, how in effects:
        there = found.pop(int(number), 0)
        allowed = {"committed": {int(rows)}, "failed": {0}, "unknown": {0, int(rows)}}[how]
        assert there in allowed, f"effect {number} {how}: {there} of {rows} rows are there"
        fates[f"{how}, {'there' if there else 'not there'}"] += 1
    assert not found, f"rows that nobody wrote: {found}"
    return fates


@pytest.mark.parametrize("restarts", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_restarts_under_load(
    server: dict[str, str], new_folder: Callable[[], Path], restarts: int
) -> None:
    seed = int(os.environ.get("INGESTOR_TEST_SEED", random.randrange(1 << 32)))
    print(f"INGESTOR_TEST_SEED={seed}")
    moments = random.Random(seed)
    load = Load(server, seed, new_folder())
    recoveries = []
    try:
        load.await_recovery()
        for how, away in itertools.islice(itertools.cycle(RESTARTS), restarts):
            time.sleep(moments.uniform(0, LOAD_SECONDS_MAX))
            restart(server, how, away)
            recoveries.append(load.await_recovery())
        load.end()
    finally:
        load.process.kill()
        load.process.wait()
    slowest, slowest_of_all = (max(seconds) for seconds in zip(*recoveries, strict=True))
    print(f"recovered after {slowest} s at most, with all workers {slowest_of_all} s")
    for fact in ("operations", "attempts", "attempts_failed", "lease_waited_ms_max", "errors"):
        print(fact, load.lines(fact))
    print(assert_all_accounted_for(server, load.lines("effect")))
    assert load.lines("wrong") == []
    assert load.lines("leases_refused") == []
    assert load.lines("left_in_pool") == [["0"]]
    assert slowest <= BACKOFF_SECONDS_MAX + CONNECT_SECONDS_MAX
