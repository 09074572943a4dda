"""`ingestor top` on a terminal, as a person sees it, and the terminal afterwards."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support import objects
from support.database import edit_url
from support.forwarding import forwarded
from support.places import BINARY
from support.replicas import HASTE, replicas
from support.scene import Scene
from support.tmux import Terminal, in_tmux

from test_top import fill

SMALL = (80, 24)
LARGE = (200, 50)
COLOUR = re.compile(r"\x1b\[[0-9;]*\b3[1-7]m")
Top = Callable[..., AbstractContextManager[Terminal]]


@pytest.fixture
def ledger(scene: Scene) -> Scene:
    assert scene.ingestor("migrate").code == 0
    return scene


@pytest.fixture
def top(ledger: Scene, tmp_path: Path) -> Top:
    """Starts it at a size, with some variables changed, and waits until there is something to see."""

    @contextmanager
    def start(size: tuple[int, int] = SMALL, **changes: str) -> Iterator[Terminal]:
        environment = {"TERM": "screen-256color"} | ledger.ingestor.having(**changes).environment
        with in_tmux([str(BINARY), "top", "--interval", "1s"], environment, tmp_path, size) as terminal:
            terminal.wait_for("1 Replicas")
            yield terminal

    return start


def line_of(screen: str, text: str) -> str:
    found = [line for line in screen.splitlines() if text in line]
    assert found, f"no {text!r} in\n{screen}"
    return found[0]


def assert_within(screen: str, size: tuple[int, int]) -> None:
    lines = screen.splitlines()
    assert len(lines) <= size[1] and max(map(len, lines)) <= size[0], screen


def quit_by(key: str) -> Callable[[Terminal], None]:
    return lambda terminal: terminal.keys(key)


def killed_by(number: signal.Signals) -> Callable[[Terminal], None]:
    return lambda terminal: terminal.kill(number)


WAYS_OUT = [
    pytest.param(quit_by("q"), 0, id="q"),
    pytest.param(quit_by("C-c"), 0, id="ctrl-c"),
    pytest.param(killed_by(signal.SIGTERM), 0, id="term"),
    pytest.param(killed_by(signal.SIGHUP), 128 + signal.SIGHUP, id="hup"),
    pytest.param(quit_by("C-\\"), 128 + signal.SIGQUIT, id="ctrl-backslash"),
    pytest.param(killed_by(signal.SIGABRT), 128 + signal.SIGABRT, id="abort"),
    pytest.param(killed_by(signal.SIGUSR1), 128 + signal.SIGUSR1, id="usr1"),
]


@pytest.mark.parametrize(("leave", "code"), WAYS_OUT)
@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x50"])
def test_the_terminal_is_as_it_was_afterwards(
    ledger: Scene, top: Top, size: tuple[int, int], leave: Callable[[Terminal], None], code: int
) -> None:
    fill(ledger)
    with top(size) as terminal:
        seen = terminal.wait_for("web-alive")
        assert_within(seen, size)
        assert terminal.modes()["alternate_on"] == "1" and terminal.modes()["cursor_flag"] == "0"
        leave(terminal)
        assert terminal.wait_for_end() == code
        assert "web-alive" not in terminal.screen()
        terminal.assert_sane()


def test_sorted_filtered_paused_and_in_detail(ledger: Scene, top: Top) -> None:
    fill(ledger)
    with top() as terminal:
        seen = terminal.wait_for("web-alive")
        assert seen.index("web-alive") < seen.index("web-gone")
        terminal.keys("S")
        terminal.wait_for(lambda seen: seen.index("web-alive") > seen.index("web-gone"))
        terminal.keys("/", "g", "o", "n", "e", "Enter")
        terminal.wait_for("only rows with: gone")
        assert "1 of 3 match" in terminal.screen() and "web-alive" not in terminal.screen()
        terminal.keys("Escape")
        terminal.wait_for("web-alive")
        terminal.keys("Space")
        ledger.database.execute("UPDATE ingestor_replica SET name = 'another-name' WHERE name = 'web-gone'")
        terminal.wait_for(re.compile(r"PAUSED +figures are [2-9]s old").search)
        assert "another-name" not in terminal.screen()
        terminal.keys("Space")
        terminal.wait_for("another-name")
        terminal.keys("3", "Down", "Enter")
        terminal.wait_for("all of one row")
        terminal.keys("Escape")
        terminal.wait_for("q quit")  # or Escape and the next key would be one, as if Alt were held
        terminal.keys("?")
        terminal.wait_for("any key: back")
        terminal.keys("x", "q")
        assert terminal.wait_for_end() == 0


def test_follows_the_size_of_the_window(ledger: Scene, top: Top) -> None:
    fill(ledger)
    with top() as terminal:
        terminal.wait_for(lambda seen: "columns hidden" in seen and "UPTIME" not in seen)
        terminal.resize(*LARGE)
        terminal.wait_for("UPTIME")
        terminal.resize(40, 10)
        assert_within(terminal.wait_for(lambda seen: "UPTIME" not in seen and "q quit" in seen), (40, 10))
        for size in ((1, 1), (2, 200), (300, 2), SMALL):
            terminal.resize(*size)
        terminal.wait_for("enter all of it")
        terminal.keys("q")
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()


def in_a_shell(ledger: Scene, folder: Path) -> AbstractContextManager[Terminal]:
    """A shell that knows of jobs."""
    environment = ledger.ingestor.environment | {"TERM": "screen-256color", "PS1": "prompt> "}
    return in_tmux(["/bin/bash", "--norc", "--noprofile", "-i"], environment, folder)


def type_in(terminal: Terminal, line: str) -> None:
    terminal.keys("-l", line)  # as it stands
    terminal.keys("Enter")


def test_ctrl_z_and_fg(ledger: Scene, tmp_path: Path) -> None:
    fill(ledger)
    with in_a_shell(ledger, tmp_path) as terminal:
        terminal.wait_for("prompt>")
        type_in(terminal, f"{BINARY} top")
        terminal.wait_for("web-alive")
        for _ in range(2):
            terminal.keys("C-z")
            terminal.wait_for("Stopped")
            assert terminal.modes()["alternate_on"] == "0" and terminal.modes()["cursor_flag"] == "1"
            type_in(terminal, "echo ca''lm")
            terminal.wait_for("\ncalm")
            type_in(terminal, "clear; fg")
            terminal.wait_for("web-alive")
            assert terminal.modes()["alternate_on"] == "1" and terminal.modes()["cursor_flag"] == "0"
        terminal.keys("C-z")
        terminal.wait_for("Stopped")
        terminal.resize(*LARGE)
        type_in(terminal, "fg")
        terminal.wait_for("UPTIME")
        terminal.keys("q")
        terminal.wait_for("prompt>")
        type_in(terminal, "exit")
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()


def test_in_the_background_it_waits_for_its_turn(ledger: Scene, tmp_path: Path) -> None:
    with in_a_shell(ledger, tmp_path) as terminal:
        terminal.wait_for("prompt>")
        type_in(terminal, f"set -b; {BINARY} top &")
        terminal.wait_for("Stopped")
        type_in(terminal, "fg")
        terminal.wait_for("1 Replicas")
        terminal.keys("q")
        terminal.wait_for("prompt>")
        type_in(terminal, "exit")
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()


def test_after_sigkill_reset_helps_as_with_other_programs(ledger: Scene, tmp_path: Path) -> None:
    """Nobody can give a terminal back then. What the shell reads is not left in another mode than others leave it:
    above all it still waits for what is typed."""
    with in_a_shell(ledger, tmp_path) as terminal:
        terminal.wait_for("prompt>")
        type_in(terminal, f"{BINARY} top")
        terminal.wait_for("1 Replicas")
        (child,) = Path(f"/proc/{terminal.pid()}/task/{terminal.pid()}/children").read_text().split()
        os.kill(int(child), signal.SIGKILL)
        terminal.wait_for("prompt>")
        type_in(terminal, "reset; echo ca''lm")
        terminal.wait_for(lambda seen: "calm" in seen.splitlines())
        type_in(terminal, "echo rea''dy; cat")
        terminal.wait_for(lambda seen: "ready" in seen.splitlines())
        type_in(terminal, "cat reads")
        terminal.wait_for("cat reads\ncat reads")
        terminal.keys("C-d")
        terminal.wait_for(lambda seen: seen.rstrip().endswith("prompt>"))
        terminal.keys("C-d")
        terminal.wait_for_end()
        assert terminal.modes()["cursor_flag"] == "1"


def test_a_terminal_that_is_stopped_does_not_keep_it_from_ending(ledger: Scene, top: Top) -> None:
    fill(ledger)
    with top(LARGE) as terminal:
        terminal.keys("C-s")
        for key in ("4", "?", "x", "3"):
            terminal.keys(key)
        terminal.kill(signal.SIGTERM)
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()


def test_the_database_goes_away_and_comes_back(ledger: Scene, tmp_path: Path, top: Top) -> None:
    fill(ledger)
    server = urlsplit(ledger.database.url)
    with forwarded(str(server.hostname), int(server.port or 5432)) as wire:
        url = edit_url(ledger.database.url, host="127.0.0.1", port=wire.port)
        with top(DATABASE_URL=url) as terminal:
            terminal.wait_for("web-alive")
            with wire.down():
                seen = terminal.wait_for("DATABASE AWAY")
                assert "web-alive" in seen and "figures are" in seen and re.search(r"(?m)^ why +cannot ", seen), seen
            terminal.wait_for(lambda seen: "AWAY" not in seen)
            ledger.database.execute("UPDATE ingestor_replica SET name = 'web-new' WHERE name = 'web-gone'")
            terminal.wait_for("web-new")
            terminal.keys("q")
            assert terminal.wait_for_end() == 0


def test_an_error_that_does_not_pass_is_told_on_a_terminal_that_is_as_it_was(ledger: Scene, top: Top) -> None:
    with top() as terminal:
        ledger.database.execute("ALTER TABLE ingestor_replica RENAME TO elsewhere")
        assert terminal.wait_for_end() == 3
        seen = terminal.history()
        assert re.search(r'(?m)^ingestor: cannot read the ledger: relation "ingestor_replica" does not exist', seen), seen
        terminal.assert_sane()


def test_a_load_by_two_replicas_one_of_which_dies(scene: Scene, tmp_path: Path) -> None:
    many = {f"app/{n:03}.log.gz": objects.stored(objects.json_lines(5_000, first=5_000 * n)) for n in range(40)}
    scene.migrate_and_put(many | {"app/bad.gz": objects.truncated(objects.json_lines(9)), "app/x.log": b"{}\nno\n"})
    ingestors = {name: scene.ingestor.having(**HASTE) for name in ("web-1", "web-2")}
    environment = scene.ingestor.environment | {"TERM": "screen-256color"}
    with ExitStack() as held, replicas(ingestors) as running:
        held.enter_context(scene.database.log_locked())
        with in_tmux([str(BINARY), "top", "--interval", "1s"], environment, tmp_path, SMALL) as terminal:
            at_work = re.compile(r"web-[12]-1 +(write|commit|load) +[█░]+ +\d+%")
            seen = terminal.wait_for(lambda seen: seen.count(" running ") == 2 and at_work.search(seen))
            assert "4 fetchers at work" in seen, seen
            running.kill("web-2")
            # That nothing is heard of it for half a minute is not waited for.
            scene.database.execute("UPDATE ingestor_replica SET seen_at = seen_at - interval '1 min' WHERE name = 'web-2-1'")
            seen = terminal.wait_for(re.compile(r"web-2-1 +dead ").search)
            assert "1 replica alive, 1 dead" in seen and seen.count(" running ") == 1, seen
            held.close()
            terminal.resize(*LARGE)
            seen = terminal.wait_for(lambda seen: "41 completed   1 failed" in seen and "UP TO DATE" in seen)
            assert "3 Failures  1" in seen and "app/bad.gz" in seen and "app/x.log" in seen, seen
            assert_within(seen, LARGE)
            terminal.keys("q")
            assert terminal.wait_for_end() == 0
            terminal.assert_sane()


HOSTILE = {
    "steers": "a\x1b[2J\x1b[31m\x1b]0;x\x07\n\r\x9b2J",
    "turns around": "\u202egpj.exe \u2066\u200f",
    "from the right": "שלום/עולם 12",
    "wide": "日本語のファイル" * 30,
    "marks": "e" + "\u0301" * 100,
    "joined": "\U0001f468\u200d\U0001f469\u200d\U0001f467\ufe0f",
    "long": "k" * 1024,
}


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_hostile_keys(ledger: Scene, top: Top, locale: str) -> None:
    ledger.database.put_in_ledger(ledger.bucket.name, [key + str(n) for n, key in enumerate(HOSTILE.values())])
    ledger.database.execute("UPDATE processed_file SET metadata = jsonb_build_object('error', s3_key, 'stage', 'load')")
    with top(SMALL, LANG=locale) as terminal:
        terminal.keys("3")
        seen = terminal.wait_for("▶ 3 Failures" if locale != "C" else "> 3 Failures")
        lines = seen.splitlines()
        first = next(n for n, line in enumerate(lines) if line.startswith(" NEXT TRY")) + 1
        for line in lines[first : first + len(HOSTILE)]:
            assert re.match(r" in \d+m \d\ds +5  load +\d+  \S", line) or re.match(r" in 1h 00m +5  load ", line), seen
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200d\u202a-\u202e\u2066-\u2069\ufe0f]", seen), seen
        assert locale != "C" or seen.isascii(), seen
        raw = terminal.raw()
        assert "\x1b[2J" not in raw.partition("3 Failures")[2] and "\x1b]0;x" not in raw and "\u202e" not in raw
        terminal.keys("q")
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()


def test_colours_and_none(ledger: Scene, top: Top) -> None:
    fill(ledger)
    with top() as terminal:
        terminal.wait_for("web-gone")
        assert COLOUR.search(terminal.colours()), repr(terminal.colours())
    with top(NO_COLOR="1") as terminal:
        seen = terminal.wait_for("web-gone")
        assert not COLOUR.search(terminal.colours()), repr(terminal.colours())
        assert re.search(r"web-gone +dead", seen), seen  # said in words, whatever the colour


def test_its_keyboard_is_the_terminal_whatever_stdin_is(ledger: Scene, tmp_path: Path) -> None:
    environment = ledger.ingestor.environment | {"TERM": "screen-256color"}
    with in_tmux(["/bin/sh", "-c", f"exec {BINARY} top </dev/null"], environment, tmp_path) as terminal:
        terminal.wait_for("1 Replicas")
        terminal.keys("q")
        assert terminal.wait_for_end() == 0
        terminal.assert_sane()
