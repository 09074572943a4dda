"""What S3 refuses for a reason that can be put right is put right once: a wrong clock, a wrong region. What cannot is
told, and no redirect is ever followed."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from support import objects
from support.clocks import with_clock_off
from support.database import Cluster
from support.exactly_once import assert_all_completed
from support.fault_proxy import Fault, FaultProxy, Request, refusal
from support.ingestor import Ingestor
from support.s3_faults import instead, redirect
from support.scene import Scene, make_scene
from support.store import Store

LINES = {f"{n:02}": 5 for n in range(40)}
UNREACHABLE = 3  # what `once` says when it did not come to S3 at its start
AT_ONCE = 16  # requests under way together, none of which knows what another was told
REQUESTS_MAX = len(LINES) + 2 + 2 * AT_ONCE  # an object each, two listings, and some in vain


@pytest.fixture(scope="module")
def module_scene(postgres: Cluster, store: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    with make_scene(postgres, store, new_folder()) as made:
        made.migrate_and_put({key: objects.json_lines(lines) for key, lines in LINES.items()})
        yield made


@pytest.fixture
def scene(module_scene: Scene) -> Scene:
    module_scene.start_anew()
    return module_scene


@pytest.fixture
def ingestor(scene: Scene, proxy: FaultProxy) -> Ingestor:
    return scene.ingestor.having(AWS_ENDPOINT=proxy.endpoint, INGESTOR_MIGRATE="off")


def with_status(proxy: FaultProxy, status: int) -> list[Request]:
    return [request for request in proxy.requests if request.status == status]


@pytest.mark.parametrize("by", ["+20m", "-20m", "+8h", "-3y", "+3y"])
def test_a_clock_that_is_wrong(by: str, scene: Scene, proxy: FaultProxy, ingestor: Ingestor) -> None:
    """MinIO itself refuses what is more than 15 minutes off. One refusal is enough to know by how much."""
    done = with_clock_off(ingestor, by)("once")
    assert done.code == 0, f"{done}\n{proxy.requests}"
    assert_all_completed(scene.database, LINES)
    assert len(with_status(proxy, 403)) == 1, proxy.requests
    assert len(re.findall("clock differs", done.stderr)) == 1, done


def test_a_server_that_lies_about_the_time(scene: Scene, proxy: FaultProxy, ingestor: Ingestor) -> None:
    """A date that is years off, once: the real one, in the next refusal, is believed again."""
    lie = instead(refusal(403, "RequestTimeTooSkewed", date="Thu, 03 Jan 2036 10:00:00 GMT"))
    proxy.script = lambda request: lie if request.key == "07" and request.nth == 1 else None
    done = ingestor("once")
    assert done.code == 0, f"{done}\n{proxy.requests}"
    assert_all_completed(scene.database, LINES)
    assert len(proxy.requests) <= REQUESTS_MAX, proxy.requests
    assert any(request.headers["x-amz-date"].startswith("2036") for request in proxy.requests)


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("RequestTimeTooSkewed", 403, "clock"),
        ("ExpiredToken", 400, "ExpiredToken.*credentials"),
        ("InvalidAccessKeyId", 403, "AWS_ACCESS_KEY_ID"),
        ("SignatureDoesNotMatch", 403, "AWS_SECRET_ACCESS_KEY"),
        ("AccessDenied", 403, "s3:ListBucket"),
        ("NoSuchBucket", 404, "AWS_S3_BUCKET"),
    ],
)
def test_a_refusal_that_stays(
    code: str, status: int, words: str, proxy: FaultProxy, ingestor: Ingestor
) -> None:
    """It is asked once, or once more after what was put right, and said what to do."""
    refused = instead(refusal(status, code, date="Thu, 03 Jan 2036 10:00:00 GMT"))
    proxy.script = lambda request: refused
    done = ingestor("once")
    assert done.code == UNREACHABLE, done
    assert re.search(words, done.stderr), done
    assert len(proxy.requests) <= 2, proxy.requests


def test_credentials_that_s3_takes_for_expired_once(scene: Scene, proxy: FaultProxy, ingestor: Ingestor) -> None:
    """There are no others: it is trouble, and not the object's fault."""
    expired = instead(refusal(400, "ExpiredToken"))
    proxy.script = lambda request: expired if request.key == "07" and request.nth == 1 else None
    done = ingestor("once")
    assert done.code == 0, f"{done}\n{proxy.requests}"
    assert_all_completed(scene.database, LINES)
    assert len(proxy.requests) <= REQUESTS_MAX, proxy.requests


def elsewhere(region: str, to: str) -> Callable[[Request], Fault | None]:
    """The bucket is in that region, and S3 points those who are wrong to another host."""
    moved = instead(refusal(301, "PermanentRedirect", x_amz_bucket_region=region, location=to))

    def script(request: Request) -> Fault | None:
        return None if f"/{region}/s3/" in request.headers["authorization"] else moved

    return script


class Trap:
    """An address to which nothing may come."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.heard.append(client.recv(1 << 16))
                client.close()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def trap() -> Iterator[Trap]:
    made = Trap()
    try:
        yield made
        assert made.heard == []
    finally:
        made.close()


def test_a_bucket_in_another_region(scene: Scene, proxy: FaultProxy, ingestor: Ingestor) -> None:
    with trap() as other:
        proxy.script = elsewhere("ap-south-2", other.url)
        done = ingestor("once")
    assert done.code == 0, f"{done}\n{proxy.requests}"
    assert_all_completed(scene.database, LINES)
    assert len(with_status(proxy, 301)) == 1, proxy.requests
    assert "ap-south-2" in done.stderr, done


def test_a_region_that_is_never_right(proxy: FaultProxy, ingestor: Ingestor) -> None:
    moved = instead(refusal(301, "PermanentRedirect", x_amz_bucket_region="ap-south-2"))
    proxy.script = lambda request: moved
    done = ingestor("once")
    assert done.code == UNREACHABLE, done
    assert len(proxy.requests) <= 2, proxy.requests


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host(status: int, proxy: FaultProxy, ingestor: Ingestor) -> None:
    """Nobody else gets a request, with or without a signature."""
    with trap() as other:
        proxy.script = lambda request: redirect(other.url, status)
        done = ingestor("once")
    assert done.code == UNREACHABLE, done
    assert f"HTTP {status}" in done.stderr, done
    assert len(proxy.requests) == 1, proxy.requests


def test_a_redirect_of_one_object(scene: Scene, proxy: FaultProxy, ingestor: Ingestor) -> None:
    with trap() as other:
        proxy.script = lambda request: redirect(other.url) if request.key == "07" and request.nth == 1 else None
        done = ingestor("once")
    assert done.code == 0, f"{done}\n{proxy.requests}"
    assert_all_completed(scene.database, LINES)
    assert len(proxy.requests) <= REQUESTS_MAX, proxy.requests
