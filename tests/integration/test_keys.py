"""Keys that are hard to sign, to list or to ask for; and the prefix."""

import pytest
from botocore.exceptions import ClientError
from support import objects
from support.scene import Scene

HARD_KEYS = (
    "plain.ndjson",
    "with space.ndjson",
    " begins and ends with a space ",
    "two  spaces/and/a/path",
    "plus+plus++.gz",
    "percent%.gz",
    "already%20encoded%2Fkey",
    "percent%%25%2525",
    "question?mark=1&b=2",
    "hash#fragment",
    "ampersand&<angle>\"quotes\"'apostrophe'",
    "semi;colon:comma,dollar$equals=at@bang!",
    "round(brackets)[square]{curly}",
    "back\\slash|pipe^caret`grave~tilde*star",
    "ünïcödé/日本語/🙂.gz",
    "cafe\u0301 decomposed and caf\u00e9 composed",
    "right-to-left \u05e9\u05dc\u05d5\u05dd \u202e",
    "zero\u200bwidth",
    "dots...and.dashes-_-",
    "a/" + "/".join("0123456789" * 20 for _ in range(5)) + "/" + "z" * 17,  # 1,024 bytes
    "ü/" + "/".join("é" * 100 for _ in range(5)) + "/" + "ß" * 7 + "ab",  # 1,024 bytes in UTF-8
    "tab\tand\x01control\x1f\x7f",
    "year=2026/month=11/day=23/part-0000.json",
    "-begins-with-a-dash",
    "'; DROP TABLE log; --",
    "$(touch /tmp/owned)`id`",
)


def test_the_long_keys_are_as_long_as_s3_allows() -> None:
    assert [len(key.encode()) for key in HARD_KEYS if len(key.encode()) > 200] == [1024, 1024]


def upload_what_the_server_takes(scene: Scene) -> dict[str, bytes]:
    """Some servers refuse some keys (control characters); those are no test of the binary."""
    taken = {}
    for n, key in enumerate(HARD_KEYS):
        body = objects.json_lines(2, first=2 * n)
        try:
            scene.bucket.put(key, body)
            taken[key] = body
        except ClientError:
            continue
    return taken


def test_every_hard_key_is_listed_and_read(each_store_scene: Scene) -> None:
    scene = each_store_scene
    taken = upload_what_the_server_takes(scene)
    assert len(taken) >= len(HARD_KEYS) - 2, f"refused: {set(HARD_KEYS) - set(taken)}"
    done = scene.ingestor("once")
    assert done.code == 0, done
    assert scene.database.statuses() == dict.fromkeys(taken, "completed")
    landed = dict(
        scene.database.rows(
            "SELECT s3_key, array_agg(message ORDER BY message) "
            "FROM log JOIN processed_file f ON f.id = ingestor_file(log.id) GROUP BY 1"
        )
    )
    assert landed == {
        key: sorted(f"line {n}" for n in (2 * i, 2 * i + 1))
        for i, key in enumerate(HARD_KEYS)
        if key in taken
    }


@pytest.mark.parametrize("prefix", ["logs/app/", "logs/app", "lo gs+%/ü", "logs/app/2.ndjson"])
def test_only_keys_under_the_prefix(scene: Scene, prefix: str) -> None:
    inside = {
        f"{prefix}{tail}": objects.json_lines(1)
        for tail in ("", "1.ndjson", "deeper/2.ndjson")
        if not f"{prefix}{tail}".endswith("/")
    }
    outside = {
        key: objects.json_lines(1)
        for key in ("1.ndjson", "log", "other/logs/app/1.ndjson", "LOGS/APP/1", "lo gs")
    }
    scene.bucket.put_all(inside | outside)
    done = scene.ingestor.having(AWS_S3_KEY=prefix)("once")
    assert done.code == 0, done
    assert scene.database.statuses() == dict.fromkeys(inside, "completed")


def test_an_empty_bucket_is_fine(scene: Scene) -> None:
    done = scene.ingestor("once")
    assert done.code == 0, done
    assert scene.database.count("processed_file") == 0
