"""S3 behind a proxy. The names used here have no address, so whatever arrives came through the proxy."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from support import objects
from support.database import Cluster
from support.ingestor import Finished, Ingestor
from support.scripted_s3 import ScriptedS3, scripted_s3

PASSWORD = "hunter2-of-the-proxy"
LINES = {f"{n}": objects.json_lines(20, first=20 * n) for n in range(3)}


@contextmanager
def refusing_proxy(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Says one thing to whatever is asked; yields its port, and the requests' lines as they come."""
    asked: list[bytes] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().strip())
            while self.rfile.readline().strip():
                pass
            self.wfile.write(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], asked
        server.shutdown()


def once_through(postgres: Cluster, folder, settings: dict[str, str]) -> Finished:
    with postgres.fresh_database() as database:
        environment = Ingestor.bare_environment(folder) | {"DATABASE_URL": database.url} | settings
        done = Ingestor(environment, folder)("once")
        if done.code == 0:
            assert database.is_completed(*LINES)
            assert database.count("log") == 20 * len(LINES)
    assert PASSWORD not in done.stdout + done.stderr, done
    return done


AWS = {
    "AWS_S3_BUCKET": "logs", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST",
    "AWS_SECRET_ACCESS_KEY": "as-scripted-as-the-server", "AWS_ENDPOINT": "https://s3.nowhere.test",
}  # fmt: skip


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_objects_come_through_a_proxy(postgres: Cluster, new_folder: Callable, name: str) -> None:
    # A server whose requests may be whole URLs is a proxy and its target in one.
    with scripted_s3(ScriptedS3(dict(LINES))) as environment:
        proxy = environment["AWS_ENDPOINT"].replace("://", f"://user:{PASSWORD}@")
        settings = environment | {"AWS_ENDPOINT": "http://s3.nowhere.test:9000", name: proxy}
        done = once_through(postgres, new_folder(), settings)
    assert done.code == 0, done


def test_what_is_on_this_machine_goes_through_no_proxy(postgres: Cluster, new_folder: Callable) -> None:
    with scripted_s3(ScriptedS3(dict(LINES))) as environment, refusing_proxy(b"") as (port, asked):
        proxy = f"http://127.0.0.1:{port}"
        done = once_through(postgres, new_folder(), environment | {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy})
    assert done.code == 0, done
    assert asked == []


@pytest.mark.parametrize(
    ("status", "words"),
    [("407 Proxy Authentication Required", "refuses the user or the password"), ("403 Forbidden", "HTTP 403")],
)
def test_a_proxy_that_refuses_is_named(postgres: Cluster, new_folder: Callable, status: str, words: str) -> None:
    with refusing_proxy(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()) as (port, asked):
        proxy = f"http://user:{PASSWORD}@127.0.0.1:{port}"
        done = once_through(postgres, new_folder(), AWS | {"HTTPS_PROXY": proxy})
    assert done.code == 2, done
    assert f"the proxy 127.0.0.1:{port} (HTTPS_PROXY)" in done.stderr, done
    assert words in done.stderr, done
    assert asked == [b"CONNECT s3.nowhere.test:443 HTTP/1.1"], "asking again would change nothing"


def test_sts_is_asked_through_the_proxy_too(postgres: Cluster, new_folder: Callable) -> None:
    folder = new_folder()
    token = folder / "token"
    token.write_text("eyJhbGciOi")
    with refusing_proxy(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as (port, asked):
        keyless = {name: value for name, value in AWS.items() if "KEY" not in name}
        role = {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/logs", "AWS_WEB_IDENTITY_TOKEN_FILE": str(token)}
        settings = {"AWS_ENDPOINT_URL_STS": "http://sts.nowhere.test", "HTTP_PROXY": f"http://127.0.0.1:{port}"}
        done = once_through(postgres, folder, keyless | role | settings)
    assert done.code == 3, done
    assert asked and all(line == b"POST http://sts.nowhere.test/ HTTP/1.1" for line in asked), asked


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1080", "http://", f"http://user:{PASSWORD}%zz@127.0.0.1:3128", "http://proxy:99999"]
)
def test_a_proxy_that_cannot_be_one_is_refused(postgres: Cluster, new_folder: Callable, proxy: str) -> None:
    done = once_through(postgres, new_folder(), AWS | {"HTTPS_PROXY": proxy})
    assert done.code == 2, done
    assert "HTTPS_PROXY: " in done.stderr, done
    assert "it should look like http://proxy.example:3128" in done.stderr, done


def test_the_configuration_shows_a_proxy_without_its_password(bare_ingestor: Ingestor) -> None:
    proxy = f"http://user:{PASSWORD}@127.0.0.1:3128"
    done = bare_ingestor.having(**AWS, https_proxy=proxy, HTTPS_PROXY="http://other", NO_PROXY="10.0.0.0/8")("config")
    assert PASSWORD not in done.stdout + done.stderr, done
    assert "http://user:***@127.0.0.1:3128" in done.stdout, done
    assert "https_proxy" in done.stdout, done
    assert "10.0.0.0/8" in done.stdout, done
