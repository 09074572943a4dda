"""Long lists of cases: all of them in a whole run, in a short one some, which are left to chance."""

import random
from collections.abc import Mapping

import pytest


def parametrize_some(metafunc: pytest.Metafunc, name: str, cases: Mapping[str, object], few: int) -> None:
    """For `pytest_generate_tests`: the test's argument `name` goes through all cases, or as many as `few`."""
    chosen = list(cases)
    if not metafunc.config.getoption("--whole"):
        seed = f"{metafunc.config.getoption('--seed')} {metafunc.definition.name}"
        chosen = random.Random(seed).sample(chosen, few)
    metafunc.parametrize(name, [cases[each] for each in chosen], ids=chosen)
