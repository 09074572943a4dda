"""Runs the binary on a terminal, as a person would see it."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from dataclasses import dataclass

from .ingestor import Ingestor, forbid_secrets
from .places import BINARY

SECONDS_MAX = 120.0


@dataclass(frozen=True)
class Shown:
    code: int
    screen: str  # everything that went to the terminal, escape sequences included


def on_a_terminal(ingestor: Ingestor, *arguments: str, columns: int = 100, rows: int = 30) -> Shown:
    """stdin, stdout and stderr are one terminal of that size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = {"TERM": "xterm-256color"} | ingestor.environment
    process = subprocess.Popen(
        [BINARY, *arguments],
        env=environment,
        cwd=ingestor.folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        screen = _read_to_the_end(ours)
        code = process.wait(10)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    forbid_secrets(screen, environment)
    return Shown(code, screen)


def _read_to_the_end(terminal: int) -> str:
    deadline = time.monotonic() + SECONDS_MAX
    screen = bytearray()
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        try:
            screen += os.read(terminal, 65536)
        except OSError:  # EIO: the other end is closed, as the process has ended
            return screen.decode(errors="replace")
    raise AssertionError(
        f"the terminal was still in use after {SECONDS_MAX:g} s:\n{screen.decode(errors='replace')}"
    )
