"""The HTTP side of `run`: health, readiness, metrics and the status page."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support import objects
from support.database import edit_url
from support.forwarding import forwarded
from support.scene import Scene
from support.service import FOLLOWS_WITHIN, Service, serving
from support.waiting import wait_until

@pytest.fixture
def service(scene: Scene) -> Iterator[Service]:
    scene.bucket.put_all({
        "good.ndjson": objects.json_lines(100) + b"not json\n" + b'{"level":"loud"}\n{"level":[],"pid":"x"}\n',
        "bad.gz": objects.truncated(objects.json_lines(500)),
    })  # fmt: skip
    with serving(scene, INGESTOR_RETRY_BACKOFF="1h") as made:
        wait_until("it is ready", lambda: made.answers("/readyz") == 200)
        wait_until(
            "both files are done", lambda: set(scene.database.statuses().values()) == {"completed", "failed"}
        )
        yield made


def test_health_and_readiness(service: Service) -> None:
    assert service.ask("/healthz").status == 200
    assert service.ask("/readyz").status == 200


def test_metrics_are_prometheus_text(service: Service) -> None:
    answer = service.ask("/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain"), answer.headers
    sample = re.compile(
        r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_]\w*="(\\.|[^"\\])*",?)*\})? (\+Inf|-Inf|NaN|[-+0-9.eE]+)'
    )
    lines = [line for line in answer.body.splitlines() if line and not line.startswith("#")]
    assert lines and all(sample.fullmatch(line) for line in lines), [
        line for line in lines if not sample.fullmatch(line)
    ]
    assert answer.body.endswith("\n")


def test_metrics_count_what_happened(service: Service) -> None:
    expected = {
        'ingestor_files_processed_total{result="completed"}': 1,
        'ingestor_files_processed_total{result="failed"}': 1,
        "ingestor_rows_total": 102,
        'ingestor_lines_rejected_total{reason="not_json"}': 1,
        'ingestor_field_mismatches_total{column="level"}': 2,
        'ingestor_field_mismatches_total{column="pid"}': 1,
    }
    metrics = service.metrics()
    assert {name: metrics.get(name) for name in expected} == expected
    assert any(name.startswith("ingestor_build_info{") and value == 1 for name, value in metrics.items())
    assert metrics["ingestor_db_pool_wait_seconds_count"] > 0
    assert metrics["ingestor_buffer_bytes"] > 0
    assert sum(value for name, value in metrics.items() if name.startswith("ingestor_db_pool_connections{")) > 0
    for stage in ("compressed", "inflated", "copied"):
        assert metrics[f'ingestor_bytes_total{{stage="{stage}"}}'] > 0


def test_figures_of_the_ledger_follow(service: Service) -> None:
    wanted = {
        'ingestor_files{status="completed"}': 1,
        'ingestor_files{status="failed"}': 1,
        'ingestor_files{status="pending"}': 0,
        'ingestor_files{status="processing"}': 0,
    }
    wait_until(
        "the ledger's figures are there",
        lambda: {name: service.metrics().get(name) for name in wanted} == wanted,
        limit=FOLLOWS_WITHIN,
        interval=0.5,
    )


def test_no_key_and_no_secret_in_the_metrics(service: Service) -> None:
    body = service.ask("/metrics").body
    environment = service.scene.ingestor.environment
    for word in (
        "bad.gz",
        "good.ndjson",
        environment["AWS_SECRET_ACCESS_KEY"],
        str(urlsplit(environment["DATABASE_URL"]).password),
    ):
        assert word not in body


def test_the_status_page(service: Service) -> None:
    answer = service.ask("/")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html"), answer.headers
    assert "<html" in answer.body.lower()


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nothing-here", 404), ("GET", "/metrics/x", 404), ("GET", "/../etc/passwd", 404),
    ("POST", "/metrics", 405), ("DELETE", "/", 405), ("PUT", "/healthz", 405), ("POST", "/readyz", 405),
])  # fmt: skip
def test_what_is_not_there_and_what_is_not_allowed(
    service: Service, method: str, path: str, status: int
) -> None:
    assert service.ask(path, method).status == status


@pytest.mark.parametrize("away", ["down", "silent"])
@pytest.mark.parametrize("which", ["database", "s3"])
def test_readiness_follows(scene: Scene, which: str, away: str) -> None:
    """Within ten seconds, whether the server refuses connections or says nothing any more."""
    server = urlsplit(scene.database.url if which == "database" else scene.bucket.store.endpoint)
    with forwarded(str(server.hostname), int(server.port or 0)) as wire:
        changes = (
            {"DATABASE_URL": edit_url(scene.database.url, host="127.0.0.1", port=wire.port)}
            if which == "database"
            else {"AWS_ENDPOINT": f"http://127.0.0.1:{wire.port}"}
        )
        with serving(scene, **changes) as service:
            wait_until("it is ready", lambda: service.answers("/readyz") == 200)
            with getattr(wire, away)():
                wait_until("it is not ready", lambda: service.answers("/readyz") == 503, limit=FOLLOWS_WITHIN)
                assert service.ask("/healthz").status == 200, "the process itself works"
            wait_until("it is ready again", lambda: service.answers("/readyz") == 200, limit=FOLLOWS_WITHIN)
            scene.bucket.put("later", objects.json_lines(7))
            wait_until("what came later is completed", lambda: scene.database.is_completed("later"))


def test_off_listens_nowhere(scene: Scene) -> None:
    scene.bucket.put("a", objects.json_lines(3))
    with scene.ingestor.having(INGESTOR_HTTP_LISTEN="off").running() as process:
        process.wait_until("the file is completed", lambda: scene.database.is_completed("a"))
        listening = [
            line.split() for line in Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]
        ]
        own = {
            line[9] for line in listening if line[3] == "0A"
        }  # inodes of listening sockets in this namespace
        assert not own & sockets_of(process.pid)
        assert process.stop().code == 0


def sockets_of(pid: int) -> set[str]:
    links = (str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir())
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def test_a_port_that_is_taken(scene: Scene) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = scene.ingestor.having(INGESTOR_HTTP_LISTEN=f"127.0.0.1:{port}", LOG_LEVEL="error")("run")
    assert done.code not in (0, -6, -11), done
    assert len(done.stderr.strip().splitlines()) == 1 and str(port) in done.stderr, done


def test_logs_of_run_in_production_are_json(scene: Scene) -> None:
    scene.bucket.put("a", objects.json_lines(3))
    with scene.ingestor.having(NODE_ENV="production").running() as process:
        process.wait_until("the file is completed", lambda: scene.database.is_completed("a"))
        done = process.stop()
    assert [line for line in done.stderr.splitlines() if not isinstance(json.loads(line), dict)] == []
