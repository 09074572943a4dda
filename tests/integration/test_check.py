"""`ingestor check`: one thing broken at a time, the line that says so, and that what the line says to do helps."""

import json
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import objects
from support.checking import Checked, Policy, checked, joined, restricted
from support.database import Cluster, edit_url
from support.ingestor import Ingestor, free_port
from support.scene import Scene, make_scene
from support.scripted_s3 import Answer, ScriptedS3, scripted_s3
from support.store import Store

IN_TIME = 45.0  # seconds: twice what a step may take, and some more for a busy machine
UNRELATED: Policy = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::another-bucket/*"}],
}


@pytest.fixture(scope="module")
def ready(postgres: Cluster, minio: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    """Everything is as it should be; nothing here changes it."""
    with make_scene(postgres, minio, new_folder()) as made:
        made.migrate_and_put({"app/a.ndjson": objects.json_lines(3), "sys/b.ndjson": objects.json_lines(3)})
        yield made


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def test_all_is_well(ready: Scene) -> None:
    said = checked(ready.ingestor)
    assert said.done.code == 0, said.done
    assert said.verdicts("configuration", "credentials", "bucket", "object", "database", "schema") == ["ok"] * 6
    assert said.lines["identity"].verdict == "skip" and "AWS_ENDPOINT_URL_STS" in said.lines["identity"].text
    assert said.lines["timescaledb"].verdict in ("ok", "note")
    assert "AWS_ACCESS_KEY_ID" in said.lines["credentials"].text
    assert "2 objects" in said.lines["bucket"].text and ready.bucket.name in said.lines["bucket"].text
    assert "app/a.ndjson" in said.lines["object"].text
    for part in (ready.database.name, ready.database.cluster.role, "PostgreSQL", "without TLS"):
        assert part in said.lines["database"].text
    assert said.done.stderr == ""


def test_it_changes_nothing(scene: Scene) -> None:
    scene.migrate_and_put({"a.ndjson": objects.json_lines(3)})
    assert checked(scene.ingestor).done.code == 0
    assert scene.database.count("processed_file") == 0
    assert scene.database.count("log") == 0


def test_what_nobody_has_put_yet(ready: Scene) -> None:
    said = checked(ready.ingestor.having(AWS_S3_KEY="nothing/here/"))
    assert said.done.code == 0, said.done
    assert said.verdicts("bucket", "object") == ["note", "skip"]
    assert "AWS_S3_KEY" in said.lines["bucket"].text


@pytest.mark.parametrize("variable", ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"])
def test_wrong_keys(ready: Scene, variable: str) -> None:
    said = checked(ready.ingestor.having(**{variable: "not-the-right-one-0815"}))
    said.assert_failed("bucket", variable)
    assert said.lines["bucket"].snippet == []
    assert said.verdicts("object", "database", "schema") == ["skip", "ok", "ok"]


def test_no_keys_at_all(ready: Scene) -> None:
    said = checked(ready.ingestor.having(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None))
    said.assert_failed("credentials", "AWS_ACCESS_KEY_ID")
    assert said.verdicts("identity", "bucket", "object", "database") == ["skip", "skip", "skip", "ok"]


def test_keys_that_expire(ready: Scene) -> None:
    keys = {
        "Version": 1,
        "AccessKeyId": ready.ingestor.environment["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": ready.ingestor.environment["AWS_SECRET_ACCESS_KEY"],
        "Expiration": "2099-12-31T23:59:59Z",
    }
    answer, config = ready.ingestor.folder / "keys.json", ready.ingestor.folder / "aws-config"
    answer.write_text(json.dumps(keys))
    config.write_text(f"[profile logs]\ncredential_process = /bin/cat {answer}\n")
    said = checked(
        ready.ingestor.having(
            AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_CONFIG_FILE=str(config), AWS_PROFILE="logs"
        )
    )
    assert said.done.code == 0, said.done
    assert "logs" in said.lines["credentials"].text and "until 2099-12-31 23:59:59" in said.lines["credentials"].text
    assert keys["SecretAccessKey"] not in said.done.stdout + said.done.stderr


def test_a_profile_that_is_not_there(ready: Scene) -> None:
    said = checked(ready.ingestor.having(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_PROFILE="nowhere"))
    assert said.done.code == 2, said.done
    assert said.verdicts("credentials", "bucket", "database") == ["fail", "skip", "ok"]
    assert "nowhere" in said.lines["credentials"].text


def test_who_it_is_where_sts_can_be_asked(localstack: Store, postgres: Cluster, new_folder: Callable[[], Path]) -> None:
    with make_scene(postgres, localstack, new_folder()) as scene:
        scene.migrate_and_put({"a": objects.json_lines(1)})
        for names in ({"AWS_ENDPOINT_URL_STS": localstack.endpoint}, {"AWS_ENDPOINT_URL": localstack.endpoint}):
            said = checked(scene.ingestor.having(**names))
            assert said.done.code == 0, said.done
            assert said.lines["identity"].verdict == "ok", said.done
            assert "arn:aws:" in said.lines["identity"].text and "000000000000" in said.lines["identity"].text


def test_an_sts_that_nobody_serves_stops_nothing(ready: Scene) -> None:
    port = free_port()
    said = checked(ready.ingestor.having(AWS_ENDPOINT_URL_STS=f"http://127.0.0.1:{port}"))
    assert said.done.code == 0, said.done
    assert said.lines["identity"].verdict == "note" and str(port) in said.lines["identity"].text


def test_a_bucket_that_is_not_there(ready: Scene) -> None:
    checked(ready.ingestor.having(AWS_S3_BUCKET="no-such-bucket-here")).assert_failed(
        "bucket", "no-such-bucket-here", "AWS_S3_BUCKET"
    )


def test_an_s3_that_nobody_serves(ready: Scene) -> None:
    port = free_port()
    said = checked(ready.ingestor.having(AWS_ENDPOINT=f"http://127.0.0.1:{port}"))
    said.assert_failed("bucket", str(port))
    assert said.verdicts("object", "database", "schema") == ["skip", "ok", "ok"]


@pytest.mark.parametrize("prefix", [None, "app/"])
def test_with_exactly_what_the_snippets_grant_it_passes(ready: Scene, minio: Store, prefix: str | None) -> None:
    ingestor = ready.ingestor.having(AWS_S3_KEY=prefix)
    said = checked(ingestor.having(**restricted(minio, UNRELATED)))
    said.assert_failed("bucket", "s3:ListBucket", f"arn:aws:s3:::{ready.bucket.name}")
    assert said.verdicts("object", "database") == ["skip", "ok"]
    listing = said.policy("bucket")

    said = checked(ingestor.having(**restricted(minio, listing)))
    said.assert_failed("object", "s3:GetObject")
    assert said.lines["bucket"].verdict == "ok"
    reading = said.policy("object")

    allowed = ingestor.having(**restricted(minio, joined(listing, reading)))
    said = checked(allowed)
    assert said.done.code == 0, said.done
    assert "temporary" in said.lines["credentials"].text
    if prefix:  # and nothing beside it
        assert checked(allowed.having(AWS_S3_KEY="sys/")).lines["bucket"].verdict == "fail"


def test_what_the_snippets_grant_is_all_that_a_run_needs(scene: Scene, minio: Store) -> None:
    scene.bucket.put_all({"app/a": objects.json_lines(3), "sys/b": objects.json_lines(5)})
    ingestor = scene.ingestor.having(AWS_S3_KEY="app/")
    listing = checked(ingestor.having(**restricted(minio, UNRELATED))).policy("bucket")
    reading = checked(ingestor.having(**restricted(minio, listing))).policy("object")
    done = ingestor.having(**restricted(minio, joined(listing, reading)))("once")
    assert done.code == 0, done
    assert scene.database.count("log") == 3


def refusal(code: str, message: str) -> Answer:
    """In the words that S3 itself uses."""
    return 403, {}, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


def checked_with(ready: Scene, s3: ScriptedS3) -> Checked:
    with scripted_s3(s3) as environment:
        return checked(ready.ingestor.having(**environment))


KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    ("message", "resource"),
    [
        (
            "User: arn:aws:sts::111122223333:assumed-role/loader/i-0 is not authorized to perform: kms:Decrypt on "
            f"resource: {KEY} because no identity-based policy allows the kms:Decrypt action",
            KEY,
        ),
        (
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or "
            "you are not allowed to access.",
            "arn:aws:kms:us-east-1:*:key/*",
        ),
    ],
)
def test_a_key_that_may_not_be_used(ready: Scene, message: str, resource: str) -> None:
    s3 = ScriptedS3({"a": b"{}\n"})
    s3.answer_get = lambda key, n: refusal("AccessDenied", message)
    said = checked_with(ready, s3)
    said.assert_failed("object", "kms:Decrypt")
    assert said.policy("object")["Statement"] == [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": resource}]


def test_a_denial_that_no_grant_overrules(ready: Scene) -> None:
    s3 = ScriptedS3({"a": b"{}\n"})
    s3.answer_list = lambda token, n: refusal(
        "AccessDenied",
        "User: arn:aws:iam::111122223333:user/loader is not authorized to perform: s3:ListBucket on resource: "
        '"arn:aws:s3:::logs" with an explicit deny in a resource-based policy',
    )
    said = checked_with(ready, s3)
    said.assert_failed("bucket", "resource-based policy", "no grant overrules")
    assert said.lines["bucket"].snippet == []


ARCHIVED = refusal("InvalidObjectState", "The operation is not valid for the object's storage class")


def test_archived_objects_are_passed_over(ready: Scene) -> None:
    s3 = ScriptedS3({f"{n}": b"{}\n" for n in range(5)})
    s3.answer_get = lambda key, n: ARCHIVED if key < "3" else None
    said = checked_with(ready, s3)
    assert said.done.code == 0, said.done
    assert said.lines["object"].verdict == "ok" and "s3://logs/3 " in said.lines["object"].text


def test_nothing_but_archived_objects(ready: Scene) -> None:
    s3 = ScriptedS3({f"{n:03}": b"{}\n" for n in range(100)})
    s3.answer_get = lambda key, n: ARCHIVED
    said = checked_with(ready, s3)
    assert said.done.code == 0, said.done
    assert said.lines["object"].verdict == "note" and "restore" in said.lines["object"].text
    assert s3.gets.total() <= 10


@pytest.mark.parametrize(("setting", "payer"), [("on", "requester"), ("off", None)])
def test_a_requester_who_pays_says_so(ready: Scene, setting: str, payer: str | None) -> None:
    s3 = ScriptedS3({"a": b"{}\n"})
    with scripted_s3(s3) as environment:
        assert checked(ready.ingestor.having(**environment, INGESTOR_REQUESTER_PAYS=setting)).done.code == 0
    assert [headers.get("x-amz-request-payer") for headers in s3.headers] == [payer] * 2
    signed = ["x-amz-request-payer" in headers["authorization"] for headers in s3.headers]
    assert signed == [payer is not None] * 2


def test_a_bucket_in_another_region(ready: Scene) -> None:
    """Found by itself each time; the line says which setting would spare that."""
    s3 = ScriptedS3({"a": b"{}\n"})
    elsewhere = b"<Error><Code>PermanentRedirect</Code><Message>The bucket is elsewhere.</Message></Error>"
    s3.answer_list = lambda token, n: (301, {"x-amz-bucket-region": "eu-north-1"}, elsewhere) if n == 1 else None
    said = checked_with(ready, s3)
    assert said.done.code == 0, said.done
    assert said.verdicts("bucket", "object") == ["note", "ok"]
    assert "eu-north-1" in said.lines["bucket"].text and "AWS_REGION" in said.lines["bucket"].text


def test_a_database_that_nobody_serves(ready: Scene) -> None:
    port = free_port()
    said = checked(ready.ingestor.having(DATABASE_URL=edit_url(ready.database.url, port=port)))
    said.assert_failed("database", str(port), "DATABASE_URL")
    assert said.verdicts("bucket", "object", "schema", "timescaledb") == ["ok", "ok", "skip", "skip"]


def test_a_wrong_password(ready: Scene) -> None:
    wrong = ready.ingestor.having(DATABASE_URL=edit_url(ready.database.url, password="not-the-password-0815"))
    checked(wrong).assert_failed("database", ready.database.cluster.role, "password")


def test_a_database_without_a_schema(scene: Scene) -> None:
    scene.bucket.put("a", objects.json_lines(1))
    checked(scene.ingestor).assert_failed("schema", "no schema", "`ingestor migrate`")
    assert scene.ingestor("migrate").code == 0
    assert checked(scene.ingestor).done.code == 0


def test_an_old_schema(scene: Scene) -> None:
    scene.migrate_and_put({"a": objects.json_lines(1)})
    newest = "(SELECT max(version) FROM ingestor_migration)"
    scene.database.execute(f"DELETE FROM ingestor_migration WHERE version = {newest}")
    checked(scene.ingestor).assert_failed("schema", "this program needs", "`ingestor migrate`")


def test_a_role_that_lacks_privileges(scene: Scene, postgres: Cluster) -> None:
    scene.migrate_and_put({"a": objects.json_lines(1)})
    with postgres.fresh_role(scene.database.name) as url:
        scene.database.execute("GRANT SELECT ON ingestor_migration TO PUBLIC")
        scene.database.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON processed_file, rejected_line TO PUBLIC")
        scene.database.execute("GRANT SELECT, INSERT ON log TO PUBLIC")
        said = checked(scene.ingestor.having(DATABASE_URL=url))
        said.assert_failed("schema", "update on log, delete on log")


def test_a_database_that_takes_no_rows(ready: Scene) -> None:
    read_only = edit_url(ready.database.url, options="-cdefault_transaction_read_only=on")
    said = checked(ready.ingestor.having(DATABASE_URL=read_only))
    said.assert_failed("database", "read-only", "target_session_attrs")


def test_tls_is_told(postgres_tls: Cluster, minio_tls: Store, new_folder: Callable[[], Path]) -> None:
    with make_scene(postgres_tls, minio_tls, new_folder()) as scene:
        scene.migrate_and_put({"a": objects.json_lines(1)})
        said = checked(scene.ingestor)
        assert said.done.code == 0, said.done
        assert "with TLS" in said.lines["database"].text
        checked(scene.ingestor.having(AWS_CA_BUNDLE=None)).assert_failed("bucket", "certificate", "AWS_CA_BUNDLE")


def test_all_mistakes_of_the_configuration(ready: Scene) -> None:
    said = checked(ready.ingestor.having(AWS_REGION=None, AWS_ENDPOINT="ftp://nowhere"))
    assert said.done.code == 2, said.done
    assert said.verdicts("configuration", "credentials", "bucket", "object") == ["fail", "skip", "skip", "skip"]
    for name in ("AWS_REGION", "AWS_ENDPOINT"):
        assert name in said.lines["configuration"].text and name in said.done.stderr, said.done
    # The other half of it is right, and is looked at.
    assert said.verdicts("database", "schema") == ["ok", "ok"]

    said = checked(ready.ingestor.having(DATABASE_URL="mysql://h/d"))
    assert said.done.code == 2, said.done
    assert said.verdicts("bucket", "object", "database", "schema") == ["ok", "ok", "skip", "skip"]


def test_settings_that_no_server_can_make_work(ready: Scene) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    said = checked(
        ready.ingestor.having(
            AWS_ENDPOINT=None, AWS_ENDPOINT_URL_STS=nobody, AWS_REGION="cn-north-1", AWS_USE_FIPS_ENDPOINT="true"
        )
    )
    assert said.done.code == 2, said.done
    assert said.lines["bucket"].verdict == "fail" and "AWS_USE_FIPS_ENDPOINT" in said.lines["bucket"].text


def test_keys_with_anything_in_their_names(ready: Scene) -> None:
    s3 = ScriptedS3({"a\x1b[31m\nfail  bucket": b"{}\n"})
    said = checked_with(ready, s3)
    assert said.done.code == 0, said.done
    assert "\x1b" not in said.done.stdout


def test_servers_that_say_nothing(ready: Scene, silent_port: int) -> None:
    """Both at once, for each takes its time."""
    s3 = ready.ingestor.having(AWS_ENDPOINT=f"http://127.0.0.1:{silent_port}")
    database = ready.ingestor.having(DATABASE_URL=edit_url(ready.database.url, port=silent_port, connect_timeout="100"))
    with s3.running("check") as without_s3, database.running("check") as without_database:
        said = Checked(without_s3.wait(IN_TIME))
        said.assert_failed("bucket", str(silent_port))
        assert said.verdicts("object", "database", "schema") == ["skip", "ok", "ok"]
        said = Checked(without_database.wait(IN_TIME))
        said.assert_failed("database", "20 s")
        assert said.verdicts("bucket", "object", "schema") == ["ok", "ok", "skip"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(ready: Scene, silent_port: int, number: signal.Signals) -> None:
    with ready.ingestor.having(AWS_ENDPOINT=f"http://127.0.0.1:{silent_port}").running("check") as process:
        process.wait_until("it waits for S3", lambda: "identity" in process.output())
        done = process.stop(number)
    assert done.code == 128 + number, done
    assert "bucket" not in done.stdout and done.stderr == "", done
