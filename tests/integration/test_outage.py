"""S3 and the database go away in the middle: they are waited for, and no file is blamed."""

import json
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from support import objects
from support.comparing import assert_landed
from support.database import edit_url
from support.expected import rows_of
from support.forwarding import Forwarder, forwarded
from support.ingestor import Finished
from support.scene import Scene

LARGE = objects.json_lines(60_000)
MANY = {f"{n:03}": objects.json_lines(50, first=50 * n) for n in range(100)}
SHORTLY = 3.0  # seconds
CLAIM = b"set status = 'processing'"
COMMIT = b"set status = 'completed'"


@pytest.fixture
def wire_to_s3(scene: Scene) -> Iterator[Forwarder]:
    endpoint = urlsplit(scene.bucket.store.endpoint)
    with forwarded(str(endpoint.hostname), int(endpoint.port or 80)) as wire:
        scene.ingestor = scene.ingestor.having(AWS_ENDPOINT=f"http://127.0.0.1:{wire.port}")
        yield wire


@pytest.fixture
def wire_to_database(scene: Scene) -> Iterator[Forwarder]:
    server = urlsplit(scene.database.url)
    with forwarded(str(server.hostname), int(server.port or 5432)) as wire:
        url = edit_url(scene.database.url, host="127.0.0.1", port=wire.port)
        scene.ingestor = scene.ingestor.having(DATABASE_URL=url)
        yield wire


def assert_all_landed(scene: Scene, contents: dict[str, bytes], done: Finished) -> None:
    assert done.code == 0, done
    listed = scene.bucket.last_modified()
    statuses = scene.database.statuses()
    assert statuses.keys() == contents.keys()
    assert [item for item in statuses.items() if item[1] != "completed"] == [], done
    assert scene.database.value("SELECT sum(attempts) FROM processed_file") == 0
    assert_landed(scene.database, {key: rows_of(data, listed[key]) for key, data in contents.items()})


@pytest.mark.parametrize("make", [objects.stored, lambda data: data], ids=["gzip", "plain"])
def test_a_body_that_breaks_three_times(scene: Scene, wire_to_s3: Forwarder, make) -> None:  # noqa: ANN001
    scene.bucket.put("large", make(LARGE))
    wire_to_s3.cut_answers(after_bytes=1_000_000, times=3)
    done = scene.ingestor("once")
    assert_all_landed(scene, {"large": LARGE}, done)
    assert wire_to_s3.cuts == 3


def test_s3_is_away_for_a_while(scene: Scene, wire_to_s3: Forwarder) -> None:
    scene.migrate_and_put(MANY)
    with scene.ingestor.having(INGESTOR_BATCH_SIZE="5").running("once") as once:
        once.wait_until("something is completed", lambda: "completed" in scene.database.statuses().values())
        with wire_to_s3.down():
            time.sleep(SHORTLY)
            assert once.running(), once.output()
        done = once.wait()
    assert_all_landed(scene, MANY, done)


def test_the_database_is_away_for_a_while(scene: Scene, wire_to_database: Forwarder) -> None:
    scene.migrate_and_put(MANY)
    with scene.ingestor.having(INGESTOR_BATCH_SIZE="5").running("once") as once:
        once.wait_until("something is completed", lambda: "completed" in scene.database.statuses().values())
        with wire_to_database.down():
            time.sleep(SHORTLY)
            assert once.running(), once.output()
        done = once.wait()
    assert_all_landed(scene, MANY, done)


@pytest.mark.parametrize("contents", [{"large": LARGE}, MANY], ids=["a large file", "groups of small files"])
def test_the_wire_is_cut_in_mid_copy(
    scene: Scene, wire_to_database: Forwarder, contents: dict[str, bytes]
) -> None:
    scene.migrate_and_put(contents)
    with scene.ingestor.having(INGESTOR_BATCH_SIZE="5").running("once") as once:
        with scene.database.log_locked():
            once.wait_until("a COPY has begun", scene.database.is_copying)
            with wire_to_database.down():
                time.sleep(SHORTLY)
        done = once.wait()
    assert_all_landed(scene, contents, done)


def test_the_answers_to_claims_are_lost(scene: Scene, wire_to_database: Forwarder) -> None:
    """The database has made the claim, and the replica does not know."""
    scene.bucket.put_all(MANY)
    wire_to_database.lose_answers_to(CLAIM, times=3)
    done = scene.ingestor.having(INGESTOR_BATCH_SIZE="5")("once")
    assert wire_to_database.losses == 3
    assert_all_landed(scene, MANY, done)


def test_a_claim_that_was_never_heard_of_is_given_back_at_the_end(
    scene: Scene, wire_to_database: Forwarder
) -> None:
    scene.migrate_and_put(MANY)
    wire_to_database.lose_answers_to(CLAIM, times=1_000)
    with scene.ingestor.having(INGESTOR_BATCH_SIZE="5").running() as service:
        service.wait_until("files are claimed", scene.database.is_processing)
        assert service.stop().code == 0
    assert set(scene.database.statuses().values()) == {"pending"}
    assert scene.database.transactions("processing -> pending") > 0


@pytest.mark.parametrize("contents", [{"large": LARGE}, MANY], ids=["a large file", "groups of small files"])
def test_the_answers_to_commits_are_lost(
    scene: Scene, wire_to_database: Forwarder, contents: dict[str, bytes]
) -> None:
    """Whether they were made is read back; none is made twice, and none is forgotten in the summary."""
    scene.bucket.put_all(contents)
    wire_to_database.lose_answers_to(COMMIT, times=3)
    done = scene.ingestor.having(INGESTOR_BATCH_SIZE="5")("once", "--json")
    assert wire_to_database.losses == min(3, len(contents))
    assert_all_landed(scene, contents, done)
    assert json.loads(done.stdout)["files"] == {"completed": len(contents), "failed": 0}
    assert scene.database.transactions("processing -> pending") == 0
