"""What the chaos tests share: a seed that repeats a run, how often a thing is done, and a server of their own."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.database import Cluster
from support.fault_proxy import FaultProxy, fault_proxy
from support.ingestor import Finished, is_sanitized
from support.load import MIB, RssLimit, peak, undisturbed_peak
from support.own_server import OwnServer, own_server
from support.scene import Scene, make_scene
from support.store import Store

RSS_GROWTH_MAX = 32 * MIB

def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`kind`: what files a test is done with. Each kind by itself takes twice as long as both at once."""
    if "kind" in metafunc.fixturenames:
        is_whole = metafunc.config.getoption("--whole")
        metafunc.parametrize("kind", ["large files", "small files"] if is_whole else ["both"])


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """All that a test leaves to chance comes from here: the same seed and the same test, the same draws."""
    seed = request.config.getoption("--seed")
    print(f"seed {seed}: repeat this with --seed {seed}")  # noqa: T201 - shown where the test fails
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def times(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """times(short, whole): how often; the whole number only with --whole, as by tools/chaos."""
    is_whole = request.config.getoption("--whole")
    return lambda short, whole: whole if is_whole else short


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[OwnServer]:
    """A server that only tests use which leave it as it was: one at a time, so it is as good as each one's own."""
    with own_server() as server:
        yield server


@pytest.fixture
def own_scene(own_postgres: OwnServer, store: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    with make_scene(own_postgres.cluster, store, new_folder()) as made:
        yield made


@pytest.fixture
def proxy(scene: Scene) -> Iterator[FaultProxy]:
    """Before the store of `scene`, without any fault yet."""
    with fault_proxy(scene.bucket.store.endpoint) as made:
        yield made


@pytest.fixture(scope="session")
def rss_limit(postgres: Cluster, store: Store, new_folder: Callable[[], Path]) -> RssLimit:
    """rss_limit(kind, ended): no replica needed much more memory than one that loads such files undisturbed."""
    usual: dict[str, int] = {}

    def check(kind: str, ended: list[Finished]) -> None:
        if is_sanitized():  # its own memory hides the binary's
            return
        if kind not in usual:
            with make_scene(postgres, store, new_folder()) as scene:
                usual[kind] = undisturbed_peak(scene, kind)
        print(f"{kind}: peak {peak(ended) / MIB:.1f} MiB, undisturbed {usual[kind] / MIB:.1f} MiB")  # noqa: T201
        assert peak(ended) <= usual[kind] + RSS_GROWTH_MAX, ended

    return check
