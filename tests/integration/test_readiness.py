"""/healthz and /readyz through the life of a service: its start, a database that is stopped and comes back, its stop.
(That they follow a wire that is cut or silent is in test_http.py.)"""

import signal
import socket
import time
from pathlib import Path

import pytest
from support import objects
from support.database import edit_url
from support.own_server import own_server
from support.scene import Scene, make_scene
from support.service import FOLLOWS_WITHIN, Service, serving
from support.store import Store
from support.waiting import wait_until


def health(service: Service) -> tuple[int | None, int | None]:
    return service.answers("/healthz"), service.answers("/readyz")


@pytest.mark.parametrize("silent", ["database", "s3"])
def test_it_is_healthy_and_not_ready_while_it_starts(scene: Scene, silent: str) -> None:
    """A server that takes connections and says nothing keeps it from starting."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        changes = (
            {"DATABASE_URL": edit_url(scene.database.url, host="127.0.0.1", port=port)}
            if silent == "database"
            else {"AWS_ENDPOINT": f"http://127.0.0.1:{port}"}
        )
        with serving(scene, **changes) as service:
            wait_until("it listens", lambda: service.answers("/healthz") == 200)
            for _ in range(10):
                assert health(service) == (200, 503)
                time.sleep(0.05)
            assert "starting" in service.ask("/readyz").body


def test_readiness_follows_a_database_that_is_stopped(store: Store, tmp_path: Path) -> None:
    with own_server() as server, make_scene(server.cluster, store, tmp_path) as scene, serving(scene) as service:
        wait_until("it is ready", service.is_ready)
        server.kill()
        wait_until("it is not ready", lambda: health(service) == (200, 503), limit=FOLLOWS_WITHIN)
        assert service.ask("/readyz").body == "the database is unusable\n"
        server.start()
        wait_until("it is ready again", lambda: health(service) == (200, 200), limit=FOLLOWS_WITHIN)
        scene.database.reconnect()
        scene.bucket.put("later", objects.json_lines(7))
        wait_until("what came later is completed", lambda: scene.database.is_completed("later"))


def test_it_is_healthy_and_not_ready_while_it_stops(scene: Scene) -> None:
    """For as long as it finishes what it has begun: nobody must kill it, and nobody send it anything new."""
    scene.migrate_and_put({"a": objects.json_lines(5_000)})
    with serving(scene, INGESTOR_SHUTDOWN_GRACE="20s") as service:
        with scene.database.log_locked():
            service.process.wait_until("a COPY has begun", scene.database.is_copying)
            assert health(service) == (200, 200)
            service.process.send(signal.SIGTERM)
            wait_until("it is not ready", lambda: not service.is_ready(), limit=FOLLOWS_WITHIN)
            for _ in range(20):
                assert health(service) == (200, 503)
                time.sleep(0.05)
            assert service.ask("/readyz").body == "stopping\n"
        assert service.process.wait(20).code == 0
    assert scene.database.is_completed("a")
