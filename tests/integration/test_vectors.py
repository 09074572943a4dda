"""The JSON test suite: whatever jsonb refuses is rejected, whatever it takes lands, and nothing else fails."""

import re
from pathlib import Path

import psycopg
import pytest
from support import objects
from support.expected import repaired
from support.places import SHARED
from support.scene import Scene

FILES = sorted((SHARED / "vectors" / "json").glob("*.json"))
FIRST = objects.json_lines(100)  # what the object is, is decided before the first vector
EXPONENT_MAX = 1000
DEPTH_MAX = 512

pytestmark = pytest.mark.skipif(not FILES, reason="../shared/vectors is not here")


def line_of(path: Path) -> bytes | None:
    """A vector as a member of an object on one line; None for those that are more than a line."""
    content = path.read_bytes()
    return None if b"\n" in content else b'{"v":' + content + b"}"


LINES = {path.name: line for path in FILES if (line := line_of(path)) is not None}


@pytest.fixture(scope="module")
def landed(module_scene: Scene) -> set[int]:
    module_scene.bucket.put("vectors", FIRST + b"".join(line + b"\n" for line in LINES.values()))
    done = module_scene.ingestor("once")
    assert done.code == 0, done
    return {line for (line,) in module_scene.database.rows("SELECT ingestor_line(id) FROM log")}


def number_of(name: str) -> int:
    return 100 + list(LINES).index(name) + 1


def postgres_takes(scene: Scene, line: bytes) -> bool:
    """By the server's own word, after the repair that the contract promises and within its limits."""
    try:
        text = repaired(line.decode("utf-8"))
        with scene.database.connection.transaction():
            scene.database.execute("SELECT %s::jsonb", text)
    except (UnicodeDecodeError, psycopg.DataError, psycopg.OperationalError):
        return False
    exponents = [int(digits) for digits in re.findall(r"\d[eE]([+-]?\d+)", text)]
    return all(abs(exponent) <= EXPONENT_MAX for exponent in exponents) and text.count("[") < DEPTH_MAX


@pytest.mark.parametrize("name", LINES)
def test_the_verdict_is_that_of_jsonb(name: str, landed: set[int], module_scene: Scene) -> None:
    number = number_of(name)
    accepted = postgres_takes(module_scene, LINES[name])
    reasons = [
        reason
        for (reason,) in module_scene.database.rows(
            "SELECT reason FROM rejected_line WHERE line = %s", number
        )
    ]
    assert (number in landed) == accepted, reasons
    assert (len(reasons) == 1) == (not accepted)
    if accepted:
        assert module_scene.database.value(
            "SELECT raw_data = %s::jsonb FROM log WHERE ingestor_line(id) = %s",
            repaired(LINES[name].decode()),
            number,
        )


def test_first_lines_landed(landed: set[int]) -> None:
    assert set(range(1, 101)) <= landed


def test_most_of_the_suite_is_here() -> None:
    assert len(LINES) > 280
