"""Keys that are hard to sign, to list or to ask for; and the prefix."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError
from support import objects
from support.ingestor import Finished
from support.s3_servers import refuses, renames
from support.scene import Scene
from support.store import UPLOADS_AT_ONCE

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


# Each byte of ASCII that S3 allows, where a URL, a signature or XML may treat it specially: inside, first and last.
EACH_BYTE = tuple(
    key for byte in range(1, 0x80) for key in (f"in {byte:02x}[{chr(byte)}]", f"{chr(byte)}first", f"last{chr(byte)}")
)

# The first and the last character of each length in UTF-8, and what Unicode or XML have against some.
EACH_LENGTH = tuple(
    f"U+{point:04X} {chr(point)}"
    for point in (0x80, 0x85, 0xA0, 0x7FF, 0x800, 0x2028, 0x2029, 0xD7FF, 0xE000, 0xFDD0, 0xFEFF, 0xFFFD)
    + (0xFFFE, 0xFFFF, 0x10000, 0x1F600, 0x10FFFE, 0x10FFFF)
)

# What paths, URLs, queries, XML or shells mean by them must not matter.
SPECIAL = (
    *("//", "///x", "//second", "a//b", "a/b//c/", "trailing/", "trailing//", "/"),
    *(".", "..", "./a", "../a", "a/./b", "a/../b", "a/..", "a/.", "../../../etc/passwd", ".../...", ".hidden"),
    *("%", "%%", "%2F", "%2f", "%00", "%0", "%zz", "a%2Fb", "a/b", "+", "a+b%20c d", "%2B", "&", "&amp;", "&#10;"),
    *("?", "a?list-type=2", "#", "a#b?c=d", "=", "a=b&c=d", "a;b", "~", "'", '"', "'\"`", "\\", "a\\b", "..\\a"),
    *("<", "<Key>a</Key>", "]]>", "<![CDATA[x]]>", "<!--x-->", "&lt;", " ", "  ", " a ", "\ta\t", "\n", "\r", "\r\n"),
    *("a\r\nx-evil: 1", "a b HTTP/1.1\r\n\r\nGET /", "con", "NUL.txt", "a:b", "*", "{a,b}", "$a", "|", "!"),
    *("k" * 1024, "é" * 512, "\U0001f600" * 256, "+" * 1024, "/".join(["%" * 204] * 5)),
)

ALL_KEYS = tuple(dict.fromkeys(HARD_KEYS + EACH_BYTE + EACH_LENGTH + SPECIAL))


def test_the_keys_are_those_that_s3_allows() -> None:
    assert max(len(key.encode()) for key in ALL_KEYS) == 1024
    assert set("".join(ALL_KEYS).encode()) >= set(range(1, 0x80))
    assert {len(character.encode()) for character in "".join(ALL_KEYS)} == {1, 2, 3, 4}


@dataclass(frozen=True)
class Taken:
    """What a server has made of the keys, and what ingestor has made of them."""

    scene: Scene
    server: str
    bodies: dict[str, bytes]  # under the key that was given
    refused: set[str]
    done: Finished

    def listed_as(self, key: str) -> str:
        return key.lstrip("/") if renames(self.server, key) else key


@pytest.fixture(scope="module")
def taken(each_store_scene: Scene) -> Taken:
    scene, server = each_store_scene, each_store_scene.bucket.store.name
    bodies = {key: objects.json_lines(1, first=n) for n, key in enumerate(ALL_KEYS)}
    # Where a key is renamed, another's object must not be under its new name.
    bodies = {k: b for k, b in bodies.items() if not (renames(server, k) and k.lstrip("/") in bodies)}
    refused = set()

    def put(key: str) -> None:
        try:
            scene.bucket.put(key, bodies[key])
        except ClientError:
            refused.add(key)

    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as uploads:
        list(uploads.map(put, bodies))
    kept = {key: body for key, body in bodies.items() if key not in refused}
    return Taken(scene, server, kept, refused, scene.ingestor("once"))


def test_the_server_refuses_what_is_written_and_nothing_else(taken: Taken) -> None:
    assert taken.refused ^ {key for key in ALL_KEYS if refuses(taken.server, key)} == set()


def test_the_ledger_has_every_key_byte_for_byte(taken: Taken) -> None:
    assert taken.done.code == 0, taken.done
    given = {taken.listed_as(key) for key in taken.bodies}
    assert set(taken.scene.bucket.last_modified()) ^ given == set(), "boto3 lists the same"
    stored = taken.scene.database.rows("SELECT convert_to(s3_key, 'UTF8'), status::text FROM processed_file")
    assert {(bytes(key), status) for key, status in stored} ^ {(key.encode(), "completed") for key in given} == set()
    assert len(stored) == len(given)


def test_the_object_behind_each_key_was_read(taken: Taken) -> None:
    landed = taken.scene.database.rows(
        "SELECT s3_key, message FROM log JOIN processed_file f ON f.id = ingestor_file(log.id)"
    )
    lines = {key: f"line {n}" for n, key in enumerate(ALL_KEYS)}
    expected = {(taken.listed_as(key), lines[key]) for key in taken.bodies}
    assert set(landed) ^ expected == set()
    assert len(landed) == len(expected)


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
