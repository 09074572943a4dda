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
    """Starts a server and yields the NAME=value lines that it printed; skips where it cannot be had."""
    directory = Path(tempfile.mkdtemp(prefix=f"ingestor-test-{tool}-"))
    directory.chmod(0o755)  # PostgreSQL runs as a user of its own and must get to its own folder in it
    try:
        yield _start(tool, directory / "server", options)
    finally:
        stop = [SERVER_TOOLS / tool, "stop", directory / "server", "--remove"]
        subprocess.run(stop, check=False, capture_output=True, timeout=60)
        shutil.rmtree(directory, ignore_errors=True)


def _start(tool: str, directory: Path, options: tuple[str, ...]) -> dict[str, str]:
    command = [SERVER_TOOLS / tool, "start", directory, *options]
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
        pytest.fail(f"{tool} start exits {done.returncode}: {reason}", pytrace=False)
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
