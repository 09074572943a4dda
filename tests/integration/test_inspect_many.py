"""`inspect` of a prefix or a folder: what all its objects would become, and which of them cannot be read."""

import json
import os
import signal
from pathlib import Path

import pytest
from support import objects
from support.ingestor import Ingestor, is_sanitized
from support.places import BINARY
from support.scene import Scene
from support.tmux import in_tmux

GOOD = 12
ROWS_EACH = 500
BAD_LINE = b"not json\n"
EVIL = "evil\x1b[31m\n.gz"
FILES = (
    {f"app/{n:02}.gz": objects.zipped(objects.json_lines(ROWS_EACH, first=n * ROWS_EACH)) for n in range(GOOD)}
    | {"app/plain.log": objects.json_lines(10) + BAD_LINE + b"[]\n" + objects.json_lines(10)}
    | {"app/text.log": b"one\ntwo\nthree\n", "app/deep/er/empty.log": b""}
    | {f"app/{EVIL}": objects.truncated(objects.json_lines(1000)), "app/binary": objects.random_bytes(5000)}
)
ROWS = GOOD * ROWS_EACH + 20 + 3


@pytest.fixture
def folder(bare_ingestor: Ingestor, tmp_path: Path) -> Path:
    for name, body in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    os.mkfifo(tmp_path / "app" / "a pipe")
    (tmp_path / "app" / "loop").symlink_to(tmp_path / "app")
    return tmp_path / "app"


def assert_everything(shown: dict) -> None:
    assert set(shown) >= {"format", "compression", "rows", "lines_rejected", "rejects", "sample", "files"}
    assert (shown["format"], shown["compression"]) == ("mixed", "mixed")
    assert (shown["rows"], shown["lines_rejected"]) == (ROWS, 2)
    assert shown["rejected_by_reason"] == {"not_json": 1, "not_an_object": 1}
    rejects = [(Path(reject["key"]).name, reject["line"]) for reject in shown["rejects"]]
    assert rejects == [("plain.log", 11), ("plain.log", 12)]
    files = shown["files"]
    assert (files["listed"], files["read"], files["unreadable"]) == (len(FILES), len(FILES) - 2, 2)
    assert files["formats"] == {"json_lines": GOOD + 2, "text": 1}
    assert files["compressions"] == {"gzip": GOOD, "none": 3}
    failed = {Path(failure["key"]).name: failure["stage"] for failure in files["failures"]}
    assert failed == {EVIL: "inflate", "binary": "decode"}, files
    assert all(failure["error"] for failure in files["failures"])
    assert files["bytes_inflated"] > files["bytes_compressed"] > 0


def test_a_folder(bare_ingestor: Ingestor, folder: Path) -> None:
    """Neither is a pipe waited for, nor a link followed round and round."""
    done = bare_ingestor("inspect", str(folder), "--json", "--rows", "0")
    assert (done.code, done.stderr) == (1, ""), done
    assert_everything(json.loads(done.stdout))


@pytest.mark.parametrize("uri", ["app/", "app", ""])
def test_a_prefix(scene: Scene, uri: str) -> None:
    """With its slash, or where there is no such object; the whole bucket too."""
    scene.bucket.put_all(FILES)
    scene.bucket.put_all({"app/folder/": b"", "app-2/one": b"{}\n"} if uri else {})
    whole = scene.ingestor.having(DATABASE_URL=None)
    done = whole("inspect", f"s3://{scene.bucket.name}/{uri}", "--json", "--rows", "700")
    assert done.code == 1, done
    shown = json.loads(done.stdout)
    assert_everything(shown)
    # The first rows are those of the first objects, whatever else is read at the same time.
    assert [row["message"] for row in shown["sample"]] == [f"line {n}" for n in range(700)]
    assert not scene.database.has_table("processed_file")


def test_for_people(scene: Scene) -> None:
    scene.bucket.put_all(FILES)
    done = scene.ingestor("inspect", f"s3://{scene.bucket.name}/app/", "--rows", "2")
    assert (done.code, done.stderr) == (1, ""), done
    for line in (
        f"files: {len(FILES) - 2} read, 2 unreadable",
        f"formats: json_lines {GOOD + 2}, text 1",
        f"compressions: gzip {GOOD}, none 3",
        f"rows: {ROWS:,}",
        "lines rejected: 2 (not_an_object 1, not_json 1)",
        "unreadable files:",
        "rejected lines:",
        "row 2",
    ):
        assert line in done.stdout.splitlines(), done
    assert "\x1b" not in done.stdout and "app/evil\\u001b[31m\\n.gz (inflate): " in done.stdout, done
    assert "app/plain.log line 11 at byte " in done.stdout and "row 3" not in done.stdout, done


def test_lists_are_bounded(bare_ingestor: Ingestor, tmp_path: Path) -> None:
    for n in range(130):
        (tmp_path / f"{n:03}").write_bytes(objects.random_bytes(100))
    (tmp_path / "good").write_bytes(b"{}\n" + BAD_LINE * 150)
    done = bare_ingestor("inspect", str(tmp_path))
    assert done.code == 1, done
    assert "  … and 30 more\n" in done.stdout and "  … and 50 more\n" in done.stdout, done
    shown = json.loads(bare_ingestor("inspect", str(tmp_path), "--json").stdout)
    assert (shown["files"]["unreadable"], len(shown["files"]["failures"])) == (130, 100)
    assert (shown["lines_rejected"], len(shown["rejects"])) == (150, 100)


def test_all_good_is_0(bare_ingestor: Ingestor, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"{}\n")
    done = bare_ingestor("inspect", str(tmp_path), "--json")
    assert done.code == 0, done
    shown = json.loads(done.stdout)
    assert (shown["format"], shown["compression"], shown["rows"]) == ("json_lines", "none", 1)


def test_nothing_there_is_told(scene: Scene, tmp_path: Path) -> None:
    for uri in (str(tmp_path), f"s3://{scene.bucket.name}/nothing/"):
        done = scene.ingestor("inspect", uri)
        assert (done.code, done.stdout, done.stderr) == (1, "", f"ingestor: there is no file below {uri}\n"), done


def test_s3_away_is_3(scene: Scene) -> None:
    done = scene.ingestor.having(AWS_ENDPOINT="http://127.0.0.1:1")("inspect", "s3://bucket/prefix/")
    assert done.code == 3 and len(done.stderr.splitlines()) == 1 and not done.stdout, done


def test_memory_does_not_grow_with_the_number_of_files(bare_ingestor: Ingestor, tmp_path: Path) -> None:
    peaks = []
    for name, count in (("few", 1500), ("many", 6000)):
        (tmp_path / name).mkdir()
        for n in range(count):
            (tmp_path / name / str(n)).write_bytes(b"{}\n" if n % 2 else b"\x00")
        done = bare_ingestor("inspect", str(tmp_path / name))
        assert done.code == 1, done
        peaks.append(done.peak_rss)
    if not is_sanitized():
        assert peaks[1] < peaks[0] + 8 * 1024 * 1024, peaks


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_a_bar_and_ctrl_c(scene: Scene, size: tuple[int, int]) -> None:
    """It says what was read by then. The file under way is one that lasts, and is forgotten."""
    scene.bucket.put_all({"a/1": b"{}\n", "a/2": objects.zipped(b"{}\n" * 1_000_000) * 60})
    environment = scene.ingestor.having(TERM="screen-256color").environment
    command = [str(BINARY), "inspect", f"s3://{scene.bucket.name}/a/", "--rows", "0"]
    with in_tmux(command, environment, scene.ingestor.folder, size) as terminal:
        terminal.wait_for("%  1/2 files")
        terminal.keys("C-c")
        assert terminal.wait_for_end() == 128 + signal.SIGINT
        terminal.assert_sane()
        screen = terminal.screen()
        assert "files: 1 read, 0 unreadable" in screen and "rows: 1\n" in screen, screen
        assert "ingestor: stopped by a signal after 1 of 2 files" in screen and "1/2 files" not in screen, screen
