"""Waiting for something to become true, with a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(what: str, probe: Callable[[], T], limit: float = 60.0, interval: float = 0.05) -> T:
    """Calls probe until it returns something true, and returns that; fails after `limit` seconds."""
    deadline = time.monotonic() + limit
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {limit:g} s in vain until {what}; last seen: {found!r}")
        time.sleep(interval)
