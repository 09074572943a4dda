"""Runs a command on a terminal that tmux draws: what a person would see on the screen, at any moment and size, and
whether the terminal is as it was afterwards."""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from .ingestor import forbid_secrets
from .waiting import wait_until

TMUX = shutil.which("tmux", path="/usr/bin:/bin:/usr/local/bin")
SECONDS_MAX = 30.0  # for tmux itself to answer
ENDED = "[the command ended]"

# It outlives the command, so that the terminal can be looked at afterwards. A Ctrl-C is for the command alone:
# what a shell traps is reset in what it starts.
SCRIPT = f"""
trap : INT QUIT TSTP
cd "$1"; shift
stty -a >before
sh -c 'echo $$ >pid; exec "$@"' run "$@"
echo $? >code
stty -a >after
printf '%s' '{ENDED}'
touch ended
exec sleep 3600
"""

# What a program may change and must change back, and its value at the start of a session.
MODES = {
    "cursor_flag": "1",  # visible
    "alternate_on": "0",
    "mouse_any_flag": "0",
    "keypad_flag": "0",
    "keypad_cursor_flag": "0",
    "insert_flag": "0",
    "origin_flag": "0",
    "wrap_flag": "1",
    "scroll_region_upper": "0",
}
PLAIN = ("", "0", "39", "49")  # the sequences of SGR after which nothing is coloured


class Terminal:
    """A terminal in which one command runs. Sizes are columns and rows."""

    def __init__(self, folder: Path, sockets: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self._name = f"ingestor-{secrets.token_hex(4)}"
        self._tmux_environment = self.environment | {"TMUX_TMPDIR": str(sockets)}

    def start(self, command: list[str], size: tuple[int, int]) -> None:
        columns, rows = size
        term = self.environment.get("TERM", "screen-256color")
        self._tmux("set-option", "-g", "default-terminal", term, ";",
                   "new-session", "-d", "-x", str(columns), "-y", str(rows), "--",
                   "sh", "-c", SCRIPT, "sh", str(self.folder), *command)  # fmt: skip
        # Everything that arrives at the terminal, escape sequences included. It begins a little late.
        self._tmux("pipe-pane", "-O", f"exec cat >'{self.folder}/raw'")
        wait_until("the command has started", lambda: (self.folder / "pid").exists(), SECONDS_MAX)

    def pid(self) -> int:
        """Of the command."""
        return int((self.folder / "pid").read_text())

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        os.kill(self.pid(), number)

    def keys(self, *names: str) -> None:
        """Each is a character, or a key by tmux's name for it: Enter, Escape, Up, PageDown, C-c, F1."""
        self._tmux("send-keys", *names)

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self) -> str:
        """What is on it now, a line for each row, without the spaces at their ends."""
        shown = self._tmux("capture-pane", "-p")
        forbid_secrets(shown, self.environment)
        return shown

    def history(self) -> str:
        """The screen and what has left it at the top; lines that had no room in one row are put together."""
        return self._tmux("capture-pane", "-p", "-J", "-S", "-")

    def colours(self) -> str:
        """The screen with the escape sequences that colour it."""
        return self._tmux("capture-pane", "-p", "-e")

    def raw(self) -> str:
        """All that was written to it so far."""
        return (self.folder / "raw").read_text(errors="replace")

    def wait_for(self, what: str | Callable[[str], object], limit: float = 60.0) -> str:
        """Waits until this text is on the screen, or until this is true of it; returns the screen."""
        seen = ""

        def is_there() -> bool:
            nonlocal seen
            seen = self.screen()
            return bool(what in seen if isinstance(what, str) else what(seen))

        try:
            wait_until(f"the screen shows {what!r}", is_there, limit)
        except AssertionError as failure:
            raise AssertionError(f"{failure}; the screen:\n{seen}") from None
        return seen

    def has_ended(self) -> bool:
        return (self.folder / "ended").exists()

    def wait_for_end(self, limit: float = 60.0) -> int:
        """Waits until the command has ended, and returns its exit code as shells count it (137 after SIGKILL)."""
        wait_until("the command has ended", self.has_ended, limit)
        self.wait_for(ENDED)
        return int((self.folder / "code").read_text())

    def modes(self) -> dict[str, str]:
        names = json.dumps({name: f"#{{{name}}}" for name in MODES})
        return json.loads(self._tmux("display-message", "-p", names))

    def assert_sane(self) -> None:
        """Once the command has ended: the line discipline is as it was, the cursor is visible, and so on."""
        before, after = ((self.folder / name).read_text() for name in ("before", "after"))
        assert _without_size(after) == _without_size(before)
        assert self.modes() == MODES
        colours = re.findall(r"\x1b\[([0-9;]*)m", self.colours().partition(ENDED)[0])
        assert not colours or colours[-1] in PLAIN, f"a colour is left behind: {colours[-1]}"

    def _tmux(self, *arguments: str) -> str:
        assert TMUX is not None
        done = subprocess.run([TMUX, "-L", self._name, "-f", "/dev/null", "-u", *arguments], capture_output=True,
                              text=True, errors="replace", timeout=SECONDS_MAX, env=self._tmux_environment)  # fmt: skip
        assert done.returncode == 0, f"tmux {arguments[0]}: {done.stderr}"
        return done.stdout

    def end(self) -> None:
        try:
            self._tmux("kill-server")
        except AssertionError:
            pass  # it has not been started, or is gone


@contextmanager
def in_tmux(
    command: list[str], environment: Mapping[str, str], folder: Path, size: tuple[int, int] = (80, 24)
) -> Iterator[Terminal]:
    """The command (a path and its arguments) on a terminal of that size, killed at the end. TERM is what the
    environment says. Skips where there is no tmux. `folder` must exist; files of each run go into one of its own."""
    if TMUX is None:
        pytest.skip("tmux is not installed")
    # A socket's path may have about 100 bytes, and pytest's folders are longer than one thinks.
    with tempfile.TemporaryDirectory(prefix="tmux-") as sockets:
        own = Path(tempfile.mkdtemp(prefix="tmux-", dir=folder))
        terminal = Terminal(own, Path(sockets), environment)
        try:
            terminal.start(command, size)
            yield terminal
        finally:
            terminal.end()


def _without_size(settings: str) -> str:
    return settings.split(";", 3)[-1]
