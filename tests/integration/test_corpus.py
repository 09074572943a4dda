"""Real logs through each S3 server, with good and bad objects beside them: every row, every column."""

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import pytest
from support import objects
from support.comparing import VALUES, assert_landed, column_figures, expected_figures
from support.expected import Row, rows_of
from support.ingestor import Finished, Ingestor
from support.places import sample_logs
from support.scene import Scene

PLAIN_LINES = 500
BAD = {
    "bad/truncated.ndjson.gz": "inflate",
    "bad/random.bin": "decode",
    "bad/second-member.ndjson.gz": "inflate",
}


@dataclass
class Load:
    scene: Scene
    done: Finished
    expected: dict[str, list[Row]]
    landed_figures: dict[str, tuple]

    def all_rows(self) -> list[Row]:
        return [row for rows in self.expected.values() for row in rows]


def good_objects() -> dict[str, bytes]:
    """The sample logs as they are, and a part of one as a plain file and as a gzip file of two members."""
    samples = sample_logs()
    if not samples:
        pytest.skip("no sample logs here: neither tests/data nor ../shared/corpus")
    some = b"".join(gzip.decompress(next(iter(samples.values()))).splitlines(keepends=True)[:PLAIN_LINES])
    return {f"real/{name}": body for name, body in samples.items()} | {
        "good/plain.ndjson": some,
        "good/two-members.ndjson.gz": objects.two_members(some),
    }


def bad_objects() -> dict[str, bytes]:
    lines = objects.json_lines(2000)
    return {
        "bad/truncated.ndjson.gz": objects.truncated(lines),
        "bad/random.bin": objects.random_bytes(50_000),
        "bad/second-member.ndjson.gz": objects.zipped(lines) + objects.truncated(lines),
    }


@cache
def rows_with_times(data: bytes) -> list[Row]:
    """Every line of these objects has a time of its own, so that the listing's does not matter."""
    rows = rows_of(data, datetime.fromtimestamp(0, UTC))
    assert all(row.columns["timestamp"] for row in rows)
    return rows


@cache
def figures_of(datas: tuple[bytes, ...]) -> dict[str, tuple]:
    return expected_figures(row for data in datas for row in rows_with_times(data))


def inflated(key: str, body: bytes) -> bytes:
    return body if key.endswith("plain.ndjson") else gzip.decompress(body)


@pytest.fixture(scope="module")
def load(each_store_scene: Scene) -> Load:
    good = good_objects()
    each_store_scene.bucket.put_all(good | bad_objects())
    done = in_no_hurry(each_store_scene)("once", "--json")
    expected = {key: rows_with_times(inflated(key, body)) for key, body in good.items()}
    return Load(each_store_scene, done, expected, column_figures(each_store_scene.database))


def in_no_hurry(scene: Scene) -> Ingestor:
    """However long the tests take, the bad files' backoff is not over before they end."""
    return scene.ingestor.having(INGESTOR_RETRY_BACKOFF="1h")


def test_the_exit_code_says_that_files_failed(load: Load) -> None:
    assert load.done.code == 1, load.done


def test_the_summary_counts_what_happened(load: Load) -> None:
    summary = json.loads(load.done.stdout)
    assert summary["files"] == {"completed": len(load.expected), "failed": len(BAD)}
    assert summary["rows"] == len(load.all_rows())
    assert summary["lines_rejected"] == 0
    assert 0 < summary["seconds"] <= load.done.seconds


def test_each_good_file_is_completed_with_its_rows(load: Load) -> None:
    for key, rows in load.expected.items():
        file = load.scene.database.file(key)
        assert (file["status"], file["rows_written"], file["lines_rejected"]) == (
            "completed",
            len(rows),
            0,
        ), key
        assert file["attempts"] == 0, key


@pytest.mark.parametrize("column", VALUES)
def test_count_and_sum_of_each_column(load: Load, column: str) -> None:
    count, total = load.landed_figures[column]
    expected_count, expected_total = figures_of(
        tuple(inflated(key, body) for key, body in good_objects().items())
    )[column]
    assert count == expected_count
    assert total == (
        pytest.approx(expected_total, rel=1e-12) if column == "processing_time_ms" else expected_total
    )


def test_every_row_equals_its_line(load: Load) -> None:
    assert_landed(load.scene.database, load.expected)


def test_lines_with_nul_escapes_land_repaired(load: Load) -> None:
    repaired = sum("\\ufffd" in row.columns["raw_data"] for row in load.all_rows())
    assert repaired >= 8000
    assert (
        load.scene.database.value("SELECT count(*) FROM log WHERE raw_data::text LIKE %s", "%\ufffd%")
        == repaired
    )


@pytest.mark.parametrize("key", BAD)
def test_a_bad_file_fails_with_its_reason_and_no_rows(load: Load, key: str) -> None:
    file = load.scene.database.file(key)
    assert (file["status"], file["attempts"], file["rows_written"]) == ("failed", 1, 0)
    assert file["metadata"]["stage"] == BAD[key] or key == "bad/random.bin", file["metadata"]
    assert file["metadata"]["error"] and file["metadata"]["replica"] and file["metadata"]["attempt"] == 1
    assert load.scene.database.value("SELECT count(*) FROM log WHERE ingestor_file(id) = %s", file["id"]) == 0


def test_a_bad_file_failed_a_moment_ago_on_the_databases_clock(load: Load) -> None:
    for key in BAD:
        age = load.scene.database.value(
            "SELECT extract(epoch FROM now() - (metadata ->> 'at')::timestamptz) FROM processed_file WHERE s3_key = %s",
            key,
        )
        assert -1 < age < 300, key


def test_random_bytes_are_called_binary(load: Load) -> None:
    assert "binary" in load.scene.database.file("bad/random.bin")["metadata"]["error"].lower()


def test_a_second_once_adds_nothing(load: Load) -> None:
    before = load.scene.database.rows("SELECT * FROM processed_file ORDER BY id")
    again = in_no_hurry(load.scene)("once", "--json")
    assert again.code == 0, again
    assert json.loads(again.stdout) | {"seconds": 0} == {
        "files": {"completed": 0, "failed": 0}, "rows": 0, "lines_rejected": 0,
        "bytes_compressed": 0, "bytes_inflated": 0, "seconds": 0,
    }  # fmt: skip
    assert load.scene.database.count("log") == len(load.all_rows())
    assert load.scene.database.rows("SELECT * FROM processed_file ORDER BY id") == before
