"""The one invariant: the rows are the lines of the completed files, each once, and there are no others."""

from collections.abc import Collection, Mapping

from .database import Database

# One statement, so one snapshot: commits go on while it is looked at.
_VIOLATIONS = """
WITH landed AS (
  SELECT ingestor_file(id) AS file, count(*) AS n, count(DISTINCT id) AS ids FROM log GROUP BY 1
)
SELECT coalesce(f.s3_key, 'file ' || landed.file), f.status::text, coalesce(landed.n, 0), coalesce(landed.ids, 0), e.n
FROM processed_file f
FULL JOIN landed ON landed.file = f.id
LEFT JOIN unnest(%s::text[], %s::bigint[]) AS e (key, n) ON e.key = f.s3_key
WHERE f.id IS NULL
   OR f.status = 'completed' AND (coalesce(landed.n, 0) IS DISTINCT FROM e.n OR landed.ids <> landed.n)
   OR f.status <> 'completed' AND landed.n > 0
LIMIT 10"""


def assert_exactly_once(database: Database, lines: Mapping[str, int]) -> None:
    """`lines`: how many rows each key has when its file is completed. True at every moment, whatever happens."""
    broken = database.rows(_VIOLATIONS, list(lines), list(lines.values()))
    assert broken == [], f"(key, status, rows, different ids, rows expected): {broken}"


def assert_all_completed(database: Database, lines: Mapping[str, int], failed: Collection[str] = ()) -> None:
    """Nothing is left to do, nothing was blamed on a file, and everything is there once. Those in `failed` are bad:
    they failed once."""
    assert_exactly_once(database, lines)
    wanted = {key: ("completed", 0) for key in lines} | {key: ("failed", 1) for key in failed}
    found = {
        key: (status, attempts)
        for key, status, attempts in database.rows("SELECT s3_key, status::text, attempts FROM processed_file")
    }
    others = {key: found.get(key) for key in wanted.keys() | found.keys() if found.get(key) != wanted.get(key)}
    assert others == {}, f"(status, attempts used up) of what is not as it should be: {others}"
