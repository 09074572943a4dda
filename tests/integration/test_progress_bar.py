"""The progress of `once`, as it looks on a terminal: at any size, above the log's lines, and gone at the end."""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support import objects
from support.places import BINARY
from support.scene import Scene
from support.tmux import ENDED, Terminal, in_tmux
from support.waiting import wait_until

FILES = 12
ROWS_EACH = 2000
# A bar, whatever its width, and what is left of it where there is no room.
BAR = re.compile(r"\[=*>? *\] ?[0-9]+%|^[0-9]+%  [0-9]+/[0-9]+ files", re.MULTILINE)
SIZES = [(80, 24), (200, 50)]
LONG_KEY = "logs/" + "a-key-that-is-long/" * 50 + "bad.gz"


@pytest.fixture
def loaded(scene: Scene) -> Scene:
    scene.migrate_and_put(
        {
            f"logs/{n}.gz": objects.zipped(objects.json_lines(ROWS_EACH, first=n * ROWS_EACH))
            for n in range(FILES)
        }
    )
    return scene


@contextmanager
def once_in_tmux(
    scene: Scene, size: tuple[int, int] = (80, 24), *arguments: str, **environment: str
) -> Iterator[Terminal]:
    """`once`, or another command that runs it, on a terminal."""
    command = list(arguments) or [str(BINARY), "once"]
    variables = scene.ingestor.having(**({"TERM": "screen-256color"} | environment)).environment
    with in_tmux(command, variables, scene.ingestor.folder, size) as terminal:
        yield terminal


def bars(screen: str) -> int:
    return len(BAR.findall(screen))


@pytest.mark.parametrize("size", SIZES)
def test_there_is_one_bar_and_then_the_summary(loaded: Scene, size: tuple[int, int]) -> None:
    with once_in_tmux(loaded, size) as terminal:
        with loaded.database.log_locked():
            screen = terminal.wait_for(lambda seen: f"/{FILES} files" in seen)
            assert bars(screen) == 1, screen
            line = next(line for line in screen.splitlines() if BAR.search(line))
            assert re.search(rf"\d+%  \d+/{FILES} files  [0-9.]+/[0-9.]+ [KM]iB  [0-9,]+ rows/s", line), screen
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()
        screen = terminal.screen()
        assert bars(screen) == 0 and f"files     {FILES} completed, 0 failed" in screen, screen
        assert ENDED in screen.splitlines(), "the cursor was left in the middle of a line"


def test_a_window_may_change_its_size(loaded: Scene) -> None:
    """Each narrower one breaks the line that stands there; no piece of it may stay."""
    with once_in_tmux(loaded, (200, 50)) as terminal:
        with loaded.database.log_locked():
            terminal.wait_for(f"/{FILES} files")
            for columns, rows in [(80, 24), (200, 50), (40, 10), (61, 24), (20, 5), (200, 50), (80, 24)]:
                terminal.resize(columns, rows)
                drawn_for(terminal, columns)
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()
        history = terminal.history()
        assert bars(history) == 0 and "rows/s  " not in history, history


def drawn_for(terminal: Terminal, columns: int) -> None:
    """Waits until there is one bar, of the width that such a terminal gets."""

    def fits(screen: str) -> bool:
        lines = [line for line in screen.splitlines() if "files" in line and "%" in line]
        bar = re.search(r"\[=*>? *\]", lines[0]) if len(lines) == 1 else None
        wanted = min(max((columns - 1) // 5, 10), 40) if columns > 60 else 0
        return len(lines) == 1 and bars(screen) == 1 and len(bar.group() if bar else "") == wanted

    terminal.wait_for(fits, 20)


def test_ctrl_c_leaves_no_bar_behind(loaded: Scene) -> None:
    with once_in_tmux(loaded) as terminal:
        with loaded.database.log_locked():
            terminal.wait_for(f"/{FILES} files")
            terminal.keys("C-c")
            terminal.wait_for("waiting for what is under way")
        assert terminal.wait_for_end() == 130
        terminal.assert_sane()
        history = terminal.history()
        assert bars(history) == 0, history
        assert "ingestor: stopped by a signal before everything was done" in history.splitlines(), history


def test_a_second_ctrl_c_ends_at_once(loaded: Scene) -> None:
    with once_in_tmux(loaded) as terminal, loaded.database.log_locked():
        terminal.wait_for(f"/{FILES} files")
        terminal.keys("C-c")
        terminal.wait_for("waiting for what is under way")
        terminal.keys("C-c")
        assert terminal.wait_for_end(20) == 130
        terminal.assert_sane()
        assert bars(terminal.history()) == 0, terminal.history()
        loaded.database.disconnect_role()  # or the server goes on with what nobody waits for


def test_sigkill_leaves_a_terminal_that_can_be_used(loaded: Scene) -> None:
    with once_in_tmux(loaded) as terminal, loaded.database.log_locked():
        terminal.wait_for(f"/{FILES} files")
        terminal.kill(signal.SIGKILL)
        assert terminal.wait_for_end() == 137
        terminal.assert_sane()
        loaded.database.disconnect_role()  # or the server goes on with what nobody waits for


@pytest.mark.parametrize("size", SIZES)
def test_warnings_stand_above_the_bar_whole(loaded: Scene, size: tuple[int, int]) -> None:
    # Too large to join a group, it fails while others wait for the lock.
    loaded.bucket.put(LONG_KEY, objects.stored(objects.json_lines(5000))[:-1000])
    with once_in_tmux(loaded, size, INGESTOR_DB_POOL_SIZE="2") as terminal:
        with loaded.database.log_locked():
            terminal.wait_for(lambda seen: LONG_KEY[-40:] in seen.replace("\n", "") and f"/{FILES + 1} files" in seen)
            screen = terminal.screen()
            assert bars(screen) == 1 and BAR.search(screen.rstrip().splitlines()[-1]), screen
        assert terminal.wait_for_end() == 1
        terminal.assert_sane()
        history = terminal.history()
        warnings = [line for line in history.splitlines() if LONG_KEY in line]
        assert len(warnings) == 1 and re.match(r"2\d{3}-.*Z WARN  ", warnings[0]), history
        assert bars(history) == 0, history


@pytest.mark.parametrize("variable", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_no_colours(loaded: Scene, variable: dict[str, str]) -> None:
    """There are none anyway; a terminal that is dumb gets no escape sequence at all."""
    with once_in_tmux(loaded, **variable) as terminal:
        with loaded.database.log_locked():
            wait_until("a file is in processing", loaded.database.is_processing)
            time.sleep(0.3)  # a bar would be drawn three times
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()
        raw = terminal.raw()
    assert not re.search(r"\x1b\[[0-9;]*m", raw), repr(raw)
    if "TERM" in variable:
        assert "\x1b" not in raw and not re.search(r"\r(?![\r\n])", raw) and bars(raw) == 0, repr(raw)
    else:
        assert bars(raw) > 0


def test_stderr_in_a_file_gets_lines_instead(loaded: Scene) -> None:
    log = loaded.ingestor.folder / "log"
    with once_in_tmux(loaded, (80, 24), "/bin/sh", "-c", f"exec {BINARY} once 2>'{log}'") as terminal:
        with loaded.database.log_locked():
            wait_until("a line tells the progress", lambda: "progress files_done=0" in log.read_text(), 30)
            assert terminal.screen().strip() == ""
        assert terminal.wait_for_end() == 0
        assert f"{FILES} completed" in terminal.screen()
    written = log.read_text()
    assert "\x1b" not in written and "\r" not in written
    assert re.search(rf"INFO  progress files_done=0 files_total={FILES} files_failed=0 bytes_done=\d+ bytes_total=\d+",
                     written), written  # fmt: skip


def test_stdout_in_a_file_gets_the_summary_alone(loaded: Scene) -> None:
    out = loaded.ingestor.folder / "out"
    with once_in_tmux(loaded, (80, 24), "/bin/sh", "-c", f"exec {BINARY} once >'{out}'") as terminal:
        with loaded.database.log_locked():
            terminal.wait_for(f"/{FILES} files")
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()
        assert bars(terminal.screen()) == 0
    assert re.fullmatch(rf"files     {FILES} completed, 0 failed\n(.+\n)+", out.read_text()), out.read_text()
