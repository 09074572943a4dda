"""Small objects: exactly once, and a batch of them to a transaction."""

import json

from support import objects
from support.comparing import assert_landed
from support.expected import rows_of
from support.scene import Scene

LINES_EACH = 3


def small_objects(count: int) -> dict[str, bytes]:
    return {
        f"logs/{n:05}.ndjson.gz": objects.zipped(objects.json_lines(LINES_EACH, first=n * LINES_EACH))
        for n in range(count)
    }


def expected(scene: Scene, count: int) -> dict:
    listed = scene.bucket.last_modified()
    return {
        f"logs/{n:05}.ndjson.gz": rows_of(
            objects.json_lines(LINES_EACH, first=n * LINES_EACH), listed[f"logs/{n:05}.ndjson.gz"]
        )
        for n in range(count)
    }


def test_250_small_objects_in_three_batches(scene: Scene) -> None:
    scene.bucket.put_all(small_objects(250))
    done = scene.ingestor.having(INGESTOR_BATCH_SIZE="100")("once", "--json")
    assert done.code == 0, done
    assert json.loads(done.stdout)["files"] == {"completed": 250, "failed": 0}
    assert_landed(scene.database, expected(scene, 250))
    assert scene.database.transactions("new -> pending") == 3
    assert scene.database.transactions("pending -> processing") == 3
    assert scene.database.transactions("processing -> completed") == 3
    assert scene.database.value("SELECT count(DISTINCT xmin::text) FROM log") == 3


def test_a_batch_of_one_is_a_transaction_for_each_file(scene: Scene) -> None:
    scene.bucket.put_all(small_objects(5))
    done = scene.ingestor.having(INGESTOR_BATCH_SIZE="1")("once")
    assert done.code == 0, done
    assert scene.database.transactions("processing -> completed") == 5
    assert_landed(scene.database, expected(scene, 5))


def test_a_bad_object_in_a_batch_costs_its_neighbours_nothing(scene: Scene) -> None:
    bad = objects.truncated(objects.json_lines(500))
    scene.bucket.put_all(small_objects(40) | {f"logs/{n:05}-bad.gz": bad for n in (0, 7, 39)})
    done = scene.ingestor("once", "--json")
    assert done.code == 1, done
    assert json.loads(done.stdout)["files"] == {"completed": 40, "failed": 3}
    assert_landed(scene.database, expected(scene, 40))
    assert scene.database.value("SELECT max(attempts) FROM processed_file WHERE status = 'completed'") == 0


def test_1200_objects_are_more_than_a_page_of_the_listing(scene: Scene) -> None:
    scene.bucket.put_all({f"logs/{n:05}": objects.json_lines(1, first=n) for n in range(1200)})
    done = scene.ingestor.having(INGESTOR_BATCH_SIZE="1000", INGESTOR_DB_POOL_SIZE="2")("once", "--json")
    assert done.code == 0, done
    assert json.loads(done.stdout)["files"] == {"completed": 1200, "failed": 0}
    assert scene.database.row("SELECT count(*), count(DISTINCT id), count(DISTINCT message) FROM log") == (
        1200,
        1200,
        1200,
    )


def test_no_more_is_claimed_than_the_connections_can_take(scene: Scene) -> None:
    """A group of small files for each connection that carries rows, and no other file in processing."""
    scene.bucket.put_all(small_objects(150))
    done = scene.ingestor.having(INGESTOR_BATCH_SIZE="10", INGESTOR_DB_POOL_SIZE="2")("once")
    assert done.code == 0, done
    most = scene.database.value(
        "SELECT max(held) FROM (SELECT sum(CASE after WHEN 'processing' THEN 1 WHEN 'pending' THEN 0 ELSE -1 END) "
        "OVER (ORDER BY n) AS held FROM judge.transition) over_time"
    )
    assert 10 <= most <= 20
