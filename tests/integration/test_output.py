"""What a person sees: a bar on a terminal, plain lines in a pipe; results on stdout, the log on stderr."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support import objects
from support.scene import Scene
from support.terminal import on_a_terminal

ROWS_EACH = 2000
FILES = 12
REDRAWN = re.compile(r"([^\r\n]+)(?:\r(?!\n)|\x1b\[1?G)")  # what the cursor goes back to the beginning of


@pytest.fixture
def loaded(scene: Scene) -> Scene:
    scene.bucket.put_all(
        {
            f"logs/{n}.gz": objects.zipped(objects.json_lines(ROWS_EACH, first=n * ROWS_EACH))
            for n in range(FILES)
        }
    )
    scene.bucket.put("logs/bad.gz", objects.truncated(objects.json_lines(1000)))
    return scene


def says(text: str, number: int, word: str) -> bool:
    """Some line has the number (with or without separators of thousands) and the word."""
    digits = rf"(?<!\d){number:,}(?!\d)".replace(",", r"[,._' \u202f]?")
    return any(re.search(digits, line) and re.search(word, line, re.IGNORECASE) for line in text.splitlines())


def assert_summary(text: str) -> None:
    assert says(text, FILES, "completed"), text
    assert says(text, 1, "failed"), text
    assert says(text, FILES * ROWS_EACH, "rows"), text


def test_in_a_pipe_plain_lines_and_a_summary(loaded: Scene) -> None:
    done = loaded.ingestor("once")
    assert done.code == 1, done
    assert not re.search(r"[\x1b\r]", done.stdout + done.stderr), (
        "escape sequences or a redrawn line in a pipe"
    )
    assert_summary(done.stdout)


def test_the_failed_file_is_named_with_its_reason(loaded: Scene) -> None:
    done = loaded.ingestor("once")
    assert any("logs/bad.gz" in line for line in (done.stdout + done.stderr).splitlines()), done


def test_json_is_all_there_is_on_stdout(loaded: Scene) -> None:
    done = loaded.ingestor.having(LOG_LEVEL="verbose")("once", "--json")
    summary = json.loads(done.stdout)
    assert set(summary) == {
        "files",
        "rows",
        "lines_rejected",
        "bytes_compressed",
        "bytes_inflated",
        "seconds",
    }
    assert set(summary["files"]) == {"completed", "failed"}
    assert len(done.stdout.strip().splitlines()) == 1 or done.stdout.startswith("{\n")
    assert done.stderr, "at this level the log is not empty"


def test_on_a_terminal_a_progress_bar_and_a_summary(loaded: Scene) -> None:
    with held_up(loaded):
        shown = on_a_terminal(loaded.ingestor, "once")
    assert shown.code == 1, shown.screen
    assert REDRAWN.search(shown.screen), "no line was drawn a second time"
    assert re.search(r"rows/s", shown.screen), shown.screen
    assert_summary(without_escapes(shown.screen))


@contextmanager
def held_up(scene: Scene, seconds: float = 1.5) -> Iterator[None]:
    """For so long, no row gets into the table: time for a bar to be drawn more than once."""
    done = scene.ingestor("migrate")
    assert done.code == 0, done
    over = threading.Event()

    def hold() -> None:
        with scene.database.log_locked():
            held.set()
            over.wait(seconds)

    held = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    try:
        yield
    finally:
        over.set()
        holder.join()


def without_escapes(screen: str) -> str:
    return re.sub(r"\x1b(\[[0-?]*[ -/]*[@-~]|[@-_])", "", screen).replace("\r", "\n")


def test_a_narrow_terminal_gets_no_line_that_wraps(loaded: Scene) -> None:
    with held_up(loaded):
        shown = on_a_terminal(loaded.ingestor, "once", columns=40)
    redrawn = [without_escapes(part) for part in REDRAWN.findall(shown.screen)]
    assert redrawn and max(map(len, redrawn)) <= 40, redrawn


def test_the_bar_moves_within_a_large_file(scene: Scene) -> None:
    scene.bucket.put("large.gz", objects.zipped(objects.json_lines(60_000)))
    with held_up(scene):
        shown = on_a_terminal(scene.ingestor, "once")
    assert shown.code == 0, shown.screen
    assert re.search(r"\b[1-9][0-9]?%  0/1 files", without_escapes(shown.screen)), shown.screen


def test_files_that_waited_already_count_in_the_total(loaded: Scene) -> None:
    """The first run was killed: the second finds nothing new, and still has everything before it."""
    with held_up(loaded), loaded.ingestor.running("once") as first:
        first.wait_until("everything is queued", lambda: len(loaded.database.statuses()) == FILES + 1)
        first.wait_until("a file is in processing", loaded.database.is_processing)
        first.kill()
    loaded.database.execute("UPDATE processed_file SET status = 'pending' WHERE status = 'processing'")
    with held_up(loaded):
        shown = on_a_terminal(loaded.ingestor, "once")
    assert f"/{FILES + 1} files" in shown.screen, shown.screen


def test_json_on_a_terminal_is_still_json(loaded: Scene) -> None:
    shown = on_a_terminal(loaded.ingestor.having(LOG_LEVEL="error"), "once", "--json")
    last = without_escapes(shown.screen).strip().splitlines()[-1]
    assert json.loads(last)["rows"] == FILES * ROWS_EACH


@pytest.mark.parametrize("level", ["log", "trace"])
def test_in_production_the_log_is_json(loaded: Scene, level: str) -> None:
    done = loaded.ingestor.having(NODE_ENV="production", LOG_LEVEL=level)("once")
    records = [json.loads(line) for line in done.stderr.splitlines()]
    assert records and all(isinstance(record, dict) for record in records)
    assert any("bad.gz" in json.dumps(record) for record in records), done


def test_in_development_the_log_is_for_people(loaded: Scene) -> None:
    done = loaded.ingestor.having(NODE_ENV="development", LOG_LEVEL="debug")("once")
    assert done.stderr and not done.stderr.lstrip().startswith("{"), done


def test_a_hostile_key_does_not_reach_the_log_as_it_is(scene: Scene) -> None:
    """A key may hold escape sequences and line feeds; a terminal must not obey them, nor a log be forged."""
    scene.bucket.put("evil\x1b[31m\x07.gz", objects.truncated(objects.json_lines(500)))
    done = scene.ingestor("once")
    assert done.code == 1, done
    assert "\x1b" not in done.stdout + done.stderr and "\x07" not in done.stdout + done.stderr


def test_the_level_error_says_nothing_when_all_is_well(scene: Scene) -> None:
    scene.bucket.put("a", objects.json_lines(3))
    done = scene.ingestor.having(LOG_LEVEL="error")("once")
    assert (done.code, done.stderr) == (0, ""), done


def test_migrate_and_config_have_clean_streams(scene: Scene) -> None:
    quiet = scene.ingestor.having(LOG_LEVEL="error")
    for command in ("migrate", "config"):
        done = quiet(command)
        assert (done.code, done.stderr) == (0, ""), done
