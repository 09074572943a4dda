"""Objects are what their bytes say: what is a good file, what is a bad one, and what is no file."""

import json
from collections.abc import Callable

import pytest
from support import objects
from support.comparing import assert_landed
from support.expected import lines_of, rows_of
from support.ingestor import Finished
from support.scene import Scene

LINES = objects.json_lines(300)
HALF_A_CHARACTER = (
    b'{"msg":"' + "é".encode() * 3000 + b'"}\n'
)  # a character of two bytes lies across byte 4096

# Good objects and the bytes that are in them.
GOOD: dict[str, tuple[bytes, bytes]] = {
    "plain.ndjson": (LINES, LINES),
    "one-member.ndjson.gz": (objects.zipped(LINES), LINES),
    "stored.ndjson.gz": (objects.stored(LINES), LINES),
    "two-members.ndjson.gz": (objects.two_members(LINES), LINES),
    "many-members.ndjson.gz": (b"".join(objects.zipped(line + b"\n") for line in LINES.splitlines()), LINES),
    "empty-member-between.ndjson.gz": (
        objects.zipped(LINES) + objects.zipped(b"") + objects.zipped(LINES),
        LINES * 2,
    ),
    "trailing-zeros.ndjson.gz": (objects.zipped(LINES) + bytes(1000), LINES),
    "gzip-without-the-name.log": (objects.zipped(LINES), LINES),
    "plain-with-the-name.gz": (LINES, LINES),
    "no-last-newline.ndjson": (LINES.rstrip(b"\n"), LINES),
    "empty": (b"", b""),
    "empty.gz": (objects.zipped(b""), b""),
    "only-blank-lines.gz": (objects.zipped(b"\n \t\r\n\n"), b""),
    "character-across-4096.ndjson": (b" " + HALF_A_CHARACTER, b" " + HALF_A_CHARACTER),
    "character-across-4096-odd.ndjson": (HALF_A_CHARACTER, HALF_A_CHARACTER),
    "folder/with-bytes/": (LINES, LINES),
}

# Bad objects and the stage that finds out.
BAD: dict[str, tuple[bytes, str | None]] = {
    "truncated.gz": (objects.truncated(LINES), "inflate"),
    "header-only.gz": (objects.zipped(LINES)[:10], "inflate"),
    "half-a-header.gz": (objects.zipped(LINES)[:5], "inflate"),
    "without-trailer.gz": (objects.zipped(LINES)[:-8], "inflate"),
    "without-last-byte.gz": (objects.zipped(LINES)[:-1], "inflate"),
    "wrong-checksum.gz": (objects.corrupt(LINES), "inflate"),
    "trailing-garbage.gz": (objects.zipped(LINES) + b"garbage", "inflate"),
    "zeros-then-garbage.gz": (objects.zipped(LINES) + bytes(600) + b"x", "inflate"),
    "second-member-truncated.gz": (objects.zipped(LINES) + objects.truncated(LINES), "inflate"),
    "second-member-wrong-checksum.gz": (objects.zipped(LINES) + objects.corrupt(LINES), "inflate"),
    **{f"random-{seed}.bin": (objects.random_bytes(20_000, seed), "decode") for seed in range(40)},
    "gzip-in-gzip.gz": (objects.zipped(objects.zipped(LINES)), "decode"),
    "utf-16.ndjson": (LINES.decode().encode("utf-16-le"), "decode"),
    "nul-in-text": (b"some text\x00 and more\n" * 10, None),
}

NO_FILES = ("folder/", "folder/sub folder/")


@pytest.fixture(scope="module")
def done(module_scene: Scene) -> Finished:
    """One `once` over all of them."""
    everything = {key: body for key, (body, _) in (GOOD | BAD).items()} | dict.fromkeys(NO_FILES, b"")
    module_scene.bucket.put_all(everything)
    return module_scene.ingestor("once", "--json")


def line_count(data: bytes) -> int:
    return sum(1 for _ in lines_of(data))


def test_summary_and_exit_code(done: Finished) -> None:
    assert done.code == 1, done
    summary = json.loads(done.stdout)
    assert summary["files"] == {"completed": len(GOOD), "failed": len(BAD)}
    assert summary["rows"] == sum(line_count(data) for _, data in GOOD.values())


@pytest.mark.parametrize("key", GOOD)
def test_a_good_object_completes(done: Finished, module_scene: Scene, key: str) -> None:
    rows = line_count(GOOD[key][1])
    file = module_scene.database.file(key)
    assert (file["status"], file["rows_written"], file["lines_rejected"], file["attempts"]) == (
        "completed",
        rows,
        0,
        0,
    ), file
    assert file["size"] == len(GOOD[key][0])


def test_the_rows_of_the_good_ones_and_no_others_landed(done: Finished, module_scene: Scene) -> None:
    listed = module_scene.bucket.last_modified()
    assert_landed(module_scene.database, {key: rows_of(data, listed[key]) for key, (_, data) in GOOD.items()})


@pytest.mark.parametrize("key", BAD)
def test_a_bad_object_fails_as_a_whole(done: Finished, module_scene: Scene, key: str) -> None:
    file = module_scene.database.file(key)
    assert (file["status"], file["rows_written"], file["attempts"]) == ("failed", 0, 1), file
    assert BAD[key][1] in (None, file["metadata"]["stage"]), file["metadata"]
    assert (
        module_scene.database.value("SELECT count(*) FROM log WHERE ingestor_file(id) = %s", file["id"]) == 0
    )
    assert (
        module_scene.database.value("SELECT count(*) FROM rejected_line WHERE file_id = %s", file["id"]) == 0
    )


def test_keys_that_end_in_a_slash_and_are_empty_are_no_files(done: Finished, module_scene: Scene) -> None:
    assert not set(NO_FILES) & set(module_scene.database.statuses())


def test_first_and_last_timestamp_of_a_file(done: Finished, module_scene: Scene) -> None:
    key = "two-members.ndjson.gz"
    times = [row.columns["timestamp"] for row in rows_of(GOOD[key][1], module_scene.listed_at(key))]
    file = module_scene.database.file(key)
    assert (file["first_timestamp"], file["last_timestamp"]) == (min(times), max(times))
    assert module_scene.database.file("empty.gz")["first_timestamp"] is None


def test_bytes_are_counted_compressed_and_inflated(scene: Scene) -> None:
    bodies: dict[str, Callable[[bytes], bytes]] = {
        "a.gz": objects.zipped,
        "b.gz": objects.two_members,
        "c": lambda data: data,
    }
    scene.bucket.put_all({key: make(LINES) for key, make in bodies.items()})
    done = scene.ingestor("once", "--json")
    assert done.code == 0, done
    summary = json.loads(done.stdout)
    assert summary["bytes_compressed"] == sum(len(make(LINES)) for make in bodies.values())
    assert summary["bytes_inflated"] == 3 * len(LINES)


def test_an_object_above_the_inflated_limit_fails(scene: Scene) -> None:
    scene.bucket.put_all(
        {"bomb.gz": objects.zipped(b" " * 2_000_000 + b"\n"), "fine.gz": objects.zipped(LINES)}
    )
    done = scene.ingestor.having(INGESTOR_MAX_OBJECT="1MiB")("once")
    assert done.code == 1, done
    assert scene.database.statuses() == {"bomb.gz": "failed", "fine.gz": "completed"}
