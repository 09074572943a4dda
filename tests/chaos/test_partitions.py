"""The network between a replica and the database is gone, in both directions or in one."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.database import Cluster, edit_url
from support.exactly_once import assert_all_completed, assert_exactly_once
from support.forwarding import forwarded
from support.ingestor import Ingestor, Process
from support.island import Island, new_island
from support.loads import LOADS, Load, assert_all_there, is_all_there
from support.scene import Scene, make_scene
from support.servers import throwaway_server
from support.store import Store
from support.waiting import wait_until
from support.wire import Fault, Point, What, Where, wired

QUICK = {
    "INGESTOR_LEASE": "2s",
    "INGESTOR_POLL_INTERVAL": "1s",
    "INGESTOR_RETRY_BACKOFF": "1h",
    "INGESTOR_BATCH_SIZE": "8",
    "INGESTOR_DB_POOL_SIZE": "2",
}
DIRECTIONS = {
    "both ways": {"out": True, "into": True},
    "towards the server": {"out": True, "into": False},
    "from the server": {"out": False, "into": True},
}


@pytest.fixture(scope="module")
def island() -> Iterator[Island]:
    with new_island() as made:
        yield made


@pytest.fixture(scope="module")
def server(island: Island) -> Iterator[Cluster]:
    """PostgreSQL, on the island's wire to it too, so that a partition is one between client and server."""
    with throwaway_server("postgres", "--listen", island.database.here) as values:
        yield Cluster(values)


@pytest.fixture
def apart(server: Cluster, store: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    with make_scene(server, store, new_folder()) as made:
        made.ingestor = made.ingestor.having(**QUICK)
        yield made


@pytest.fixture
def islander(apart: Scene, island: Island) -> Iterator[Ingestor]:
    """The binary on the island; everything it needs is at the other ends of the two wires."""
    endpoint = urlsplit(apart.bucket.store.endpoint)
    with forwarded(str(endpoint.hostname), int(endpoint.port or 80), island.s3.here) as s3:
        yield island.inside(
            apart.ingestor.having(
                DATABASE_URL=edit_url(apart.database.url, host=island.database.here),
                AWS_ENDPOINT=f"http://{island.s3.here}:{s3.port}",
                INGESTOR_REPLICA="islander",
            )
        )


@contextmanager
def gone(island: Island, directions: dict[str, bool], with_s3: bool) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(island.parted(island.database, **directions))
        if with_s3:
            stack.enter_context(island.parted(island.s3))
        yield


def take_over(scene: Scene, load: Load) -> float:
    """A replica on this side completes everything. Returns after how many seconds."""
    began = time.monotonic()
    with scene.ingestor.having(INGESTOR_REPLICA="heir", LOG_LEVEL="debug").running() as heir:
        heir.wait_until("all is taken over", lambda: is_all_there(scene, load))
        took = time.monotonic() - began
        assert_all_there(scene, load)
        heir.wait_until("it has begun", lambda: "discovery finished" in heir.output())
        done = heir.stop()
        assert done.code == 0, done
    return took


def assert_back_to_life(scene: Scene, load: Load, replica: Process) -> float:
    """It commits nothing of what it had begun, and goes on with what comes."""
    began = time.monotonic()
    later = next(iter(load.lines))
    scene.bucket.put("later", load.contents[later])
    replica.wait_until("it works again", lambda: scene.database.statuses().get("later") == "completed", limit=200)
    took = time.monotonic() - began
    assert replica.stop().code == 0
    scene.bucket.remove("later")  # the next round begins without it
    assert_all_completed(scene.database, load.lines | {"later": load.lines[later]}, load.failed)
    last_claim = "SELECT lease_owner FROM judge.transition WHERE after = 'processing' ORDER BY n DESC LIMIT 1"
    assert scene.database.value(last_claim) == "islander"
    return took


@pytest.mark.parametrize("make", LOADS.values(), ids=LOADS.keys())
def test_partitions_at_random_moments(
    apart: Scene,
    island: Island,
    islander: Ingestor,
    make: Callable[[], Load],
    chance: random.Random,
    times: Callable[[int, int], int],
) -> None:
    load = make()
    apart.migrate_and_put(load.contents)
    for _ in range(times(1, 20)):
        apart.start_anew()
        name = chance.choice(list(DIRECTIONS))
        with_s3 = chance.random() < 0.5
        with islander.running() as replica:
            time.sleep(chance.uniform(0.05, 0.45))
            with gone(island, DIRECTIONS[name], with_s3):
                assert_exactly_once(apart.database, load.lines)
                took = take_over(apart, load)
            assert replica.running(), replica.output()
            again = assert_back_to_life(apart, load, replica)
        print(f"{name}, with S3: {with_s3}: taken over after {took:.1f} s, back after {again:.1f} s")


@pytest.mark.parametrize("make", LOADS.values(), ids=LOADS.keys())
def test_partitions_in_mid_copy(
    apart: Scene,
    island: Island,
    islander: Ingestor,
    make: Callable[[], Load],
    chance: random.Random,
    times: Callable[[int, int], int],
) -> None:
    load = make()
    apart.migrate_and_put(load.contents)
    kinds = list(product(DIRECTIONS, (False, True)))
    for name, with_s3 in chance.sample(kinds, times(1, len(kinds))):
        apart.start_anew()
        with islander.running() as replica:
            with ExitStack() as partition:
                with apart.database.log_locked():
                    replica.wait_until("a COPY has begun", apart.database.is_copying)
                    partition.enter_context(gone(island, DIRECTIONS[name], with_s3))
                took = take_over(apart, load)
            assert replica.running(), replica.output()
            again = assert_back_to_life(apart, load, replica)
        print(f"{name}, with S3: {with_s3}: taken over after {took:.1f} s, back after {again:.1f} s")


TORN_AT = {
    "in COPY": (Point.copying, Where.MIDDLE),
    "between the fenced status and COMMIT": (Point.parsing_commit, Where.BEFORE),
}


@pytest.mark.slow
@pytest.mark.parametrize(("at", "where"), TORN_AT.values(), ids=TORN_AT.keys())
@pytest.mark.parametrize("make", LOADS.values(), ids=LOADS.keys())
def test_what_a_replica_left_unsaid_blocks_nobody(
    apart: Scene, island: Island, make: Callable[[], Load], at: Callable[..., bool], where: Where
) -> None:
    """The server has half of what was sent, and never hears of its client again: not even that it has gone. Its
    session may hold rows of the ledger locked, which nobody could take over, and rows of `log` invisible."""
    load = make()
    apart.migrate_and_put(load.contents)
    with ExitStack() as stack:
        there = edit_url(apart.database.url, host=island.database.here)
        wire = stack.enter_context(wired(there, Fault(at, where, What.SILENCE), island.connect))
        lost = apart.ingestor.having(DATABASE_URL=edit_url(there, host="127.0.0.1", port=wire.port, sslmode="disable"))
        replica = stack.enter_context(lost.running())
        replica.wait_until("the wire is silent", lambda: wire.hit)
        stack.enter_context(island.parted(island.database))
        replica.kill()
        took = take_over(apart, load)
        wait_until("its transaction is over", lambda: apart.database.open_transactions() == 0)
    print(f"taken over after {took:.1f} s")
