"""Replicas and connections that die in the middle: afterwards every line is there once."""

import signal
import time
from urllib.parse import urlsplit

from support import objects
from support.comparing import assert_landed
from support.expected import rows_of
from support.forwarding import forwarded
from support.scene import Scene

LINES = objects.json_lines(5_000)


def assert_rows_are_those_of_completed_files(scene: Scene, rows_each: int) -> None:
    """In one statement, so in one snapshot: a commit that the server still had in hand may come at any moment."""
    rows, files = scene.database.row(
        "SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM processed_file WHERE status = 'completed')"
    )
    assert rows == rows_each * files


def test_kill_in_mid_copy_and_another_replica_finishes(scene: Scene) -> None:
    scene.migrate_and_put({"a": LINES})
    ingestor = scene.ingestor.having(INGESTOR_LEASE="2s", INGESTOR_POLL_INTERVAL="500ms")
    with scene.database.log_locked(), ingestor.having(INGESTOR_REPLICA="victim").running() as victim:
        victim.wait_until("a COPY has begun", scene.database.is_copying)
        victim.kill()
    assert scene.database.count("log") == 0
    with ingestor.having(INGESTOR_REPLICA="heir").running() as heir:
        heir.wait_until(
            "the heir has finished",
            lambda: scene.database.file("a")["status"] == "completed",
        )
        assert heir.stop().code == 0
    assert_landed(scene.database, {"a": rows_of(LINES, scene.listed_at("a"))})
    assert scene.database.file("a")["attempts"] == 0, "the death of a replica is no failure of the file"
    assert scene.database.changes("a") == ["pending", "processing", "pending", "processing", "completed"]


def test_kill_at_some_moment_of_a_load_of_many_files(scene: Scene) -> None:
    contents = {f"{n:03}": objects.json_lines(200, first=200 * n) for n in range(120)}
    scene.migrate_and_put(contents)
    ingestor = scene.ingestor.having(
        INGESTOR_LEASE="2s", INGESTOR_POLL_INTERVAL="500ms", INGESTOR_BATCH_SIZE="5"
    )
    for kills in range(3):
        with ingestor.having(INGESTOR_REPLICA=f"victim-{kills}").running() as victim:
            victim.wait_until("it has claimed something", scene.database.is_processing)
            time.sleep(0.05 * kills)
            victim.kill()
        assert_rows_are_those_of_completed_files(scene, rows_each=200)
    with ingestor.running() as heir:
        heir.wait_until("all is completed", lambda: scene.database.is_completed(*contents), limit=60)
        assert heir.stop().code == 0
    listed = scene.bucket.last_modified()
    assert_landed(scene.database, {key: rows_of(data, listed[key]) for key, data in contents.items()})


def test_a_lease_is_renewed_while_a_file_is_worked_on(scene: Scene) -> None:
    """Held up for longer than two leases, a living replica keeps its file; a second one does not take it."""
    scene.migrate_and_put({"a": LINES})
    ingestor = scene.ingestor.having(INGESTOR_LEASE="2s", INGESTOR_POLL_INTERVAL="500ms")
    with ingestor.having(INGESTOR_REPLICA="holder").running() as holder:
        with scene.database.log_locked():
            holder.wait_until("a COPY has begun", scene.database.is_copying)
            with ingestor.having(INGESTOR_REPLICA="other").running() as other:
                time.sleep(5)
                assert scene.database.file("a")["lease_owner"] == "holder"
                assert other.stop().code == 0
        holder.wait_until(
            "the holder has finished",
            lambda: scene.database.file("a")["status"] == "completed",
        )
        assert holder.stop().code == 0
    assert scene.database.changes("a") == ["pending", "processing", "completed"]
    assert_landed(scene.database, {"a": rows_of(LINES, scene.listed_at("a"))})


def test_connections_cut_in_mid_copy_cost_no_attempt(scene: Scene) -> None:
    """As when a database restarts: the file goes back, is tried again, and nothing is counted against it."""
    scene.migrate_and_put({"a": LINES})
    with scene.ingestor.running("once") as once:
        with scene.database.log_locked():
            once.wait_until("a COPY has begun", scene.database.is_copying)
            scene.database.disconnect_role()
        done = once.wait()
    assert done.code == 0, done
    assert (scene.database.file("a")["status"], scene.database.file("a")["attempts"]) == ("completed", 0)
    assert_landed(scene.database, {"a": rows_of(LINES, scene.listed_at("a"))})


def test_a_replica_that_was_paused_past_its_lease_commits_nothing(scene: Scene) -> None:
    """Its COPY goes through, and its token stops the commit."""
    scene.migrate_and_put({"a": LINES})
    ingestor = scene.ingestor.having(INGESTOR_LEASE="2s", INGESTOR_POLL_INTERVAL="500ms")
    with ingestor.having(INGESTOR_REPLICA="sleeper").running() as sleeper:
        with scene.database.log_locked():
            sleeper.wait_until("a COPY has begun", scene.database.is_copying)
            sleeper.send(signal.SIGSTOP)
        with ingestor.having(INGESTOR_REPLICA="heir").running() as heir:
            heir.wait_until("the heir has finished", lambda: scene.database.is_completed("a"))
            assert heir.stop().code == 0
        sleeper.send(signal.SIGCONT)
        sleeper.wait_until("it has noticed", lambda: "lease lost" in sleeper.output())
        done = sleeper.stop()
    assert done.code == 0, done
    assert done.stderr.count("lease lost") == 1, done
    assert_landed(scene.database, {"a": rows_of(LINES, scene.listed_at("a"))})
    assert scene.database.changes("a") == ["pending", "processing", "pending", "processing", "completed"]


def test_a_lease_that_is_lost_ends_the_load_at_once(scene: Scene) -> None:
    """It does not go on to its fence: the body that it waits for never comes."""
    large = objects.json_lines(60_000)
    scene.migrate_and_put({"a": large})
    endpoint = urlsplit(scene.bucket.store.endpoint)
    with forwarded(str(endpoint.hostname), int(endpoint.port or 80)) as wire:
        ingestor = scene.ingestor.having(INGESTOR_LEASE="2s", INGESTOR_DB_POOL_SIZE="1")
        with ingestor.having(AWS_ENDPOINT=f"http://127.0.0.1:{wire.port}").running() as robbed:
            with scene.database.log_locked():
                robbed.wait_until("a COPY has begun", scene.database.is_copying)
                with wire.silent():
                    scene.database.execute_as_nobody_watches(
                        "UPDATE processed_file SET claim_token = claim_token + 1, lease_owner = 'thief'"
                    )
                    robbed.wait_until("it has noticed", lambda: "lease lost" in robbed.output(), limit=10)
            assert robbed.stop(limit=5).code == 0
    assert scene.database.count("log") == 0
    assert scene.database.file("a")["lease_owner"] == "thief", "what is not its own it does not give back"
