"""Throwaway servers, each on a free loopback port in a directory of its own, by tools/dev."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .places import SERVER_TOOLS

CANNOT_BE_HAD_HERE = 77
START_SECONDS_MAX = 600  # the first start may have to build MinIO


@contextmanager
def throwaway_server(tool: str, *options: str) -> Iterator[dict[str, str]]:
    """Starts a server and yields the NAME=value lines that it printed, and its DIRECTORY; skips where it cannot
    be had."""
    directory = Path(tempfile.mkdtemp(prefix=f"ingestor-test-{tool}-"))
    directory.chmod(0o755)  # PostgreSQL runs as a user of its own and must get to its own folder in it
    try:
        yield start_server(tool, directory / "server", *options) | {"DIRECTORY": str(directory / "server")}
    finally:
        stop = [SERVER_TOOLS / tool, "stop", directory / "server", "--remove"]
        subprocess.run(stop, check=False, capture_output=True, timeout=60)
        shutil.rmtree(directory, ignore_errors=True)


def start_server(tool: str, directory: Path, *options: str, action: str = "start") -> dict[str, str]:
    command = [SERVER_TOOLS / tool, action, directory, *options]
    # stderr goes to a file: a server that inherited a pipe would keep it open as long as it runs.
    with tempfile.TemporaryFile("w+") as errors:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            timeout=START_SECONDS_MAX,
        )
        errors.seek(0)
        reason = errors.read().strip()
    if done.returncode == CANNOT_BE_HAD_HERE:
        pytest.skip(f"{tool}: {reason}")
    if done.returncode != 0:
        pytest.fail(f"{tool} {action} exits {done.returncode}: {reason}", pytrace=False)
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
