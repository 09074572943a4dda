"""What the chaos tests share: a seed that repeats a run, and how often a thing is done."""

import random
from collections.abc import Callable

import pytest


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """All that a test leaves to chance comes from here: the same seed and the same test, the same draws."""
    seed = request.config.getoption("--seed")
    print(f"seed {seed}: repeat this with --seed {seed}")  # noqa: T201 - shown where the test fails
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def times(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """times(short, whole): how often; the whole number only with --whole, as by tools/chaos."""
    is_whole = request.config.getoption("--whole")
    return lambda short, whole: whole if is_whole else short
