"""Servers for the whole session; a fresh database and a fresh bucket for each test, or each module."""

import secrets
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.database import Cluster, Database
from support.ingestor import Ingestor
from support.places import BINARY
from support.s3_servers import SERVERS
from support.scene import Scene, make_scene
from support.servers import throwaway_server
from support.store import Bucket, Store


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also the tests that take minutes")
    parser.addoption("--whole", action="store_true", help="the chaos tests at their full length")
    parser.addoption(
        "--seed", type=int, default=secrets.randbelow(10**9), help="what the chaos tests draw from; a new one each run"
    )


def pytest_configure(config: pytest.Config) -> None:
    """SIGTERM ends a session as SIGINT does, with its servers stopped. Where several processes share the tests, all
    draw from the seed of the first: they must agree on what there is to run."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    config.option.seed = getattr(config, "workerinput", {}).get("seed", config.option.seed)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["seed"] = node.config.getoption("--seed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="slow: runs with --slow"))


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [f"binary: {BINARY}", f"seed: {config.getoption('--seed')}"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with throwaway_server("postgres") as values:
        yield Cluster(values)


@pytest.fixture(scope="session")
def postgres_tls() -> Iterator[Cluster]:
    with throwaway_server("postgres", "--tls") as values:
        yield Cluster(values)


@pytest.fixture(scope="session")
def pooler(postgres: Cluster) -> Iterator[str]:
    """The URL of a PgBouncer before that server: it pools by transaction, two connections to each database."""
    with throwaway_server("pgbouncer", "--database", postgres.role_url) as values:
        yield values["POOLER_URL"]


@pytest.fixture(scope="session")
def localstack() -> Iterator[Store]:
    with throwaway_server("localstack") as values:
        yield Store("localstack", values)


@pytest.fixture(scope="session")
def moto() -> Iterator[Store]:
    with throwaway_server("moto") as values:
        yield Store("moto", values)


@pytest.fixture(scope="session")
def minio() -> Iterator[Store]:
    with throwaway_server("minio") as values:
        yield Store("minio", values)


@pytest.fixture(scope="session")
def minio_tls() -> Iterator[Store]:
    with throwaway_server("minio", "--tls") as values:
        yield Store("minio", values)


@pytest.fixture(scope="session")
def store(request: pytest.FixtureRequest) -> Store:
    """The S3 server of tests that are not about S3: MinIO, which is the stricter; without it, LocalStack."""
    try:
        return request.getfixturevalue("minio")
    except pytest.skip.Exception:
        return request.getfixturevalue("localstack")


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    return lambda: tmp_path_factory.mktemp("run")


@pytest.fixture
def scene(postgres: Cluster, store: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    with make_scene(postgres, store, new_folder()) as made:
        yield made


@pytest.fixture(scope="module")
def module_scene(postgres: Cluster, store: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    """A scene that the tests of one module share: one load, many looks at it."""
    with make_scene(postgres, store, new_folder()) as made:
        yield made


@pytest.fixture(scope="module", params=SERVERS)
def each_store_scene(
    request: pytest.FixtureRequest, postgres: Cluster, new_folder: Callable[[], Path]
) -> Iterator[Scene]:
    """Like module_scene, once on each S3 server."""
    with make_scene(postgres, request.getfixturevalue(request.param), new_folder()) as made:
        yield made


@pytest.fixture(params=SERVERS)
def served_scene(
    request: pytest.FixtureRequest, postgres: Cluster, new_folder: Callable[[], Path]
) -> Iterator[Scene]:
    """Like scene, once on each S3 server."""
    with make_scene(postgres, request.getfixturevalue(request.param), new_folder()) as made:
        yield made


@pytest.fixture
def database(scene: Scene) -> Database:
    return scene.database


@pytest.fixture
def bucket(scene: Scene) -> Bucket:
    return scene.bucket


@pytest.fixture
def ingestor(scene: Scene) -> Ingestor:
    return scene.ingestor


@pytest.fixture(scope="session")
def bare_ingestor(new_folder: Callable[[], Path]) -> Ingestor:
    """The binary without any configuration."""
    folder = new_folder()
    return Ingestor(Ingestor.bare_environment(folder), folder)
