"""Each rule of normalisation, on lines whose columns were written down by hand."""

import json
from typing import Any

import pytest
from normalisation_cases import CASES, Case
from support.comparing import VALUES, landed
from support.expected import JSON_COLUMNS, columns_of, repaired
from support.scene import Scene

KEY = "cases.ndjson"
LISTED = 1_234_567  # stands for the time of the listing where no server is asked
EVERY_CASE = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def test_no_two_cases_have_one_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@EVERY_CASE
def test_the_independent_computation_agrees_with_the_hand(case: Case) -> None:
    """expected.py judges the real logs, so it is judged here first."""
    computed = columns_of(case.line, LISTED)
    assert repaired(case.line) == computed.pop("raw_data")
    decoded = {name: json.loads(value) if name in JSON_COLUMNS else value for name, value in computed.items()}
    assert decoded == {"timestamp": LISTED} | case.columns


@pytest.fixture(scope="module")
def rows(module_scene: Scene) -> dict[int, dict[str, Any]]:
    """What landed, by line."""
    module_scene.bucket.put(KEY, "".join(case.line + "\n" for case in CASES).encode())
    done = module_scene.ingestor("once", "--json")
    assert done.code == 0, done
    found = module_scene.database.rows(
        f"SELECT ingestor_line(id), {', '.join(landed(c) for c in VALUES)} FROM log"
    )
    return {line: dict(zip(VALUES, values, strict=True)) for line, *values in found}


def test_every_case_landed(rows: dict[int, dict[str, Any]], module_scene: Scene) -> None:
    assert sorted(rows) == list(range(1, len(CASES) + 1))
    assert module_scene.database.count("log") == len(CASES)
    assert module_scene.database.count("rejected_line") == 0


@EVERY_CASE
def test_columns(case: Case, rows: dict[int, dict[str, Any]], module_scene: Scene) -> None:
    found = rows[CASES.index(case) + 1]
    expected = dict.fromkeys(VALUES) | {"timestamp": module_scene.listed_at_microseconds(KEY)} | case.columns
    wrong = {
        name: (found[name], expected[name])
        for name in VALUES
        if name != "raw_data" and not same(found[name], expected[name])
    }
    assert not wrong, f"{case.line[:300]}: (found, expected) is {wrong}"


def same(found: Any, expected: Any) -> bool:
    """Equal, and true is not 1."""
    return found == expected and isinstance(found, bool) == isinstance(expected, bool)


@EVERY_CASE
def test_raw_data_is_the_whole_line(case: Case, rows: dict[int, dict[str, Any]], module_scene: Scene) -> None:
    assert module_scene.database.value(
        "SELECT raw_data = %s::jsonb FROM log WHERE ingestor_line(id) = %s",
        repaired(case.line),
        CASES.index(case) + 1,
    )


def test_the_ledger_has_the_listings_time(rows: dict[int, dict[str, Any]], module_scene: Scene) -> None:
    assert module_scene.database.file(KEY)["last_modified"] == module_scene.listed_at(KEY)


def test_jsonb_null_is_sql_null(rows: dict[int, dict[str, Any]], module_scene: Scene) -> None:
    assert (
        module_scene.database.value(
            "SELECT count(*) FROM log WHERE 'null' IN (query::text, headers::text, params::text)"
        )
        == 0
    )
