"""What replicas say of themselves in the ledger, and what others see of it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from support import objects
from support.database import edit_url
from support.holding import HoldingForwarder, holding_forwarder
from support.ingestor import Process, free_port
from support.scene import Scene
from support.waiting import wait_until

REFUSED = "does not take this replica's report"
LARGE = objects.json_lines(20_000, context="x" * 1_700)


def replicas(scene: Scene) -> dict[str, dict]:
    """Those that report, by name."""
    if not scene.database.has_table("ingestor_replica"):
        return {}
    rows = scene.database.rows(
        "SELECT name, state, rows_written, files_completed, rows_per_second, fetchers, session, "
        "seen_at, extract(epoch FROM now() - seen_at)::float8 FROM ingestor_replica ORDER BY name"
    )
    names = ("name", "state", "rows", "completed", "rate", "fetchers", "session", "seen_at", "age")
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def fetchers(scene: Scene, name: str) -> list[dict]:
    return replicas(scene).get(name, {}).get("fetchers", [])


@contextmanager
def held_up_in_commit(scene: Scene) -> Iterator[HoldingForwarder]:
    """A database before which COMMITs can be held."""
    address = urlsplit(scene.database.url)
    assert address.hostname and address.port
    with holding_forwarder(address.hostname, address.port) as forwarder:
        yield forwarder


@contextmanager
def running(scene: Scene, name: str, **changes: str) -> Iterator[Process]:
    changes |= {
        "INGESTOR_REPLICA": name,
        "INGESTOR_POLL_INTERVAL": "500ms",
        "INGESTOR_HTTP_LISTEN": f"127.0.0.1:{free_port()}",
    }
    with scene.ingestor.having(**changes).running() as process:
        yield process


@contextmanager
def without_the_right_to_report(scene: Scene) -> Iterator[str]:
    database = scene.database
    with database.cluster.fresh_role(database.name) as url:
        role = urlsplit(url).username
        database.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON log, processed_file, rejected_line TO "{role}"')
        database.execute(f'GRANT SELECT ON ingestor_migration TO "{role}"')
        try:
            yield url
        finally:
            database.execute(f'DROP OWNED BY "{role}"')


def test_a_replica_says_what_it_does_and_leaves_when_it_stops(scene: Scene) -> None:
    scene.bucket.put_all({"a.ndjson": objects.json_lines(30), "b.ndjson": objects.json_lines(12)})
    with running(scene, "one", INGESTOR_DB_POOL_SIZE="2") as process:
        wait_until("it has told of its rows", lambda: replicas(scene).get("one", {}).get("rows") == 42)
        told = replicas(scene)["one"]
        assert (told["state"], told["completed"]) == ("running", 2)
        assert [fetcher["stage"] for fetcher in told["fetchers"]] in (["idle", "idle"], ["idle", "claim"], ["claim", "idle"])
        wait_until("it tells again", lambda: replicas(scene)["one"]["seen_at"] > told["seen_at"])
        assert process.stop().code == 0
    assert replicas(scene) == {}


def test_a_file_under_way_is_shown_with_its_stage(scene: Scene) -> None:
    scene.migrate_and_put({"large": LARGE})
    file_size = len(LARGE)
    with held_up_in_commit(scene) as forwarder, forwarder.holding(b"ingestor_fence(") as held:
        url = edit_url(scene.database.url, host="127.0.0.1", port=forwarder.port)
        with running(scene, "slow", DATABASE_URL=url, INGESTOR_DB_POOL_SIZE="1") as process:
            wait_until("the outcome is held", held.reached)
            wait_until("it tells of the commit", lambda: [f["stage"] for f in fetchers(scene, "slow")] == ["commit"])
            (fetcher,) = fetchers(scene, "slow")
            assert (fetcher["key"], fetcher["files"], fetcher["files_read"]) == ("large", 1, 1)
            assert fetcher["bytes_total"] == fetcher["bytes_read"] == file_size
            assert fetcher["rows"] == 20_000 and fetcher["file_id"] == scene.database.value(
                "SELECT id FROM processed_file"
            )
            assert replicas(scene)["slow"]["rows"] == 0, "nothing is committed yet"
            status = json.loads(scene.ingestor("status", "--json").stdout)
            assert [(one["name"], one["files"]) for one in status["replicas"]] == [("slow", 1)]
            held.release()
            wait_until("it is committed", lambda: replicas(scene)["slow"]["rows"] == 20_000)
            assert process.stop().code == 0


def test_a_killed_replica_stays_until_its_name_is_taken(scene: Scene) -> None:
    scene.bucket.put_all({"a": objects.json_lines(3)})
    with running(scene, "mortal") as process:
        wait_until("it reports", lambda: replicas(scene).get("mortal", {}).get("rows") == 3)
        process.kill()
    dead = replicas(scene)["mortal"]["session"]
    scene.database.execute("UPDATE ingestor_replica SET seen_at = now() - interval '40 s'")
    with running(scene, "another") as process:
        wait_until("the other one reports", lambda: "another" in replicas(scene))
        assert replicas(scene)["mortal"]["age"] > 30
        assert process.stop().code == 0
    with running(scene, "mortal") as process:
        wait_until("its place is taken", lambda: replicas(scene)["mortal"]["session"] != dead)
        assert process.stop().code == 0
    assert replicas(scene) == {}


def test_what_is_gone_for_a_day_is_forgotten(scene: Scene) -> None:
    scene.bucket.put_all({"a": objects.json_lines(3)})
    with running(scene, "mortal") as process:
        wait_until("it reports", lambda: "mortal" in replicas(scene))
        process.kill()
    scene.database.execute("UPDATE ingestor_replica SET seen_at = now() - interval '25 h'")
    with running(scene, "another") as process:
        wait_until("only the other one is there", lambda: list(replicas(scene)) == ["another"])
        assert process.stop().code == 0


@pytest.mark.parametrize("command", ["run", "once"])
def test_without_the_right_to_report_it_works_all_the_same(scene: Scene, command: str) -> None:
    scene.migrate_and_put({"a": objects.json_lines(3)})
    with without_the_right_to_report(scene) as url:
        if command == "once":
            done = scene.ingestor.having(DATABASE_URL=url)("once")
            assert done.code == 0, done
        else:
            with running(scene, "quiet", DATABASE_URL=url) as process:
                wait_until("it is loaded", lambda: scene.database.count("log") == 3)
                wait_until("it has told so", lambda: REFUSED in process.output())
                time.sleep(6)  # it has tried again by then
                assert process.stop().code == 0
            assert process.output().count(REFUSED) == 1
    assert scene.database.count("log") == 3
