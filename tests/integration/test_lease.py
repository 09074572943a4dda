"""Leases: a file of a dead replica is taken over, one that a living replica holds is left alone."""

import re

import pytest
from support import objects
from support.comparing import assert_landed
from support.expected import rows_of
from support.scene import Scene

LINES = objects.json_lines(50)


@pytest.fixture
def ingested(scene: Scene) -> Scene:
    scene.bucket.put("a", LINES)
    done = scene.ingestor("once")
    assert done.code == 0, done
    return scene


def back_to_processing(scene: Scene, lease: str, expiries: int = 0) -> None:
    """As if a replica called `ghost` had claimed the file and never come back; its rows were never committed."""
    scene.database.execute("DELETE FROM log")
    scene.database.execute_as_nobody_watches(
        "UPDATE processed_file SET status = 'processing', claim_token = claim_token + 1, lease_owner = 'ghost', "
        "lease_expires_at = now() + %s::interval, lease_expiries = %s, processed_at = NULL, rows_written = DEFAULT, "
        "lines_rejected = DEFAULT, first_timestamp = NULL, last_timestamp = NULL",
        lease,
        expiries,
    )


def test_an_expired_lease_is_taken_over(ingested: Scene) -> None:
    ids = ingested.database.rows("SELECT id FROM log ORDER BY id")
    back_to_processing(ingested, lease="-1 minute")
    token = ingested.database.file("a")["claim_token"]
    done = ingested.ingestor("once")
    assert done.code == 0, done
    file = ingested.database.file("a")
    assert (file["status"], file["rows_written"], file["attempts"]) == ("completed", 50, 0)
    assert file["claim_token"] > token
    assert_landed(ingested.database, {"a": rows_of(LINES, ingested.listed_at("a"))})
    assert ingested.database.rows("SELECT id FROM log ORDER BY id") == ids, (
        "a line keeps its id however often it is tried"
    )


def test_the_lease_of_another_replica_is_respected(ingested: Scene) -> None:
    back_to_processing(ingested, lease="1 hour")
    before = ingested.database.file("a")
    done = ingested.ingestor("once")
    assert done.code == 0, done
    assert ingested.database.file("a") == before
    assert ingested.database.count("log") == 0
    assert re.search(r"(?im)^.*\b1\b.*(replica|held|lease|process|elsewhere|another).*$", done.stdout), done


def test_the_lease_is_judged_by_the_databases_clock(ingested: Scene) -> None:
    """The last moment of a lease is still a lease, however long ago the file was claimed."""
    back_to_processing(ingested, lease="30 seconds")
    assert ingested.ingestor("once").code == 0
    assert ingested.database.file("a")["lease_owner"] == "ghost"
    ingested.database.execute_as_nobody_watches(
        "UPDATE processed_file SET lease_expires_at = now() - interval '1 millisecond'"
    )
    assert ingested.ingestor("once").code == 0
    assert ingested.database.file("a")["status"] == "completed"


def test_a_replicas_name_is_the_owner(scene: Scene) -> None:
    scene.bucket.put("a", LINES)
    assert scene.ingestor.having(INGESTOR_REPLICA="replica-17")("once").code == 0
    assert scene.database.rows("SELECT lease_owner FROM judge.transition WHERE after = 'processing'") == [
        ("replica-17",)
    ]


def test_a_file_whose_readers_keep_dying_fails(ingested: Scene) -> None:
    back_to_processing(ingested, lease="-1 minute", expiries=19)
    done = ingested.ingestor("once")
    assert done.code == 1, done
    file = ingested.database.file("a")
    assert file["status"] == "failed"
    assert "its replica died each time" in file["metadata"]["error"]


def test_a_file_whose_readers_died_often_still_gets_its_chance(ingested: Scene) -> None:
    back_to_processing(ingested, lease="-1 minute", expiries=18)
    done = ingested.ingestor("once")
    assert done.code == 0, done
    assert ingested.database.file("a")["status"] == "completed"
    assert ingested.database.file("a")["lease_expiries"] == 0, "they count in a row"


def test_files_whose_reader_died_are_claimed_one_by_one(scene: Scene) -> None:
    """One of them may have killed it, and must not take the others along."""
    scene.bucket.put_all({f"{n}": LINES for n in range(5)})
    assert scene.ingestor("once").code == 0
    assert scene.database.transactions("pending -> processing") == 1, "as a group"
    back_to_processing(scene, lease="-1 minute")
    done = scene.ingestor("once")
    assert done.code == 0, done
    assert scene.database.transactions("pending -> processing") == 1 + 5
    assert scene.database.count("log") == 5 * 50


def test_a_file_that_outgrows_its_group_delays_none_of_it(scene: Scene) -> None:
    """The rest of the group is committed and told before the large one is begun."""
    small = {f"{n}": LINES for n in range(10)}
    # 54 KiB that inflate to far more than a buffer of rows holds.
    bomb = objects.zipped(b'{"msg":"%s"}\n' % (b"x" * 1000) * 20_000)
    scene.migrate_and_put(small | {"outgrows": bomb})
    with scene.ingestor.having(INGESTOR_LEASE="2s").running() as service:
        service.wait_until("all is completed", lambda: scene.database.is_completed(*small, "outgrows"))
        done = service.stop()
    assert done.code == 0, done
    assert "lease lost" not in done.stderr, done
    told = [line for line in done.stderr.splitlines() if "file completed" in line]
    assert 'key="outgrows"' in told[-1], done
    assert scene.database.count("log") == 10 * 50 + 20_000
