"""Lines that cannot be rows are kept with number, offset, reason and bytes; their neighbours land."""

import json
from dataclasses import dataclass

import pytest
from support import objects
from support.comparing import assert_landed
from support.expected import Row, columns_of
from support.ingestor import Finished
from support.scene import Scene

LINE_MAX = 1024
KEPT_MAX = 64 * 1024

GOOD, BLANK = "good", "blank"


@dataclass(frozen=True)
class Line:
    name: str
    content: bytes
    verdict: str = (
        GOOD  # GOOD, BLANK, or the code that it is rejected with (several where the contract leaves it open)
    )
    end: bytes = b"\n"


def padded(size: int) -> bytes:
    """A good line of exactly `size` bytes."""
    return b'{"msg":"' + b"x" * (size - 10) + b'"}'


def nested(depth: int) -> bytes:
    """An object that nests `depth` deep, itself included."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


LINES = (
    # What comes first shows that this is a file of JSON lines, and fills the 4 KiB that are looked at for that.
    *(Line(f"first line {n}", json.dumps({"time": 1000 + n, "msg": "x" * 500}).encode()) for n in range(12)),
    Line("words", b"this is not json", "not_json"),
    Line("good after words", b'{"msg":"after words"}'),
    Line("cut", b'{"msg":"cut', "not_json"),
    Line("two on a line", b'{"msg":"a"}{"msg":"b"}', "not_json"),
    Line("something after", b'{"msg":"a"} x', "not_json"),
    Line("trailing comma", b'{"msg":"a",}', "not_json"),
    Line("single quotes", b"{'msg':'a'}", "not_json"),
    Line("comment", b'{"msg":"a"/* no */}', "not_json"),
    Line("NaN", b'{"v":NaN}', "not_json"),
    Line("leading zero", b'{"v":01}', "not_json"),
    Line("plus sign", b'{"v":+1}', "not_json"),
    Line("no digit after the point", b'{"v":1.}', "not_json"),
    Line("no digit before the point", b'{"v":.5}', "not_json"),
    Line("unknown escape", rb'{"msg":"\x41"}', "not_json"),
    Line("short unicode escape", rb'{"msg":"\u12"}', "not_json"),
    Line("control character", b'{"msg":"a\x01b"}', "not_json"),
    Line("raw NUL", b'{"msg":"a\x00b"}', "not_json invalid_utf8"),
    Line("raw tab in a string", b'{"msg":"a\tb"}', "not_json"),
    Line("array", b"[1,2,3]", "not_an_object"),
    Line("string", b'"just a string"', "not_an_object"),
    Line("number", b"12345", "not_an_object"),
    Line("null", b"null", "not_an_object"),
    Line("true", b"true", "not_an_object"),
    Line("array of objects", b'[{"msg":"a"}]', "not_an_object"),
    Line("cut character", b'{"msg":"\xc3"}', "invalid_utf8"),
    Line("overlong", b'{"msg":"\xc0\x80"}', "invalid_utf8"),
    Line("surrogate in UTF-8", b'{"msg":"\xed\xa0\x80"}', "invalid_utf8"),
    Line("beyond U+10FFFF", b'{"msg":"\xf4\x90\x80\x80"}', "invalid_utf8"),
    Line("latin-1", "{'msg':'café'}".replace("'", '"').encode("latin-1"), "invalid_utf8"),
    Line("invalid UTF-8 in a key", b'{"\xff":1}', "invalid_utf8"),
    Line("invalid UTF-8 in a value that no column takes", b'{"other":{"deep":["\xfe"]}}', "invalid_utf8"),
    Line("good after invalid UTF-8", '{"msg":"ünïcödé 🙂"}'.encode()),
    Line("number of 1,000 characters", b'{"v":' + b"9" * 1000 + b"}"),
    Line("number of 1,001 characters", b'{"v":' + b"9" * 1001 + b"}", "number_out_of_range"),
    Line("negative number of 1,001 characters", b'{"v":-' + b"9" * 1000 + b"}", "number_out_of_range"),
    Line("fraction of 1,001 characters", b'{"v":0.' + b"1" * 999 + b"}", "number_out_of_range"),
    Line("exponent 1,000", b'{"v":1e1000}'),
    Line("exponent 1,001", b'{"v":1e1001}', "number_out_of_range"),
    Line("exponent -1,000", b'{"v":1E-1000}'),
    Line("exponent -1,001", b'{"v":1e-1001}', "number_out_of_range"),
    Line("exponent of many digits", b'{"v":1e' + b"9" * 100 + b"}", "number_out_of_range"),
    Line("line of exactly the limit", padded(LINE_MAX)),
    Line("line one above the limit", padded(LINE_MAX + 1), "too_long"),
    Line("line of exactly the limit with CRLF", padded(LINE_MAX), end=b"\r\n"),
    Line("line one above the limit with CRLF", padded(LINE_MAX + 1), "too_long", end=b"\r\n"),
    Line("line of 200,000 bytes", padded(200_000), "too_long"),
    Line("good after a long line", b'{"msg":"after a long line"}'),
    Line("good with CRLF", b'{"msg":"crlf"}', end=b"\r\n"),
    Line("bad with CRLF", b"bad with crlf", "not_json", end=b"\r\n"),
    Line("CR alone does not end a line", b'{"msg":"a"}\r{"msg":"b"}', "not_json"),
    Line("CR inside the whitespace", b'{"msg":\r"cr"}'),
    Line("two CRs before the LF", b'{"msg":"two crs"}\r', end=b"\r\n"),
    Line("blank", b"", BLANK),
    Line("blank with CRLF", b"", BLANK, end=b"\r\n"),
    Line("blank of spaces, tabs and CRs", b" \t \r \t", BLANK),
    Line("a form feed is not blank", b"\x0c", "not_json"),
    Line("good after blanks", b'  {"msg":"after blanks"} \t'),
    Line("NUL escape", rb'{"msg":"a\u0000b","\u0000":"\u0000"}'),
    Line("NUL escape that is escaped", rb'{"msg":"a\\u0000b"}'),
    Line("lone surrogates", rb'{"msg":"a\ud800b \udc00 \ud800\ud83d\ude00 \ude00\ud83d"}'),
    Line("empty object", b"{}"),
    Line("duplicate keys", b'{"msg":"first","msg":"last","level":10,"level":50}'),
    Line("cut by the end of the file", b'{"msg":"no newline', "not_json", end=b""),
)  # fmt: skip


def data_of(lines: tuple[Line, ...]) -> bytes:
    return b"".join(line.content + line.end for line in lines)


@pytest.fixture(scope="module", params=["plain", "gzip"])
def key(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def done(module_scene: Scene) -> Finished:
    data = data_of(LINES)
    module_scene.bucket.put_all({"plain": data, "gzip": objects.two_members(data)})
    return module_scene.ingestor.having(INGESTOR_MAX_LINE="1KiB")("once", "--json")


def rejected() -> dict[int, Line]:
    return {n: line for n, line in enumerate(LINES, 1) if line.verdict not in (GOOD, BLANK)}


def test_the_file_completes_and_the_rejects_are_counted(
    done: Finished, module_scene: Scene, key: str
) -> None:
    assert done.code == 0, done
    assert json.loads(done.stdout)["lines_rejected"] == 2 * len(rejected())
    file = module_scene.database.file(key)
    good = sum(line.verdict == GOOD for line in LINES)
    assert (file["status"], file["rows_written"], file["lines_rejected"], file["attempts"]) == (
        "completed",
        good,
        len(rejected()),
        0,
    )


@pytest.mark.parametrize("number", rejected(), ids=lambda n: LINES[n - 1].name)
def test_a_rejected_line_is_kept(done: Finished, module_scene: Scene, key: str, number: int) -> None:
    line = LINES[number - 1]
    offset, reason, raw = module_scene.database.row(
        "SELECT byte_offset, reason, raw FROM rejected_line JOIN processed_file f ON f.id = file_id "
        "WHERE s3_key = %s AND line = %s",
        key,
        number,
    )
    code, separator, detail = reason.partition(": ")
    assert code in line.verdict.split() and separator and detail, reason
    assert offset == len(data_of(LINES[: number - 1]))
    assert bytes(raw) == line.content[:KEPT_MAX]


def test_nothing_else_is_rejected(done: Finished, module_scene: Scene, key: str) -> None:
    numbers = module_scene.database.rows(
        "SELECT line FROM rejected_line JOIN processed_file f ON f.id = file_id WHERE s3_key = %s ORDER BY line",
        key,
    )
    assert [LINES[n - 1].name for (n,) in numbers] == [line.name for line in rejected().values()]


def test_the_neighbours_land(done: Finished, module_scene: Scene) -> None:
    expected = {}
    for name in ("plain", "gzip"):
        listed = module_scene.listed_at_microseconds(name)
        expected[name] = [
            Row(n, columns_of(line.content.decode(), listed))
            for n, line in enumerate(LINES, 1)
            if line.verdict == GOOD
        ]
    assert_landed(module_scene.database, expected)


FIRST = b'{"msg":"first"}\n' * 400  # more than the 4 KiB that decide what the object is


def only_reject(scene: Scene, body: bytes) -> tuple:
    scene.bucket.put("a.gz", objects.zipped(body))
    done = scene.ingestor("once")
    assert done.code == 0, done
    return scene.database.row("SELECT line, byte_offset, reason, raw FROM rejected_line")


def test_what_is_kept_of_a_line_is_cut(scene: Scene) -> None:
    long = b"x" * 300_000
    number, offset, reason, raw = only_reject(scene, FIRST + long + b"\n" + FIRST)
    assert (number, offset, reason.split(":")[0]) == (401, len(FIRST), "not_json")
    assert bytes(raw) == long[:KEPT_MAX]
    assert scene.database.count("log") == 800


def test_depth_513_is_too_deep(scene: Scene) -> None:
    assert only_reject(scene, FIRST + nested(512) + b"\n" + nested(513) + b"\n")[2].startswith("too_deep: ")
    assert scene.database.count("log") == 401


def test_depth_of_a_hundred_thousand(scene: Scene) -> None:
    assert only_reject(scene, FIRST + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n")[2].startswith(
        "too_deep: "
    )


def test_the_default_limit_of_a_line_is_16_mib(scene: Scene) -> None:
    limit = 16 * 1024 * 1024
    number, _, reason, raw = only_reject(
        scene, FIRST + padded(limit) + b"\n" + padded(limit + 1) + b"\n" + FIRST
    )
    assert (number, reason.split(":")[0], len(raw)) == (402, "too_long", KEPT_MAX)
    assert scene.database.count("log") == 801
    assert scene.database.value("SELECT max(length(message)) FROM log") == limit - 10


@pytest.mark.parametrize(("good", "limit", "status"), [
    (9, "10%", "completed"), (8, "10%", "failed"), (1, "50%", "completed"), (1, "49%", "failed"), (99, "0%", "failed"),
])  # fmt: skip
def test_a_file_with_too_large_a_share_of_rejects_fails(
    scene: Scene, good: int, limit: str, status: str
) -> None:
    """One bad line beside some good ones: a share of exactly the limit is not above it."""
    scene.bucket.put("a", objects.json_lines(good) + b"not json\n")
    done = scene.ingestor.having(INGESTOR_REJECT_LIMIT=limit)("once")
    assert done.code == (1 if status == "failed" else 0), done
    file = scene.database.file("a")
    landed = good if status == "completed" else 0
    assert (file["status"], file["rows_written"], scene.database.count("log")) == (status, landed, landed)
    assert status == "completed" or file["metadata"]["stage"] == "decode"


def test_a_row_that_is_refused_at_commit_is_rejected_alone(scene: Scene) -> None:
    """A deferred trigger speaks only then, and of a whole group. (test_refused_rows.py has all other ways.)"""
    good = {f"{n}": objects.json_lines(20, first=20 * n) for n in range(3)}
    scene.migrate_and_put(good | {"bad": b'{"msg":"refuse me"}\n'})
    scene.database.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.message = 'refuse me' THEN RAISE 'this one is refused'; END IF; RETURN NULL; END $$"
    )
    scene.database.execute(
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    done = scene.ingestor("once")
    assert done.code == 0, done
    assert scene.database.statuses() == dict.fromkeys([*good, "bad"], "completed")
    assert scene.database.row("SELECT line, reason FROM rejected_line") == (
        1,
        "refused_by_database: this one is refused (P0001)",
    )
    assert scene.database.count("log") == 60
