"""`ingestor status`: the ledger in one look, for people and for programs."""

import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from support import objects
from support.ingestor import Finished
from support.scene import Scene
from support.terminal import on_a_terminal

BAD = objects.truncated(objects.json_lines(500))
EMPTY = {
    "files": {"pending": 0, "processing": 0, "completed": 0, "failed": 0},
    "overwritten": 0,
    "oldest_pending_age_seconds": None,
    "rows": 0,
    "lines_rejected": 0,
    "newest_row_at": None,
    "last_completed_at": None,
    "failures": [],
    "rejects": [],
    "replicas": [],
}


def status(scene: Scene, *arguments: str) -> Finished:
    done = scene.ingestor("status", *arguments)
    assert (done.code, done.stderr) == (0, ""), done
    return done


def status_json(scene: Scene) -> dict:
    done = status(scene, "--json")
    assert len(done.stdout.splitlines()) == 1, done
    return json.loads(done.stdout)


def figure(text: str, name: str) -> str:
    found = re.search(rf"(?m)^{name} +(.*)$", text)
    assert found, text
    return found[1]


@pytest.fixture
def ledger(scene: Scene) -> Scene:
    assert scene.ingestor("migrate").code == 0
    return scene


def test_an_empty_ledger(ledger: Scene) -> None:
    assert status_json(ledger) == EMPTY
    text = status(ledger).stdout
    assert text.startswith(f"s3://{ledger.bucket.name}/\nas of 20"), text
    assert "replica" not in text and "latest" not in text, text


def test_after_a_run(scene: Scene) -> None:
    good = objects.json_lines(3) + b"no json\n"
    scene.bucket.put_all({"a": good, "b": objects.json_lines(4), "bad.gz": BAD, "worse.gz": BAD})
    assert scene.ingestor("once").code == 1
    scene.database.execute("UPDATE processed_file SET next_attempt_at = NULL WHERE s3_key = 'worse.gz'")
    shown = status_json(scene)
    assert shown["files"] == {"pending": 0, "processing": 0, "completed": 2, "failed": 2}
    assert (shown["rows"], shown["lines_rejected"], shown["oldest_pending_age_seconds"]) == (7, 1, None)
    failures = {failure["key"]: failure for failure in shown["failures"]}
    for key, failure in failures.items():
        file = scene.database.file(key)
        assert failure["bucket"] == scene.bucket.name and failure["attempts"] == 1
        assert (failure["stage"], failure["error"]) == (file["metadata"]["stage"], file["metadata"]["error"])
    assert failures["bad.gz"]["next_attempt_at"].endswith("Z")
    due = datetime.fromisoformat(failures["bad.gz"]["next_attempt_at"].replace("Z", "+00:00"))
    assert due == scene.database.file("bad.gz")["next_attempt_at"]
    assert failures["worse.gz"]["next_attempt_at"] is None

    (rejecting,) = shown["rejects"]
    assert (rejecting["bucket"], rejecting["key"], rejecting["lines_rejected"]) == (scene.bucket.name, "a", 1)
    assert rejecting["reasons"][0].startswith("not_json: ") and rejecting["completed_at"].endswith("Z")
    assert shown["newest_row_at"] == "2023-11-14T22:13:20.003000Z" and shown["last_completed_at"].endswith("Z")

    text = status(scene).stdout
    assert re.search(r"(?m)^files with rejected lines, the latest first\n  a\n {6}1 line\n {6}not_json: .+$", text), text
    assert figure(text, "newest row") == "2023-11-14 22:13:20 UTC", text
    assert figure(text, "completed") == "2" and figure(text, "failed") == "2", text
    assert figure(text, "rows") == "7" and figure(text, "rejected") == "1 line", text
    told = r"(?m)^  bad\.gz\n      inflate, attempt 1: .+\n(?: {6}.+\n)*      is tried again in \d+s, at 20"
    assert re.search(told, text), text
    assert re.search(r"(?m)^  worse\.gz\n(?: {6}.+\n)+      stays failed until `ingestor retry`$", text), text


def test_rows_are_those_that_the_ledger_has_written_down(ledger: Scene) -> None:
    """`log` may have billions; it is not counted."""
    ledger.database.put_in_ledger(ledger.bucket.name, ["a"], "completed")
    ledger.database.execute("UPDATE processed_file SET rows_written = 5000000000, lines_rejected = 12345")
    shown = status_json(ledger)
    assert (shown["rows"], shown["lines_rejected"]) == (5_000_000_000, 12_345)
    assert figure(status(ledger).stdout, "rows") == "5,000,000,000"
    with ledger.database.connect() as other, other.transaction():
        other.execute("LOCK TABLE log IN ACCESS EXCLUSIVE MODE")
        status(ledger)


def test_completed_objects_that_are_others_now(scene: Scene) -> None:
    scene.bucket.put_all({"a": objects.json_lines(3), "b": objects.json_lines(4)})
    assert scene.ingestor("once").code == 0
    scene.bucket.put("a", objects.json_lines(5))
    assert scene.ingestor("once").code == 0
    shown = status_json(scene)
    assert (shown["overwritten"], shown["files"]["completed"], shown["rows"]) == (1, 2, 7)
    assert figure(status(scene).stdout, "overwritten") == "1, changed since they were completed"
    assert scene.ingestor("retry", "--key", "a", "--reingest").code == 0
    assert status_json(scene)["overwritten"] == 0
    assert scene.ingestor("once").code == 0
    assert status_json(scene)["rows"] == scene.database.count("log") == 9


def test_a_replica_that_has_gone_silent(scene: Scene) -> None:
    scene.bucket.put("a", objects.json_lines(3))
    with scene.ingestor.having(INGESTOR_REPLICA="mortal").running() as service:
        service.wait_until("it has told of its rows", lambda: reported(scene).get("rows") == 3)
        alive = reported(scene)
        assert alive["alive"] and alive["state"] == "running" and alive["version"], alive
        assert re.search(r"(?m)^  mortal\n {6}0 files\n {6}running for .+ rows/s, version ", status(scene).stdout)
        service.kill()
    scene.database.execute("UPDATE ingestor_replica SET seen_at = seen_at - interval '2 minutes'")
    assert not reported(scene)["alive"] and reported(scene)["age_seconds"] > 100
    assert re.search(r"(?m)^  mortal\n {6}0 files\n {6}silent for 2m", status(scene).stdout)


def reported(scene: Scene) -> dict:
    """What the one replica there is has told of itself."""
    replicas = json.loads(scene.ingestor("status", "--json").stdout or "{}").get("replicas", [])
    return replicas[0].get("report", {}) if replicas else {}


def test_the_oldest_pending_file(ledger: Scene) -> None:
    database = ledger.database
    database.put_in_ledger(ledger.bucket.name, ["a", "b"], "pending")
    database.execute("UPDATE processed_file SET discovered_at = now() - interval '7500 s' WHERE s3_key = 'b'")
    assert 7500 <= status_json(ledger)["oldest_pending_age_seconds"] < 7620
    assert re.fullmatch(r"2, the oldest for 2h 0[567]m", figure(status(ledger).stdout, "pending"))


def test_replicas_at_work(scene: Scene) -> None:
    scene.migrate_and_put({f"{n}": objects.json_lines(3) for n in range(3)})
    ingestor = scene.ingestor.having(INGESTOR_REPLICA="web-1", INGESTOR_LEASE="60s")
    with scene.database.log_locked(), ingestor.running("once") as first:
        first.wait_until("it loads", scene.database.is_copying)
        held = list(scene.database.statuses().values()).count("processing")
        (replica,) = status_json(scene)["replicas"]
        assert (replica["name"], replica["files"]) == ("web-1", held)
        until = datetime.fromisoformat(replica["lease_expires_at"].replace("Z", "+00:00"))
        assert timedelta() < until - datetime.now(timezone.utc) <= timedelta(seconds=61)
        text = status(scene).stdout
        assert re.search(rf"(?m)^replicas at work\n  web-1\n      {held} files?, lease until 20.* UTC$", text), text
    assert status_json(scene)["replicas"] == [] or not first.running()


def test_each_replica_with_the_earliest_of_its_leases(ledger: Scene) -> None:
    database = ledger.database
    database.put_in_ledger(ledger.bucket.name, ["a", "b", "c"], "processing")
    database.execute("UPDATE processed_file SET lease_owner = 'web-2' WHERE s3_key = 'c'")
    database.execute("UPDATE processed_file SET lease_expires_at = '2020-01-01 12:00:00.25+00' WHERE s3_key = 'b'")
    replicas = status_json(ledger)["replicas"]
    assert [(r["name"], r["files"]) for r in replicas] == [("another", 2), ("web-2", 1)]
    assert replicas[0]["lease_expires_at"] == "2020-01-01T12:00:00.250000Z"
    assert "2 files, lease ran out at 2020-01-01 12:00:00 UTC" in status(ledger).stdout
    database.execute("UPDATE processed_file SET lease_expires_at = NULL, lease_owner = NULL")
    assert status_json(ledger)["replicas"] == [{"name": "", "files": 3, "lease_expires_at": None}]


def test_only_the_bucket_and_the_prefix(ledger: Scene) -> None:
    database = ledger.database
    database.put_in_ledger(ledger.bucket.name, ["in/a", "in", "other"])
    database.put_in_ledger("another-bucket", ["in/b"])
    database.put_in_ledger("another-bucket", ["in/c"], "processing")
    ledger.ingestor = ledger.ingestor.having(AWS_S3_KEY="in/")
    shown = status_json(ledger)
    assert shown["files"]["failed"] == 1 and shown["files"]["processing"] == 0 and shown["replicas"] == []
    assert [failure["key"] for failure in shown["failures"]] == ["in/a"]


def test_the_latest_of_many_failures(ledger: Scene) -> None:
    database = ledger.database
    database.put_in_ledger(ledger.bucket.name, [f"{n:03}" for n in range(1200)])
    database.execute("UPDATE processed_file SET processed_at = now() - s3_key::int * interval '1 s'")
    assert [failure["key"] for failure in status_json(ledger)["failures"]] == [f"{n:03}" for n in range(20)]
    assert "the latest 20 of 1,200 failed files" in status(ledger).stdout


def test_what_the_ledger_holds_does_not_steer_the_terminal(ledger: Scene) -> None:
    database = ledger.database
    key = "evil\x1b[31m\n\x07\x9b2J\u2028"
    database.put_in_ledger(ledger.bucket.name, [key, "plain"])
    database.put_in_ledger(ledger.bucket.name, ["busy"], "processing")
    database.execute(
        "UPDATE processed_file SET lease_owner = %s, "
        "metadata = jsonb_build_object('error', %s::text, 'stage', %s::text)",
        "\x1b]0;x\x07", "cursed\x1b[2J\r " + "word " * 500, "\x1b[1m",
    )  # fmt: skip
    shown = on_a_terminal(ledger.ingestor, "status", columns=80)
    assert shown.code == 0
    assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028]", shown.screen), repr(shown.screen)
    assert "  evil\\u001b[31m\\n\\u0007\\u009b2J\\u2028\r\n" in shown.screen, shown.screen
    lines = shown.screen.split("\r\n")
    assert not any("\r" in line for line in lines) and max(map(len, lines)) <= 80, lines
    done = status(ledger, "--json")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout), repr(done.stdout)
    assert {failure["key"] for failure in json.loads(done.stdout)["failures"]} == {key, "plain"}
    assert json.loads(done.stdout)["failures"][0]["error"] == "cursed\x1b[2J\r " + "word " * 500


def test_a_failure_without_its_reasons(ledger: Scene) -> None:
    ledger.database.put_in_ledger(ledger.bucket.name, ["a"])
    ledger.database.execute("UPDATE processed_file SET metadata = '{}', attempts = 0")
    (failure,) = status_json(ledger)["failures"]
    assert (failure["error"], failure["stage"]) == ("", "")
    assert "  a\n      failed: no reason was recorded\n" in status(ledger).stdout


def test_needs_no_s3_and_none_of_its_keys(ledger: Scene) -> None:
    ledger.ingestor = ledger.ingestor.having(
        AWS_ENDPOINT=None, AWS_REGION=None, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None
    )
    assert status_json(ledger) == EMPTY


def test_changes_nothing_and_needs_no_right_to(ledger: Scene) -> None:
    ledger.database.put_in_ledger(ledger.bucket.name, ["a", "b"])
    with ledger.database.cluster.fresh_role(ledger.database.name) as url:
        reader = url.split("//")[1].split(":")[0]
        tables = "processed_file, ingestor_migration, rejected_line, ingestor_replica"
        ledger.database.execute(f'GRANT SELECT ON {tables} TO "{reader}"')
        ledger.ingestor = ledger.ingestor.having(DATABASE_URL=url)
        assert status_json(ledger)["files"]["failed"] == 2
        ledger.database.execute(f'DROP OWNED BY "{reader}"')


def test_without_the_schema(scene: Scene) -> None:
    done = scene.ingestor("status", "--json")
    assert (done.code, done.stdout) == (3, ""), done
    assert done.stderr == "ingestor: the database has no schema of Ingestor's; run `ingestor migrate`\n", done
    assert not scene.database.has_table("processed_file")


def test_with_wrong_settings(scene: Scene) -> None:
    done = scene.ingestor.having(AWS_S3_BUCKET=None)("status")
    assert done.code == 2 and "AWS_S3_BUCKET" in done.stderr, done
