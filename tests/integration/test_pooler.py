"""Through PgBouncer, which gives each transaction any of its two connections to the database."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from support import objects
from support.comparing import assert_landed
from support.database import edit_url
from support.expected import rows_of
from support.scene import Scene

SMALL = {f"small/{n:03}": objects.zipped(objects.json_lines(5, first=5 * n)) for n in range(60)}
LARGE = objects.json_lines(30_000, first=1_000)
BAD = objects.truncated(objects.json_lines(500))


@pytest.fixture
def pooled(scene: Scene, pooler: str) -> Iterator[Scene]:
    """A scene in which the binary reaches the database through the pooler alone."""
    url = edit_url(scene.database.url, port=urlsplit(pooler).port)
    scene.ingestor = scene.ingestor.having(DATABASE_URL=url)
    yield scene


def assert_exactly_once(scene: Scene) -> None:
    listed = scene.bucket.last_modified()
    rows = {
        f"small/{n:03}": rows_of(objects.json_lines(5, first=5 * n), listed[f"small/{n:03}"])
        for n in range(60)
    }
    rows["large"] = rows_of(LARGE, listed["large"])
    assert_landed(scene.database, rows)
    assert scene.database.value("SELECT max(attempts) FROM processed_file WHERE status = 'completed'") == 0


def test_once_loads_every_file_once(pooled: Scene) -> None:
    pooled.bucket.put_all(SMALL | {"large": objects.zipped(LARGE), "bad.gz": BAD})
    done = pooled.ingestor.having(INGESTOR_BATCH_SIZE="20")("once", "--json")
    assert done.code == 1, done
    assert json.loads(done.stdout)["files"] == {"completed": 61, "failed": 1}
    assert_exactly_once(pooled)


def test_three_replicas_migrate_and_load_at_once(pooled: Scene) -> None:
    """More connections to the pooler than it has to the database, from the first statement on."""
    pooled.bucket.put_all(SMALL | {"large": objects.zipped(LARGE)})
    for done in pooled.ingestor.having(INGESTOR_BATCH_SIZE="10").at_once(3, "once"):
        assert done.code == 0, done
    assert set(pooled.database.statuses().values()) == {"completed"}
    assert_exactly_once(pooled)


def test_a_startup_parameter_that_a_pooler_refuses(pooled: Scene) -> None:
    url = edit_url(pooled.ingestor.environment["DATABASE_URL"], options="-c statement_timeout=60s")
    done = pooled.ingestor.having(DATABASE_URL=url, LOG_LEVEL="error")("once")
    assert done.code == 3, done
    assert "unsupported startup parameter: options" in done.stderr, done
    assert "ALTER ROLE" in done.stderr, done
    assert len(done.stderr.splitlines()) == 1, done
