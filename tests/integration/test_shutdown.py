"""SIGTERM and SIGINT: claims are given back, nothing is half done, exit 0 within the grace."""

import signal
import socket
from urllib.parse import urlsplit

import pytest
from support import objects
from support.comparing import assert_landed
from support.database import edit_url
from support.expected import rows_of
from support.forwarding import forwarded
from support.scene import Scene

LINES = objects.json_lines(5_000)
STOPS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)


@STOPS
def test_a_service_with_nothing_to_do_stops_at_once(scene: Scene, number: signal.Signals) -> None:
    scene.bucket.put("a", objects.json_lines(3))
    with scene.ingestor.running() as service:
        service.wait_until("the file is completed", lambda: scene.database.is_completed("a"))
        done = service.stop(number, limit=5)
    assert done.code == 0, done


@STOPS
def test_a_stop_in_mid_copy_gives_the_file_back(scene: Scene, number: signal.Signals) -> None:
    scene.migrate_and_put({"a": LINES})
    with scene.ingestor.having(INGESTOR_SHUTDOWN_GRACE="2s").running() as service:
        with scene.database.log_locked():
            service.wait_until("a COPY has begun", scene.database.is_copying)
            done = service.stop(number, limit=10)
    assert done.code == 0, done
    assert (scene.database.file("a")["status"], scene.database.file("a")["attempts"]) == ("pending", 0)
    assert scene.database.count("log") == 0
    assert scene.ingestor("once").code == 0
    assert_landed(scene.database, {"a": rows_of(LINES, scene.listed_at("a"))})


def test_what_can_be_finished_within_the_grace_is_finished(scene: Scene) -> None:
    scene.migrate_and_put({"a": LINES})
    with scene.ingestor.having(INGESTOR_SHUTDOWN_GRACE="20s").running() as service:
        with scene.database.log_locked():
            service.wait_until("a COPY has begun", scene.database.is_copying)
            service.send(signal.SIGTERM)
        done = service.wait(20)
    assert done.code == 0, done
    assert (scene.database.file("a")["status"], scene.database.count("log")) == ("completed", 5_000)


def test_a_stop_under_load_leaves_no_lease_behind(scene: Scene) -> None:
    contents = {f"{n:03}": objects.json_lines(100, first=100 * n) for n in range(150)}
    scene.migrate_and_put(contents)
    with scene.ingestor.having(INGESTOR_BATCH_SIZE="5").running() as service:
        service.wait_until(
            "some are completed",
            lambda: "completed" in scene.database.statuses().values(),
        )
        done = service.stop()
    assert done.code == 0, done
    assert not scene.database.is_processing()
    completed = list(scene.database.statuses().values()).count("completed")
    assert scene.database.count("log") == 100 * completed
    assert scene.ingestor("once").code == 0
    listed = scene.bucket.last_modified()
    assert_landed(scene.database, {key: rows_of(data, listed[key]) for key, data in contents.items()})


@pytest.mark.parametrize(("command", "code"), [("run", 0), ("once", 128 + signal.SIGTERM)])
@pytest.mark.parametrize("silent", ["database", "s3"])
def test_a_stop_while_it_starts(scene: Scene, command: str, code: int, silent: str) -> None:
    """That it was stopped is no error of a server that it was waiting for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        changes = (
            {"DATABASE_URL": edit_url(scene.database.url, host="127.0.0.1", port=port)}
            if silent == "database"
            else {"AWS_ENDPOINT": f"http://127.0.0.1:{port}"}
        )
        with scene.ingestor.having(**changes).running(command) as starting:
            listener.settimeout(20)
            connection, _ = listener.accept()
            done = starting.stop(limit=5)
            connection.close()
    assert done.code == code, done
    assert not [line for line in done.stderr.splitlines() if line.startswith("ingestor:")], done


def test_a_stop_while_the_database_is_away_takes_no_time(scene: Scene) -> None:
    scene.bucket.put("a", LINES)
    server = urlsplit(scene.database.url)
    with forwarded(str(server.hostname), int(server.port or 5432)) as wire:
        url = edit_url(scene.database.url, host="127.0.0.1", port=wire.port)
        with scene.ingestor.having(DATABASE_URL=url).running() as service:
            service.wait_until("it has begun", lambda: scene.database.is_completed("a"))
            with wire.down():
                service.wait_until("it has noticed", lambda: "trouble began" in service.output())
                done = service.stop(limit=4)
    assert done.code == 0, done
