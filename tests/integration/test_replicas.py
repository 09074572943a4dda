"""Several replicas at once: every line exactly once."""

from functools import partial

from support import objects
from support.comparing import assert_landed
from support.expected import rows_of
from support.scene import Scene

OBJECTS = 500


def contents() -> dict[str, bytes]:
    return {f"{n % 7}/log {n:04}.ndjson": objects.json_lines(20, first=20 * n) for n in range(OBJECTS)}


def assert_exactly_once(scene: Scene) -> None:
    listed = scene.bucket.last_modified()
    assert set(scene.database.statuses().values()) == {"completed"}
    assert scene.database.row("SELECT count(*), count(DISTINCT id) FROM log") == (20 * OBJECTS, 20 * OBJECTS)
    assert_landed(scene.database, {key: rows_of(data, listed[key]) for key, data in contents().items()})
    assert (
        scene.database.value(
            "SELECT max(n) FROM (SELECT count(*) AS n FROM judge.transition "
            "WHERE after = 'completed' GROUP BY file_id) completions"
        )
        == 1
    )


def owners(scene: Scene) -> set[str]:
    """The replicas that have claimed something."""
    query = "SELECT DISTINCT lease_owner FROM judge.transition WHERE after = 'processing'"
    return {owner for (owner,) in scene.database.rows(query)}


def test_two_replicas_of_run(scene: Scene) -> None:
    scene.migrate_and_put(contents())
    ingestor = scene.ingestor.having(
        INGESTOR_BATCH_SIZE="20", INGESTOR_POLL_INTERVAL="1s", INGESTOR_DB_POOL_SIZE="2"
    )
    with (
        ingestor.having(INGESTOR_REPLICA="one").running() as one,
        ingestor.having(INGESTOR_REPLICA="two").running() as two,
    ):
        with scene.database.log_locked():
            one.wait_until("both have claimed something", lambda: owners(scene) == {"one", "two"})
        one.wait_until("all files are completed", lambda: scene.database.is_completed(*contents()), limit=90)
        for service in (one, two):
            done = service.stop()
            assert done.code == 0, done
    assert_exactly_once(scene)


def test_ten_times_once_on_an_empty_database(scene: Scene) -> None:
    scene.bucket.put_all(contents())
    ingestor = scene.ingestor.having(INGESTOR_BATCH_SIZE="10", INGESTOR_DB_POOL_SIZE="1")
    for done in ingestor.at_once(10, "once"):
        assert done.code == 0, done
    assert_exactly_once(scene)


def test_run_finds_what_arrives_later(scene: Scene) -> None:
    with scene.ingestor.having(INGESTOR_POLL_INTERVAL="500ms").running() as service:
        for n, key in enumerate(("first", "second")):
            scene.bucket.put(key, objects.json_lines(5))
            put = ("first", "second")[: n + 1]
            service.wait_until(f"{key} is completed", partial(scene.database.is_completed, *put))
        assert service.stop().code == 0
    assert scene.database.count("log") == 10
