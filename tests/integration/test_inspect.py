"""`inspect` shows what an object would become, and writes nothing."""

import json
import os
from pathlib import Path

import pytest
from support import objects
from support.ingestor import Ingestor
from support.scene import Scene

LINES = objects.json_lines(50) + b"not json\n" + objects.json_lines(50, first=50)


def write(ingestor: Ingestor, name: str, body: bytes) -> str:
    path = Path(ingestor.folder) / name
    path.write_bytes(body)
    return str(path)


@pytest.mark.parametrize(
    ("body", "compression"),
    [(LINES, None), (objects.zipped(LINES), "gzip"), (objects.two_members(LINES), "gzip")],
    ids=["plain", "gzip", "two members"],
)
def test_a_local_file_needs_no_environment(
    bare_ingestor: Ingestor, body: bytes, compression: str | None
) -> None:
    done = bare_ingestor("inspect", write(bare_ingestor, "a file.log", body), "--json")
    assert done.code == 0, done
    shown = json.loads(done.stdout)
    assert set(shown) >= {"format", "compression", "rows", "lines_rejected", "rejects", "sample"}
    assert (shown["rows"], shown["lines_rejected"]) == (100, 1)
    assert (shown["compression"] == "gzip") == (compression == "gzip")
    assert shown["format"] and isinstance(shown["format"], str)
    (reject,) = shown["rejects"]
    assert (reject["line"], reject["byte_offset"]) == (51, len(objects.json_lines(50)))
    assert reject["reason"].startswith("not_json: ")


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_as_many_rows_as_asked_for(bare_ingestor: Ingestor, rows: int) -> None:
    done = bare_ingestor("inspect", write(bare_ingestor, "a.log", LINES), "--rows", str(rows), "--json")
    assert done.code == 0, done
    sample = json.loads(done.stdout)["sample"]
    assert len(sample) == rows
    assert [(row["message"], row["level"], row["pid"]) for row in sample] == [
        (f"line {n}", 30, 7) for n in range(rows)
    ]


@pytest.mark.parametrize(
    "number", ["1e500", "-1e-500", "123456789012345678901234567890.10", "0.1000", "-0", "1E+2"]
)
def test_json_keeps_every_digit_of_a_number(bare_ingestor: Ingestor, number: str) -> None:
    line = f'{{"a": [{number}, {number}], "query":{{"b":{number}}}, "processingTimeMs":{number}, "msg":"x"}}'
    done = bare_ingestor("inspect", write(bare_ingestor, "a.log", line.encode()), "--json")
    assert done.code == 0, done
    row = json.loads(done.stdout, parse_float=str, parse_int=str)["sample"][0]
    assert row["raw_data"] == json.loads(line, parse_float=str, parse_int=str)
    assert row["query"] == {"b": number}


def test_for_people(bare_ingestor: Ingestor) -> None:
    done = bare_ingestor("inspect", write(bare_ingestor, "a.log.gz", objects.zipped(LINES)), "--rows", "2")
    assert done.code == 0, done
    for word in ("gzip", "100", "not_json", "51", "line 0", "line 1"):
        assert word in done.stdout, done
    assert "line 2" not in done.stdout, done
    assert "\x1b" not in done.stdout


def test_an_object_in_s3(scene: Scene) -> None:
    key = "a folder/ünïcödé + 100%.gz"
    scene.bucket.put(key, objects.zipped(LINES))
    done = scene.ingestor.having(DATABASE_URL=None)("inspect", f"s3://{scene.bucket.name}/{key}", "--json")
    assert done.code == 0, done
    assert (json.loads(done.stdout)["rows"], json.loads(done.stdout)["lines_rejected"]) == (100, 1)


def test_nothing_is_written(scene: Scene) -> None:
    scene.bucket.put("a", LINES)
    assert scene.ingestor("inspect", f"s3://{scene.bucket.name}/a").code == 0
    assert not scene.database.has_table("processed_file") and not scene.database.has_table("log")


@pytest.mark.parametrize(
    "body",
    [objects.truncated(LINES), objects.random_bytes(5000), objects.corrupt(LINES)],
    ids=["truncated", "binary", "corrupt"],
)
def test_an_unreadable_file(bare_ingestor: Ingestor, body: bytes) -> None:
    done = bare_ingestor("inspect", write(bare_ingestor, "bad", body))
    assert done.code == 1, done
    assert done.stderr.strip(), done


def test_a_file_that_is_not_there(bare_ingestor: Ingestor) -> None:
    done = bare_ingestor("inspect", "/no/such/file.gz")
    assert done.code == 1, done
    assert "/no/such/file.gz" in done.stderr and len(done.stderr.strip().splitlines()) == 1, done


def test_text_from_a_pipe_cannot_be_read_twice(bare_ingestor: Ingestor) -> None:
    pipe = Path(bare_ingestor.folder) / "pipe"
    os.mkfifo(pipe)
    for body, code in ((objects.json_lines(3), 0), (b"one\ntwo\n", 1)):
        with bare_ingestor.running("inspect", str(pipe), "--json") as running:
            pipe.write_bytes(body)
            done = running.wait()
            assert done.code == code, done
    assert "cannot be read twice" in done.stderr and not done.stdout, done


def test_the_reject_limit_is_that_of_ingestion(bare_ingestor: Ingestor) -> None:
    path = write(bare_ingestor, "a.log", LINES)
    assert bare_ingestor.having(INGESTOR_REJECT_LIMIT="1%")("inspect", path).code == 0
    done = bare_ingestor.having(INGESTOR_REJECT_LIMIT="0%")("inspect", path)
    assert done.code == 1 and "INGESTOR_REJECT_LIMIT" in done.stderr, done


def test_a_key_that_is_not_there(scene: Scene) -> None:
    done = scene.ingestor.having(LOG_LEVEL="error")("inspect", f"s3://{scene.bucket.name}/nothing-here")
    assert done.code == 1, done
    assert "nothing-here" in done.stderr, done


def test_an_empty_file_has_no_rows(bare_ingestor: Ingestor) -> None:
    done = bare_ingestor("inspect", write(bare_ingestor, "empty", b""), "--json")
    assert done.code == 0, done
    assert (json.loads(done.stdout)["rows"], json.loads(done.stdout)["sample"]) == (0, [])


def test_years_beyond_a_short_integer(bare_ingestor: Ingestor) -> None:
    lines = b"".join(b'{"time":%d}\n' % ms for ms in (9_000_000_000_000_000, 951_782_400_000, -62_135_596_800_001))
    done = bare_ingestor("inspect", write(bare_ingestor, "years.log", lines), "--rows", "3", "--json")
    assert [row["timestamp"] for row in json.loads(done.stdout)["sample"]] == [
        "287168-08-24T16:00:00.000000Z",
        "2000-02-29T00:00:00.000000Z",
        "0000-12-31T23:59:59.999000Z",
    ]


def test_a_log_line_does_not_steer_the_terminal(bare_ingestor: Ingestor) -> None:
    line = b'{"msg":"first\\nrow 7\\u001b[31m"}\n'
    done = bare_ingestor("inspect", write(bare_ingestor, "evil.log", line))
    assert done.code == 0, done
    assert "\x1b" not in done.stdout and "\nrow 7" not in done.stdout, done
