"""Compares what landed in `log` with what was expected: every row, every column."""

from collections.abc import Iterable, Mapping
from typing import Any

from .database import Database
from .expected import COLUMNS, JSON_COLUMNS, TIME_COLUMNS, Row

VALUES = tuple(name for name in COLUMNS if name != "id")

# Beside the columns of `log`: how the same value is written in the table of what was expected.
_TYPES = {
    "level": "smallint", "auth_user_id": "bigint", "pid": "integer", "remote_port": "integer",
    "processing_time_ms": "double precision", "cache_hit": "boolean", "document_count": "bigint",
} | dict.fromkeys(JSON_COLUMNS, "jsonb") | dict.fromkeys(TIME_COLUMNS, "numeric")  # fmt: skip


def landed(column: str) -> str:
    """SQL of a column of `log` as it is compared: times as microseconds since 1970, which is exact (and numeric,
    because the last moments that PostgreSQL holds are more than 64 bits of them)."""
    return f'(extract(epoch FROM "{column}") * 1000000)' if column in TIME_COLUMNS else f'"{column}"'


def assert_landed(database: Database, expected: Mapping[str, Iterable[Row]]) -> None:
    """`log` holds exactly the expected rows of each key: none missing, none twice, none else."""
    _load(database, expected)
    assert _strangers(database) == [], (
        "rows that no line accounts for, or lines that are no row (key, line, rows)"
    )
    wrong = {column: rows for column, rows in _different(database).items() if rows}
    assert not wrong, (
        f"rows that differ, by column: {wrong}; for example {_example(database, next(iter(wrong)))}"
    )


def column_figures(database: Database) -> dict[str, tuple]:
    """Of each column: how many are not NULL, and a sum (of the values, or of the characters of texts)."""
    figures = ", ".join(
        f"count({landed(c)}), sum({_figure(landed(c), _TYPES.get(c, 'text'))})" for c in VALUES
    )
    row = database.row(f"SELECT {figures} FROM log")
    return {column: (row[2 * n], row[2 * n + 1]) for n, column in enumerate(VALUES)}


def expected_figures(rows: Iterable[Row]) -> dict[str, tuple]:
    """The same figures, computed from expected rows; jsonb columns only as counts."""
    figures: dict[str, tuple] = {column: (0, None) for column in VALUES}
    for row in rows:
        for column, value in row.columns.items():
            count, total = figures[column]
            add = None if column in JSON_COLUMNS else len(value) if isinstance(value, str) else value
            figures[column] = (count + 1, None if add is None else (total or 0) + add)
    return figures


def _figure(value: str, type_: str) -> str:
    if type_ == "jsonb":
        return "NULL::bigint"
    if type_ == "boolean":
        return f"{value}::integer"
    return f"length({value})" if type_ == "text" else f"({value})::numeric"


def _load(database: Database, expected: Mapping[str, Iterable[Row]]) -> None:
    columns = ", ".join(f'"{c}" {_TYPES.get(c, "text")}' for c in VALUES)
    database.execute("DROP TABLE IF EXISTS pg_temp.expected, pg_temp.landed")
    database.execute(f"CREATE TEMP TABLE expected (key text, line bigint, {columns})")
    with database.connection.cursor().copy("COPY expected FROM STDIN") as copy:
        for key, rows in expected.items():
            for row in rows:
                copy.write_row((key, row.line, *(_written(row.columns.get(c)) for c in VALUES)))
    database.execute(f"""CREATE TEMP TABLE landed AS
        SELECT f.s3_key AS key, ingestor_line(l.id) AS line, {", ".join(f'{landed(c)} AS "{c}"' for c in VALUES)}
        FROM log l LEFT JOIN processed_file f ON f.id = ingestor_file(l.id)""")
    database.execute("ANALYZE pg_temp.expected; ANALYZE pg_temp.landed")


def _written(value: Any) -> Any:
    return repr(value) if isinstance(value, float) else value


def _strangers(database: Database) -> list[tuple]:
    return database.rows("""
        SELECT key, line, count(l) AS rows FROM
          (SELECT key, line, 1 AS l FROM pg_temp.landed
           UNION ALL SELECT key, line, NULL FROM pg_temp.expected) both_sides
        GROUP BY key, line HAVING count(*) <> 2 OR count(l) <> 1 ORDER BY key, line LIMIT 10""")


def _different(database: Database) -> dict[str, int]:
    counts = ", ".join(f'count(*) FILTER (WHERE l."{c}" IS DISTINCT FROM e."{c}")' for c in VALUES)
    row = database.row(f"SELECT {counts} FROM pg_temp.landed l JOIN pg_temp.expected e USING (key, line)")
    return dict(zip(VALUES, row, strict=True))


def _example(database: Database, column: str) -> str:
    key, line, is_, should = database.rows(f"""
        SELECT key, line, l."{column}", e."{column}" FROM pg_temp.landed l JOIN pg_temp.expected e USING (key, line)
        WHERE l."{column}" IS DISTINCT FROM e."{column}" ORDER BY key, line LIMIT 1""")[0]
    return f"{key} line {line}: {column} is {is_!r}, should be {should!r}"
