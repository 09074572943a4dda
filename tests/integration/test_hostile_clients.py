"""The binary's HTTP side among clients that mean harm, or something else: each gets a refusal at most, and nobody
else notices."""

import random
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from support import objects
from support.ingestor import is_sanitized
from support.scene import Scene
from support.service import Service, serving
from support.waiting import wait_until

CORPUS = Path(__file__).parents[1] / "fuzz" / "corpus" / "http_request"
REFUSALS = {400, 404, 405, 431}
MIB = 1024 * 1024
MUTANTS = 2_000
PIECES = (b"", b"\0", b"\r\n", b"%", b"\xff", b" ", b":", b"A" * 3000)


@pytest.fixture(scope="module")
def service(module_scene: Scene) -> Iterator[Service]:
    with serving(module_scene) as made:
        wait_until("it is ready", made.is_ready)
        yield made


def address(service: Service) -> tuple[str, int]:
    host, _, port = service.url.removeprefix("http://").rpartition(":")
    return host, int(port)


def exchange(service: Service, sent: bytes) -> bytes:
    """All that comes back, when nothing more is sent."""
    with socket.create_connection(address(service), timeout=10) as client:
        with suppress(OSError):  # it has said what it had to say, and does not read for ever
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
        got = b""
        with suppress(ConnectionError):
            while more := client.recv(65536):
                got += more
        return got


def statuses(got: bytes) -> set[int]:
    return {int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3}) ", got, re.MULTILINE)}


def resident(service: Service) -> int:
    fields = Path(f"/proc/{service.process.pid}/statm").read_text().split()
    return int(fields[1]) * 4096


def inputs() -> dict[str, bytes]:
    """Those that the fuzz target is given, whose first byte is not sent; their limits are tighter."""
    return {path.name: path.read_bytes()[1:] for path in sorted(CORPUS.iterdir())}


@pytest.mark.parametrize("name", inputs())
def test_each_malformed_request_is_refused_at_most(service: Service, name: str) -> None:
    assert statuses(exchange(service, inputs()[name])) <= REFUSALS | {200}
    assert service.answers("/healthz") == 200


@pytest.mark.parametrize(("sent", "status"), [
    (b"GET /" + b"a" * 20_000, 431),
    (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5_000, 431),
    (b"GET / HTTP/1.1\r\nHost: h\r\n" + b"A: b\r\n" * 100 + b"\r\n", 431),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(506), 400),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    (b"POST /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000, 405),
], ids=["long target", "endless fields", "many fields", "TLS", "HTTP/2", "a body"])  # fmt: skip
def test_what_is_too_large_or_another_protocol(service: Service, sent: bytes, status: int) -> None:
    assert statuses(exchange(service, sent)) == {status}


def mutants(chance: random.Random) -> Iterator[bytes]:
    seeds = list(inputs().values())
    for _ in range(MUTANTS):
        data = bytearray(chance.choice(seeds) + chance.choice(seeds))
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(3)] = chance.choice(PIECES)
            data = data or bytearray(b"x")
        yield bytes(data)


def test_thousands_of_broken_requests_leave_nothing_behind(service: Service, request: pytest.FixtureRequest) -> None:
    chance = random.Random(request.config.getoption("--seed"))
    for data in list(inputs().values()) * 5:
        exchange(service, data)
    before = resident(service)
    for data in mutants(chance):
        assert statuses(exchange(service, data)) <= REFUSALS | {200}, data
    grown = resident(service) - before
    assert is_sanitized() or grown < 2 * MIB, f"{grown} bytes"
    assert (service.answers("/healthz"), service.answers("/readyz")) == (200, 200)
    assert "ERROR" not in service.process.output()


def test_head_is_get_without_its_body(service: Service) -> None:
    for path in ("/", "/healthz", "/readyz", "/nothing"):
        head, get = service.ask(path, "HEAD"), service.ask(path)
        assert (head.status, head.body) == (get.status, "")
        assert head.headers["content-length"] == str(len(get.body.encode()))
        assert head.headers | {"date": ""} == get.headers | {"date": ""}


@pytest.mark.parametrize("target", ["/metrics?name[]=x", "/%6detrics", "/x/../metrics", "http://any.host/metrics"])
def test_one_path_may_be_written_in_many_ways(service: Service, target: str) -> None:
    got = exchange(service, f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
    assert statuses(got) == {200} and b"ingestor_build_info" in got


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_told_what_is_allowed(service: Service, method: str) -> None:
    answer = service.ask("/metrics", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_probes_are_answered_however_many_connections_are_open(service: Service) -> None:
    """Idle ones, unfinished heads, and readers that do not read, far more than are kept."""
    with ExitStack() as stack:
        for n in range(300):
            client = stack.enter_context(closing(socket.create_connection(address(service), timeout=10)))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall((b"", b"GET / HT", b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n" * 100)[n % 3])
            if n % 30 == 0:
                assert service.answers("/healthz") == 200
        for _ in range(20):
            began = time.monotonic()
            assert (service.answers("/healthz"), service.answers("/readyz")) == (200, 200)
            assert time.monotonic() - began < 5
        assert len(list(Path(f"/proc/{service.process.pid}/fd").iterdir())) < 150


def test_a_slow_head_is_told_so(service: Service) -> None:
    """After five seconds, though bytes come all the time."""
    with socket.create_connection(address(service), timeout=10) as client:
        client.settimeout(0.2)
        got = b""
        for byte in b"GET /healthz HTTP/1.1\r\nHost: a-very-slow-client\r\n":
            client.sendall(bytes([byte]))
            try:
                got = client.recv(65536)
                break
            except TimeoutError:
                continue
        assert statuses(got) == {408}


def names_of_localhost() -> list[str]:
    return sorted({str(found[4][0]) for found in socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)})


@pytest.mark.parametrize("listen", ["[::]", "[::1]", "localhost"])
def test_it_listens_on_ipv6_and_on_names(scene: Scene, listen: str) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as probe:
            port = probe.getsockname()[1]
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    scene.bucket.put("a", objects.json_lines(3))
    with scene.ingestor.having(INGESTOR_HTTP_LISTEN=f"{listen}:{port}").running() as process:
        wait_until("it listens", lambda: "listening" in process.output())
        assert f"http://{listen}:{port}" in process.output()
        hosts = {"[::]": ["::1", "127.0.0.1"], "[::1]": ["::1"], "localhost": names_of_localhost()}[listen]
        for host in hosts:
            with socket.create_connection((host, port), timeout=10) as client:
                client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")
        assert process.stop().code == 0
