"""An object is replaced, by another of the same length, while it is being read: its rows are those of one version,
never of both, and the ledger says of which."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import objects
from support.database import Cluster
from support.exactly_once import assert_all_completed
from support.fault_proxy import Ending, Exchange, Fault, FaultProxy, Request, answer
from support.ingestor import Finished, Ingestor
from support.scene import Scene, make_scene
from support.store import Store

SMALL_FILES = 12
SMALL_LINES = 30
LARGE_FILES = 4
LARGE_LINES = 2_500
OVERWRITTEN_MAX = 3  # times, each object
LINES = {f"small-{n:02}{'.gz' * (n % 2)}": SMALL_LINES for n in range(SMALL_FILES)} | {
    f"large-{n}{'.gz' * (n % 2)}": LARGE_LINES for n in range(LARGE_FILES)
}


def body_of(key: str, version: int) -> bytes:
    """As long as every other version of it, and different in each line."""
    padding = "x" * (150 if key.startswith("large") else 10)
    plain = objects.json_lines(LINES[key], context=f"version {version}", padding=padding)
    return objects.stored(plain) if key.endswith("gz") else plain


def etag_of(key: str, version: int) -> str:
    return hashlib.md5(body_of(key, version)).hexdigest()


Then = Callable[[Exchange, int], None]


class Overwriter:
    """Lets those who read an object have a part of it, puts the next version, and goes on as `then` says; until it has
    done so as often as it is to."""

    def __init__(self, scene: Scene, chance: random.Random, then: Then) -> None:
        self._scene = scene
        self._then = then
        self._shares = {key: chance.choice((0.0, 1.0, chance.random())) for key in LINES}
        self._times = {key: chance.randint(1, OVERWRITTEN_MAX) for key in LINES}
        self.versions: Counter[str] = Counter()

    def script(self, request: Request) -> Fault | None:
        is_over = self.versions[request.key] >= self._times.get(request.key, 0)
        return None if is_over or request.first_byte > 0 else self._overwrite

    def _overwrite(self, exchange: Exchange) -> None:
        what, key = exchange.ask(), exchange.request.key
        assert what.status in (200, 412), what
        if what.status != 200:
            exchange.pass_on(what)
            return
        passed = len(what.head()) + int((len(what.body) - 1) * self._shares[key])
        exchange.pass_on(what, passed)
        self.versions[key] += 1
        self._scene.bucket.put(key, body_of(key, self.versions[key]))
        self._then(exchange, passed)


def go_on(exchange: Exchange, passed: int) -> None:
    """A server that has begun with a version ends with it."""
    exchange.pass_on_rest(exchange.ask(), passed)


def cut_off(exchange: Exchange, _: int) -> None:
    exchange.end(Ending.RST)


@pytest.fixture(params=["plain bucket", "versioned bucket"])
def scene(
    request: pytest.FixtureRequest, postgres: Cluster, store: Store, new_folder: Callable[[], Path]
) -> Iterator[Scene]:
    with make_scene(postgres, store, new_folder()) as made:
        if request.param == "versioned bucket":
            versioning = {"Status": "Enabled"}
            store.client.put_bucket_versioning(Bucket=made.bucket.name, VersioningConfiguration=versioning)
        made.migrate_and_put({key: body_of(key, 0) for key in LINES})
        yield made


@pytest.fixture
def ingestor(scene: Scene, proxy: FaultProxy) -> Ingestor:
    return scene.ingestor.having(AWS_ENDPOINT=proxy.endpoint)


def assert_each_is_one_version(scene: Scene, versions: dict[str, int], done: Finished) -> None:
    assert done.code == 0, done
    assert_all_completed(scene.database, LINES)
    contexts = scene.database.rows(
        "SELECT f.s3_key, array_agg(DISTINCT context) FROM log JOIN processed_file f ON f.id = ingestor_file(log.id) "
        "GROUP BY 1"
    )
    assert dict(contexts) == {key: [f"version {version}"] for key, version in versions.items()}
    etags = dict(scene.database.rows("SELECT s3_key, etag FROM processed_file"))
    assert etags == {key: etag_of(key, version) for key, version in versions.items()}


def test_the_connection_breaks_after_an_overwrite(
    scene: Scene, proxy: FaultProxy, ingestor: Ingestor, chance: random.Random
) -> None:
    """The rest of the old version cannot be had any more: all of the new one is read."""
    overwriter = Overwriter(scene, chance, cut_off)
    proxy.script = overwriter.script
    done = ingestor("once")
    assert_each_is_one_version(scene, overwriter.versions, done)
    for key, times in overwriter.versions.items():
        # Of each version that was overwritten its begin and, in vain, its rest; then all of the last.
        assert len(proxy.gets(key)) <= 2 * times + 1, proxy.gets(key)


def test_an_answer_that_has_begun_before_an_overwrite(
    scene: Scene, proxy: FaultProxy, ingestor: Ingestor, chance: random.Random
) -> None:
    """All of the old version arrives, and that is what the ledger says."""
    overwriter = Overwriter(scene, chance, go_on)
    proxy.script = overwriter.script
    done = ingestor("once")
    assert set(overwriter.versions.values()) == {1}
    assert_each_is_one_version(scene, dict.fromkeys(LINES, 0), done)
    # The next listing shows that it is another one by now.
    proxy.forget()
    again = ingestor.having(INGESTOR_ON_OVERWRITE="replace")("once")
    assert_each_is_one_version(scene, dict.fromkeys(LINES, 1), again)


def test_a_server_that_does_not_look_at_if_match(
    scene: Scene, proxy: FaultProxy, ingestor: Ingestor, chance: random.Random
) -> None:
    """The rest that it offers is that of the new version, as its ETag says."""
    overwriter = Overwriter(scene, chance, cut_off)

    def rest_of_another(exchange: Exchange) -> None:
        key, first = exchange.request.key, exchange.request.first_byte
        version = overwriter.versions[key]
        body = body_of(key, version)
        span = f"bytes {first}-{len(body) - 1}/{len(body)}"
        etag = f'"{etag_of(key, version)}"'
        exchange.pass_on(answer(206, body[first:], content_range=span, etag=etag))

    def script(request: Request) -> Fault | None:
        return rest_of_another if request.first_byte > 0 else overwriter.script(request)

    proxy.script = script
    done = ingestor("once")
    assert_each_is_one_version(scene, overwriter.versions, done)


def test_an_object_is_deleted_while_it_is_read(scene: Scene, proxy: FaultProxy, ingestor: Ingestor) -> None:
    """What is gone fails, with nothing of it in the table."""
    gone = ("small-03.gz", "large-0")

    def delete(exchange: Exchange) -> None:
        what = exchange.ask()
        exchange.pass_on(what, len(what.head()) + len(what.body) // 2)
        scene.bucket.remove(exchange.request.key)
        exchange.end(Ending.RST)

    proxy.script = lambda request: delete if request.key in gone and request.nth == 1 else None
    done = ingestor("once")
    assert done.code == 1, done
    assert_all_completed(scene.database, {key: LINES[key] for key in LINES if key not in gone}, gone)
    for key in gone:
        assert "NoSuchKey" in scene.database.file(key)["metadata"]["error"]
