"""A process whose clock is wrong, by libfaketime. Its timers run as ever: only the date is another one."""

from pathlib import Path

import pytest

from .ingestor import Ingestor, is_sanitized


def with_clock_off(ingestor: Ingestor, by: str) -> Ingestor:
    """`by`: as libfaketime reads it, such as "-5y". Skips where it cannot be had."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not libraries:
        pytest.skip("libfaketime is not installed: it is in Debian's package faketime")
    if is_sanitized():
        pytest.skip("AddressSanitizer wants to be the first library of a process, and so does libfaketime")
    return ingestor.having(LD_PRELOAD=str(libraries[0]), FAKETIME=by, FAKETIME_DONT_FAKE_MONOTONIC="1")
