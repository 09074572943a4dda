"""The schema: as the contract has it, however many replicas make it at once."""

import re

import pytest
from support import objects
from support.database import Database
from support.ingestor import Ingestor
from support.scene import Scene

SCHEMA = {
    "log": [
        ("id", "uuid", "NO"), ("timestamp", "timestamp with time zone", "NO"),
        ("level", "smallint", "YES"), ("method", "text", "YES"),
        ("url", "text", "YES"), ("query", "jsonb", "YES"), ("headers", "jsonb", "YES"),
        ("context", "text", "YES"),
        ("message", "text", "YES"), ("auth_user_id", "bigint", "YES"), ("pid", "integer", "YES"),
        ("hostname", "text", "YES"),
        ("remote_address", "text", "YES"), ("remote_port", "integer", "YES"),
        ("processing_time_ms", "double precision", "YES"),
        ("cache_hit", "boolean", "YES"), ("document_count", "bigint", "YES"),
        ("last_updated", "timestamp with time zone", "YES"),
        ("params", "jsonb", "YES"), ("raw_data", "jsonb", "NO"),
    ],
    "processed_file": [
        ("id", "bigint"), ("bucket", "text"), ("s3_key", "text"), ("etag", "text"), ("size", "bigint"),
        ("last_modified", "timestamp with time zone"), ("status", "processed_file_status"),
        ("attempts", "integer"),
        ("lease_expiries", "integer"), ("claim_token", "bigint"), ("lease_owner", "text"),
        ("lease_expires_at", "timestamp with time zone"), ("next_attempt_at", "timestamp with time zone"),
        ("discovered_at", "timestamp with time zone"), ("processed_at", "timestamp with time zone"),
        ("rows_written", "bigint"),
        ("lines_rejected", "bigint"), ("first_timestamp", "timestamp with time zone"),
        ("last_timestamp", "timestamp with time zone"),
        ("metadata", "jsonb"),
    ],
    "rejected_line": [
        ("file_id", "bigint"), ("line", "bigint"), ("byte_offset", "bigint"), ("reason", "text"),
        ("raw", "bytea"),
        ("rejected_at", "timestamp with time zone"),
    ],
}  # fmt: skip


def columns(database: Database, table: str, schema: str = "public") -> dict[str, tuple[str, str]]:
    return {
        name: (type_, nullable)
        for name, type_, nullable in database.rows(
            "SELECT column_name, format_type(atttypid, atttypmod), is_nullable FROM information_schema.columns "
            "JOIN pg_attribute ON attrelid = format('%%I.%%I', table_schema, table_name)::regclass "
            "AND attname = column_name "
            "WHERE table_schema = %s AND table_name = %s",
            schema,
            table,
        )
    }


def assert_schema(database: Database) -> None:
    for table, wanted in SCHEMA.items():
        found = columns(database, table)
        for name, type_, *nullable in wanted:
            assert name in found, f"{table}.{name} is missing"
            assert found[name][0].removeprefix("public.") == type_, f"{table}.{name}"
            assert not nullable or found[name][1] == nullable[0], f"{table}.{name} nullable"
    assert list(columns(database, "log")) == [name for name, *_ in SCHEMA["log"]]
    assert [
        value for (value,) in database.rows("SELECT unnest(enum_range(NULL::processed_file_status))::text")
    ] == ["pending", "processing", "completed", "failed"]
    assert {"ingestor_file", "ingestor_line"} <= {
        name
        for (name,) in database.rows(
            "SELECT proname FROM pg_proc "
            "WHERE prorettype = 'bigint'::regtype AND proargtypes = ARRAY['uuid'::regtype]::oidvector"
        )
    }


@pytest.fixture
def migrated(scene: Scene) -> Database:
    done = scene.ingestor("migrate")
    assert done.code == 0, done
    return scene.database


def test_the_schema_is_the_contracts(migrated: Database) -> None:
    assert_schema(migrated)


def test_bucket_and_key_are_unique_together(migrated: Database) -> None:
    unique = migrated.rows(
        "SELECT array_agg(attname::text ORDER BY attname) FROM pg_index "
        "JOIN pg_attribute a ON a.attrelid = indrelid AND attnum = ANY(indkey) "
        "WHERE indrelid = 'processed_file'::regclass AND indisunique GROUP BY indexrelid"
    )
    assert (["bucket", "s3_key"],) in unique


def test_the_id_of_a_file_is_an_identity(migrated: Database) -> None:
    assert (
        migrated.value(
            "SELECT is_identity FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = 'processed_file' AND column_name = 'id'"
        )
        == "YES"
    )


def catalogue(database: Database) -> list[tuple]:
    return database.rows(
        "SELECT oid, relname, relkind, relnatts FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY oid"
    )


def test_again_is_nothing_to_do(migrated: Database, scene: Scene) -> None:
    before = catalogue(migrated)
    done = scene.ingestor("migrate")
    assert done.code == 0, done
    assert catalogue(migrated) == before


def test_ten_at_once(scene: Scene) -> None:
    for done in scene.ingestor.at_once(10, "migrate"):
        assert done.code == 0, done
    assert_schema(scene.database)


def test_migrate_needs_no_s3(scene: Scene) -> None:
    """A job that only migrates may run where S3 does not answer."""
    done = scene.ingestor.having(AWS_ENDPOINT="http://127.0.0.1:1")("migrate")
    assert done.code == 0, done
    assert_schema(scene.database)


def test_rows_survive_a_second_migration(scene: Scene) -> None:
    scene.bucket.put("a", objects.json_lines(10))
    assert scene.ingestor("once").code == 0
    assert scene.ingestor("migrate").code == 0
    assert (scene.database.count("log"), scene.database.statuses()) == (10, {"a": "completed"})


@pytest.mark.parametrize("command", ["once", "run"])
def test_without_schema_and_without_migration(scene: Scene, command: str) -> None:
    scene.bucket.put("a", objects.json_lines(10))
    done = scene.ingestor.having(INGESTOR_MIGRATE="off", LOG_LEVEL="error")(command)
    assert done.code in (1, 3), done
    assert len(done.stderr.strip().splitlines()) == 1 and "migrate" in done.stderr, done
    assert not scene.database.has_table("log")


def test_migration_off_with_the_schema_there(migrated: Database, scene: Scene) -> None:
    scene.bucket.put("a", objects.json_lines(10))
    assert scene.ingestor.having(INGESTOR_MIGRATE="off")("once").code == 0
    assert migrated.count("log") == 10


def test_a_role_that_may_not_create(scene: Scene) -> None:
    with scene.database.cluster.fresh_role(scene.database.name) as url:
        done = scene.ingestor.having(DATABASE_URL=url, LOG_LEVEL="error")("migrate")
    assert done.code in (1, 3), done
    assert len(done.stderr.strip().splitlines()) == 1, done
    assert re.search("(?i)permission|privilege|grant|may not|not allowed", done.stderr), done
    assert not scene.database.has_table("processed_file")


def test_the_connections_default_schema(scene: Scene) -> None:
    """Not `public`, unless that is what the role's search_path says."""
    role = scene.database.cluster.role
    scene.database.execute(f"CREATE SCHEMA logs AUTHORIZATION {role}")
    scene.database.execute(f'ALTER DATABASE "{scene.database.name}" SET search_path TO logs')
    scene.bucket.put("a", objects.json_lines(10))
    done = scene.ingestor("once")
    assert done.code == 0, done
    assert scene.database.value("SELECT count(*) FROM logs.log") == 10
    assert not columns(scene.database, "log")


def test_an_id_names_its_file_and_line(scene: Scene) -> None:
    scene.bucket.put_all({"a": objects.json_lines(3), "b": b"\n" + objects.json_lines(3)})
    assert scene.ingestor("once").code == 0
    database: Database = scene.database
    assert database.rows(
        "SELECT s3_key, ingestor_line(l.id) FROM log l "
        "JOIN processed_file f ON f.id = ingestor_file(l.id) ORDER BY 1, 2"
    ) == [("a", 1), ("a", 2), ("a", 3), ("b", 2), ("b", 3), ("b", 4)]
    for (id_,) in database.rows("SELECT id FROM log"):
        assert (id_.version, id_.variant) == (8, "specified in RFC 4122")


def test_functions_take_any_role_that_may_read(scene: Scene, ingestor: Ingestor) -> None:
    scene.bucket.put("a", objects.json_lines(3))
    assert ingestor("once").code == 0
    plan = scene.database.rows(
        "SELECT provolatile, proparallel FROM pg_proc WHERE proname IN ('ingestor_file', 'ingestor_line')"
    )
    assert plan == [("i", "s"), ("i", "s")], (
        "immutable and parallel safe, so that they can be indexed and queried at speed"
    )
