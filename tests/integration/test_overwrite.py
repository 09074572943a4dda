"""Objects that change after they were completed, and files that are loaded again: old rows go in the transaction
in which the new ones come."""

import signal

import pytest
from support import objects
from support.comparing import assert_landed
from support.expected import rows_of
from support.ingestor import Ingestor
from support.scene import Scene

# Lines that are none come last, so that the others keep their numbers.
REJECTED = b"not json\n"
OLD = objects.json_lines(300) + REJECTED * 2
NEW = objects.json_lines(40, first=1_000) + REJECTED
OTHER = objects.json_lines(100, first=5_000)


@pytest.fixture
def replacing(scene: Scene) -> Ingestor:
    """Ingestor set to replace, with one object completed that is about to change, and another that is not."""
    scene.bucket.put_all({"a": OLD, "other": OTHER})
    ingestor = scene.ingestor.having(INGESTOR_ON_OVERWRITE="replace", INGESTOR_RETRY_BACKOFF="500ms")
    done = ingestor("once")
    assert done.code == 0, done
    return ingestor


def assert_holds(scene: Scene, **contents: bytes) -> None:
    """`log` and `rejected_line` hold these objects and nothing of what they were before."""
    listed = scene.bucket.last_modified()
    assert_landed(
        scene.database,
        {key: rows_of(data.replace(REJECTED, b""), listed[key]) for key, data in contents.items()},
    )
    for key, data in contents.items():
        rejected = data.count(REJECTED)
        file = scene.database.file(key)
        assert (file["status"], file["lines_rejected"]) == ("completed", rejected)
        assert (
            scene.database.value("SELECT count(*) FROM rejected_line WHERE file_id = %s", file["id"])
            == rejected
        )


def test_what_changed_is_replaced(scene: Scene, replacing: Ingestor) -> None:
    scene.bucket.put("a", NEW)
    done = replacing("once")
    assert done.code == 0, done
    assert_holds(scene, a=NEW, other=OTHER)
    assert scene.database.file("a")["size"] == len(NEW)
    assert scene.database.changes("a") == ["pending", "processing", "completed"] * 2
    assert scene.database.changes("other") == ["pending", "processing", "completed"]


def test_what_became_empty_leaves_nothing(scene: Scene, replacing: Ingestor) -> None:
    scene.bucket.put("a", b"")
    assert replacing("once").code == 0
    assert_holds(scene, a=b"", other=OTHER)


def test_what_was_rejected_as_a_whole_is_replaced_too(scene: Scene, replacing: Ingestor) -> None:
    """It has no row whose time could be looked up, only rejected lines."""
    first = b"{}\n[1]\n" * 3
    scene.bucket.put("b", b'{"msg":1}\n' + b"not json\n" * 5)
    assert replacing.having(INGESTOR_ON_OVERWRITE="ignore")("once").code == 0
    scene.bucket.put("b", first)
    assert replacing("once").code == 0
    assert scene.database.file("b")["lines_rejected"] == 3
    assert scene.database.value("SELECT count(*) FROM rejected_line WHERE reason LIKE 'not_an_object%%'") == 3


def test_a_reader_sees_the_old_rows_until_it_sees_the_new_ones(scene: Scene, replacing: Ingestor) -> None:
    scene.bucket.put("a", NEW)
    with replacing.running() as service:
        with scene.database.log_locked():
            service.wait_until("it is being replaced", lambda: scene.database.file("a")["status"] == "processing")
            assert scene.database.value("SELECT count(*) FROM log") == 400
        service.wait_until("it is completed", lambda: scene.database.file("a")["status"] == "completed")
        assert service.stop().code == 0
    assert_holds(scene, a=NEW, other=OTHER)


def test_the_old_rows_stay_when_the_new_object_is_bad(scene: Scene, replacing: Ingestor) -> None:
    scene.bucket.put("a", objects.truncated(objects.json_lines(500)))
    assert replacing("once").code == 1
    file = scene.database.file("a")
    assert (file["status"], file["attempts"], file["rows_written"]) == ("failed", 1, 0)
    assert file["metadata"]["keeps_earlier_rows"]
    assert scene.database.value("SELECT count(*) FROM log WHERE ingestor_file(id) = %s", file["id"]) == 300
    scene.bucket.put("a", NEW)
    assert replacing("once").code == 0
    assert_holds(scene, a=NEW, other=OTHER)
    assert scene.database.file("a")["attempts"] == 0, "another object starts anew"


def test_only_the_index_on_the_time_is_used(scene: Scene, replacing: Ingestor) -> None:
    """Rows of other times are not looked at, however many there are."""
    scene.bucket.put("years", objects.json_lines(50_000, first=10**9))
    assert replacing("once").code == 0
    scene.database.execute("ANALYZE log")
    scans = "SELECT seq_scan, seq_tup_read FROM pg_stat_user_tables WHERE relname = 'log'"
    before = scene.database.row(scans)
    scene.bucket.put("a", NEW)
    assert replacing("once").code == 0
    assert scene.database.row(scans) == before
    assert_holds(scene, a=NEW, other=OTHER, years=objects.json_lines(50_000, first=10**9))


def test_ignored_changes_are_in_the_ledger_until_they_are_undone(scene: Scene) -> None:
    scene.bucket.put_all({"a": OLD, "other": OTHER})
    assert scene.ingestor("once").code == 0
    known = "SELECT s3_key FROM processed_file WHERE overwritten_etag IS NOT NULL"
    scene.bucket.put("a", NEW)
    assert scene.ingestor("once").code == 0
    assert scene.database.rows(known) == [("a",)]
    scene.bucket.put("a", OLD)
    assert scene.ingestor("once").code == 0
    assert scene.database.rows(known) == []
    assert_holds(scene, a=OLD, other=OTHER)


def test_what_was_ignored_is_replaced_when_that_is_asked_for(scene: Scene) -> None:
    scene.bucket.put_all({"a": OLD, "other": OTHER})
    assert scene.ingestor("once").code == 0
    scene.bucket.put("a", NEW)
    assert scene.ingestor("once").code == 0
    assert scene.ingestor.having(INGESTOR_ON_OVERWRITE="replace")("once").code == 0
    assert_holds(scene, a=NEW, other=OTHER)
    assert scene.database.rows("SELECT 1 FROM processed_file WHERE overwritten_etag IS NOT NULL") == []


def test_a_replica_that_stops_while_it_replaces_holds_nobody_up(scene: Scene, replacing: Ingestor) -> None:
    """It has removed the old rows, in a transaction that stays open as long as it is stopped; whoever takes the file
    over ends that session instead of waiting for it."""
    scene.bucket.put("a", NEW)
    ingestor = replacing.having(INGESTOR_LEASE="2s", INGESTOR_POLL_INTERVAL="500ms")
    with ingestor.having(INGESTOR_REPLICA="sleeper").running() as sleeper:
        with scene.database.log_locked():
            sleeper.wait_until("it has been claimed", lambda: scene.database.file("a")["status"] == "processing")
            sleeper.wait_until("it waits for the lock", scene.database.is_copying)
            sleeper.send(signal.SIGSTOP)
        with ingestor.having(INGESTOR_REPLICA="heir").running() as heir:
            heir.wait_until(
                "the heir has finished", lambda: scene.database.file("a")["status"] == "completed", limit=20
            )
            assert heir.stop().code == 0
        assert_holds(scene, a=NEW, other=OTHER)
        sleeper.send(signal.SIGCONT)
        sleeper.wait_until("it has noticed", lambda: "lease lost" in sleeper.output())
        assert sleeper.stop().code == 0
    assert_holds(scene, a=NEW, other=OTHER)
