"""axe-core, which finds what keeps people out of a page."""

import subprocess
from pathlib import Path

import pytest

from .places import SERVER_TOOLS
from .servers import CANNOT_BE_HAD_HERE

FETCH_SECONDS_MAX = 300


def axe_script() -> str:
    """Skips where it cannot be had."""
    done = subprocess.run([SERVER_TOOLS / "axe", "get"], capture_output=True, text=True, timeout=FETCH_SECONDS_MAX)
    if done.returncode == CANNOT_BE_HAD_HERE:
        pytest.skip(f"axe-core: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().removeprefix("AXE=")).read_text()
