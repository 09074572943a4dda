"""An object without a JSON object in its first 100 lines is text: each line is a message."""

import json

import pytest
from support import objects
from support.comparing import assert_landed
from support.expected import Row, columns_of, text_row
from support.scene import Scene

TEXT = (
    "127.0.0.1 - - [23/Nov/2026:15:08:09 +0000] \"GET / HTTP/1.1\" 200 612\n"
    "\n"
    "  indented, with ünïcödé 🙂 and a backslash \\ and \"quotes\"\r\n"
    "[1, 2, 3]\n"
    "   \t \r\n"
    "12345\n"
    "'; DROP TABLE log; --\n"
    "null\n"
    "the last line has no end"
)  # fmt: skip


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
def test_each_line_of_a_text_is_a_row(scene: Scene, zipped: bool) -> None:
    scene.bucket.put("access.log", objects.zipped(TEXT.encode()) if zipped else TEXT.encode())
    done = scene.ingestor("once", "--json")
    assert done.code == 0, done
    listed = scene.listed_at_microseconds("access.log")
    lines = [(n, line.removesuffix("\r")) for n, line in enumerate(TEXT.split("\n"), 1) if line.strip()]
    assert_landed(scene.database, {"access.log": [text_row(n, line, listed) for n, line in lines]})
    assert json.loads(done.stdout)["lines_rejected"] == 0


def test_a_json_object_in_line_100_makes_it_json_lines(scene: Scene) -> None:
    scene.bucket.put("a", b"header\n" * 99 + b'{"msg":"found"}\nfooter\n')
    assert scene.ingestor("once").code == 0
    assert_landed(
        scene.database, {"a": [Row(100, columns_of('{"msg":"found"}', scene.listed_at_microseconds("a")))]}
    )
    assert [line for (line,) in scene.database.rows("SELECT line FROM rejected_line ORDER BY line")] == [
        *range(1, 100),
        101,
    ]


def test_a_json_object_in_line_101_comes_too_late(scene: Scene) -> None:
    scene.bucket.put("a", b"header\n" * 100 + b'{"msg":"late"}\n')
    assert scene.ingestor("once").code == 0
    listed = scene.listed_at_microseconds("a")
    lines = ["header"] * 100 + ['{"msg":"late"}']
    assert_landed(scene.database, {"a": [text_row(n, line, listed) for n, line in enumerate(lines, 1)]})
    assert scene.database.count("rejected_line") == 0
