"""A schema as an older version of the program left it: what its later steps made is taken away again."""

from .database import Database

# What undoes each step, the latest first. A new step of src/ledger/migrations.cpp wants its line here.
UNDO = {
    5: ["DROP TABLE ingestor_replica", "DROP INDEX processed_file_rejects"],
    4: ["ALTER TABLE processed_file DROP COLUMN overwritten_etag"],
    3: ["DROP INDEX log_timestamp_idx"],
}


def go_back_to(database: Database, version: int) -> None:
    """The schema is whole, on a database without TimescaleDB."""
    for (step,) in database.rows(
        "SELECT version FROM ingestor_migration WHERE version > %s ORDER BY version DESC", version
    ):
        assert step in UNDO, f"tests do not know how to undo step {step} of the schema: see {__file__}"
        for statement in UNDO[step]:
            database.execute(statement)
        database.execute("DELETE FROM ingestor_migration WHERE version = %s", step)


def fill_log(database: Database, rows: int) -> None:
    """So many rows of no file, in no order of time, as many as make an index last."""
    database.execute_as_nobody_watches(
        "INSERT INTO log (id, timestamp, raw_data) "
        "SELECT '00000000-0000-8000-8000-000000000000', now() - random() * interval '1000d', '{}' "
        "FROM generate_series(1, %s)",
        rows,
    )
