"""A failed file is tried again after its backoff, until its attempts are used up."""

import json
import re

from support import objects
from support.scene import Scene
from support.waiting import wait_until

KEY = "bad.gz"
BAD = objects.truncated(objects.json_lines(500))


def wait_for_backoff(scene: Scene) -> None:
    """Until the database's own clock has passed the time of the next attempt."""
    wait_until(
        "the backoff is over",
        lambda: scene.database.value(
            "SELECT coalesce(next_attempt_at <= now(), true) FROM processed_file WHERE s3_key = %s", KEY
        ),
    )


def backoff_seconds(scene: Scene) -> float:
    return float(
        scene.database.value(
            "SELECT extract(epoch FROM next_attempt_at - (metadata ->> 'at')::timestamptz) "
            "FROM processed_file WHERE s3_key = %s",
            KEY,
        )
    )


def test_attempts_grow_up_to_the_limit_and_the_backoff_doubles(scene: Scene) -> None:
    scene.bucket.put(KEY, BAD)
    ingestor = scene.ingestor.having(INGESTOR_RETRY_BACKOFF="1s", INGESTOR_MAX_ATTEMPTS="3")
    for attempt, backoff in ((1, 1.0), (2, 2.0)):
        done = ingestor("once")
        assert done.code == 1, done
        file = scene.database.file(KEY)
        assert (file["status"], file["attempts"], file["metadata"]["attempt"]) == ("failed", attempt, attempt)
        assert abs(backoff_seconds(scene) - backoff) < 0.5, file
        wait_for_backoff(scene)
    assert ingestor("once").code == 1
    assert (scene.database.file(KEY)["status"], scene.database.file(KEY)["attempts"]) == ("failed", 3)

    scene.database.execute_as_nobody_watches(
        "UPDATE processed_file SET next_attempt_at = now() - interval '1 hour' "
        "WHERE next_attempt_at IS NOT NULL"
    )
    done = ingestor("once")
    assert done.code == 0, done
    assert scene.database.file(KEY)["attempts"] == 3
    assert scene.database.changes(KEY) == ["pending", "processing", "failed"] * 3
    assert scene.database.count("log") == 0


def test_a_file_in_its_backoff_is_left_alone_and_the_summary_says_so(scene: Scene) -> None:
    scene.bucket.put(KEY, BAD)
    ingestor = scene.ingestor.having(INGESTOR_RETRY_BACKOFF="1h")
    assert ingestor("once").code == 1
    done = ingestor("once")
    assert done.code == 0, done
    assert scene.database.file(KEY)["attempts"] == 1
    assert re.search(r"(?im)^.*\b1\b.*(wait|backoff|back-off|again|retr|later).*$", done.stdout), done


def test_an_object_that_was_repaired_lands(scene: Scene) -> None:
    good = objects.json_lines(10)
    scene.bucket.put(KEY, BAD)
    ingestor = scene.ingestor.having(INGESTOR_RETRY_BACKOFF="1s")
    assert ingestor("once").code == 1
    scene.bucket.put(KEY, objects.zipped(good))
    wait_for_backoff(scene)
    done = ingestor("once", "--json")
    assert done.code == 0, done
    assert json.loads(done.stdout)["rows"] == scene.database.count("log") == 10
    assert scene.database.file(KEY)["status"] == "completed"
    assert scene.database.file(KEY)["size"] == len(objects.zipped(good))


def test_run_tries_again_by_itself(scene: Scene) -> None:
    scene.bucket.put(KEY, BAD)
    ingestor = scene.ingestor.having(
        INGESTOR_RETRY_BACKOFF="500ms", INGESTOR_MAX_ATTEMPTS="2", INGESTOR_POLL_INTERVAL="500ms"
    )
    with ingestor.running() as service:
        service.wait_until("the last attempt has failed", lambda: scene.database.has_attempted(KEY, 2))
        assert service.stop().code == 0
    assert scene.database.changes(KEY) == ["pending", "processing", "failed"] * 2


def test_a_file_without_an_attempt_left_is_not_forgotten(scene: Scene) -> None:
    scene.bucket.put(KEY, BAD)
    ingestor = scene.ingestor.having(INGESTOR_MAX_ATTEMPTS="1")
    assert ingestor("once").code == 1
    done = ingestor("once")
    assert done.code == 0, done
    assert "1 staying failed until `ingestor retry`" in done.stdout, done


def test_a_completed_object_that_changed_is_shown_and_left_alone(scene: Scene) -> None:
    scene.bucket.put_all({"a": objects.json_lines(3), "b": objects.json_lines(4)})
    assert scene.ingestor("once").code == 0
    before = scene.database.file("a")
    scene.bucket.put("a", objects.json_lines(5))
    done = scene.ingestor("once")
    assert done.code == 0, done
    assert "1 changed since they were completed" in done.stdout, done
    assert scene.database.file("a") == before
    assert scene.database.count("log") == 7
