"""Connections to S3 that never come about: refused, reset, silent, not TLS, and names that no address belongs to."""

import os
import random
import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import objects
from support.certificates import Authority
from support.database import Cluster
from support.exactly_once import assert_all_completed
from support.fault_proxy import AtAccept, Ending, FaultProxy, end, fault_proxy
from support.ingestor import Finished, Ingestor
from support.scene import Scene, make_scene
from support.store import Store

LINES = {f"{n:02}": 5 for n in range(30)} | {"large": 1_500}
UNREACHABLE = 3  # what `once` says when it did not come to S3 at its start
CONNECTIONS_MAX = 12  # beside those that are done something to
SECONDS_MAX = 30.0  # a busy machine's, not ours
NO_SECONDS_MAX = 60.0  # until it is said that S3 cannot be reached: three tries, 10 s each, and the waits between

HANDSHAKE_FAILURE = bytes.fromhex("15030300020228")
INTERNAL_ERROR = bytes.fromhex("15030300020250")


def said(data: bytes, how: Ending = Ending.FIN) -> Callable[[socket.socket], None]:
    """To whoever connects, once it has said something."""

    def say(client: socket.socket) -> None:
        client.recv(1 << 16)
        client.sendall(data)
        end(client, how)

    return say


def at_once(data: bytes) -> Callable[[socket.socket], None]:
    def say(client: socket.socket) -> None:
        client.sendall(data)
        end(client, Ending.FIN)

    return say


def half_a_handshake(client: socket.socket) -> None:
    """The beginning of a ServerHello, and the end."""
    client.recv(1 << 16)
    client.sendall(bytes.fromhex("160303007a020000760303") + bytes(20))
    end(client, Ending.RST)


FAULTS: dict[str, Callable[[socket.socket], None]] = {
    "reset": lambda client: end(client, Ending.RST),
    "closed": lambda client: end(client, Ending.FIN),
    "reset when it has asked": said(b"", Ending.RST),
    "closed when it has asked": said(b""),
    "an answer before it has asked": at_once(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
}
TLS_FAULTS = FAULTS | {
    "a fatal alert": said(HANDSHAKE_FAILURE),
    "an alert in the place of a hello": at_once(INTERNAL_ERROR),
    "HTTP instead of TLS": said(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    "garbage instead of TLS": said(bytes(range(256)) * 4),
    "half a handshake": half_a_handshake,
}


@pytest.fixture(scope="module")
def module_scene(postgres: Cluster, store: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    with make_scene(postgres, store, new_folder()) as made:
        padding = {"large": "x" * 200}
        made.migrate_and_put({k: objects.json_lines(n, padding=padding.get(k, "")) for k, n in LINES.items()})
        yield made


@pytest.fixture
def scene(module_scene: Scene) -> Scene:
    module_scene.start_anew()
    return module_scene


@pytest.fixture(scope="module")
def tls_files(new_folder: Callable[[], Path]) -> dict[str, str]:
    folder = new_folder()
    authority = Authority("an authority")
    (folder / "ca.crt").write_bytes(authority.own.pem)
    return authority.issue("S3", "127.0.0.1", "localhost").write(folder, "s3") | {"ca": str(folder / "ca.crt")}


@pytest.fixture
def tls_proxy(scene: Scene, tls_files: dict[str, str]) -> Iterator[FaultProxy]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls_files["sslcert"], tls_files["sslkey"])
    with fault_proxy(scene.bucket.store.endpoint, context) as made:
        yield made


def at(numbers: set[int], fault: Callable[[socket.socket], None]) -> AtAccept:
    def meet(number: int, client: socket.socket) -> bool:
        if number in numbers:
            fault(client)
        return number not in numbers

    return meet


def some(chance: random.Random) -> set[int]:
    """Of the first connections; not so many in a row that nobody would try any more."""
    return set(chance.sample(range(1, 9), 4)) - {2, 5}


def check(scene: Scene, proxy: FaultProxy, hit: set[int], done: Finished) -> None:
    told = f"{done}\n{hit} of {proxy.connections} connections; {proxy.requests}"
    assert done.code == 0, told
    assert_all_completed(scene.database, LINES)
    assert proxy.connections <= len(hit) + CONNECTIONS_MAX, told
    assert done.seconds < SECONDS_MAX, told


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_connections_that_break(
    fault: Callable[[socket.socket], None], scene: Scene, proxy: FaultProxy, chance: random.Random
) -> None:
    hit = some(chance)
    proxy.at_accept = at(hit, fault)
    done = scene.ingestor.having(AWS_ENDPOINT=proxy.endpoint, INGESTOR_MIGRATE="off")("once")
    check(scene, proxy, hit, done)


@pytest.mark.parametrize("fault", TLS_FAULTS.values(), ids=TLS_FAULTS.keys())
def test_handshakes_that_fail(
    fault: Callable[[socket.socket], None],
    scene: Scene,
    tls_proxy: FaultProxy,
    tls_files: dict[str, str],
    chance: random.Random,
) -> None:
    hit = some(chance)
    tls_proxy.at_accept = at(hit, fault)
    ingestor = scene.ingestor.having(
        AWS_ENDPOINT=tls_proxy.endpoint, AWS_CA_BUNDLE=tls_files["ca"], INGESTOR_MIGRATE="off"
    )
    check(scene, tls_proxy, hit, ingestor("once"))


@pytest.mark.parametrize("fault", ["a fatal alert", "HTTP instead of TLS", "garbage instead of TLS", "closed"])
def test_a_server_that_never_shakes_hands(
    fault: str, scene: Scene, tls_proxy: FaultProxy, tls_files: dict[str, str]
) -> None:
    """It is said which server, and that it was TLS that failed."""
    tls_proxy.at_accept = at(set(range(1000)), TLS_FAULTS[fault])
    ingestor = scene.ingestor.having(AWS_ENDPOINT=tls_proxy.endpoint, AWS_CA_BUNDLE=tls_files["ca"])
    done = ingestor("once")
    assert done.code == UNREACHABLE, done
    assert "TLS" in done.stderr, done
    assert str(tls_proxy.port) in done.stderr, done
    assert len(done.stderr.splitlines()) == 1, done
    assert tls_proxy.connections <= CONNECTIONS_MAX
    assert done.seconds < SECONDS_MAX


class Names:
    """Host names as one process sees them, by a file of its own in the place of the machine's."""

    def __init__(self, folder: Path) -> None:
        self._hosts = folder / "hosts"
        self._resolvers = folder / "resolv.conf"
        self._resolvers.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")  # where there is none
        self.set()

    def set(self, **addresses: str) -> None:
        """In place, for a new file would not be seen."""
        with self._hosts.open("w") as hosts:
            hosts.writelines(f"{address} {name}.test\n" for name, address in addresses.items())

    def seen_by(self, ingestor: Ingestor) -> Ingestor:
        script = 'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"'
        files = (str(self._hosts), str(self._resolvers))
        return ingestor.run_by(str(UNSHARE), "--mount", "sh", "-c", script, "names", *files)


UNSHARE = shutil.which("unshare")


@pytest.fixture
def names(new_folder: Callable[[], Path]) -> Names:
    if UNSHARE is None or os.geteuid() != 0:
        pytest.skip("names of one's own want root and unshare")
    return Names(new_folder())


def test_a_name_that_nobody_knows(scene: Scene, names: Names) -> None:
    ingestor = names.seen_by(scene.ingestor.having(AWS_ENDPOINT="http://s3.test:9000"))
    done = ingestor("once")
    assert done.code == UNREACHABLE, done
    assert "s3.test" in done.stderr, done
    assert len(done.stderr.splitlines()) == 1, done
    assert done.seconds < NO_SECONDS_MAX


def test_a_name_that_goes_and_comes_back_elsewhere(scene: Scene, names: Names, proxy: FaultProxy) -> None:
    """It is looked up again for each new connection, and S3 is in trouble while nobody knows it."""
    names.set(s3="127.0.0.1")
    endpoint = f"http://s3.test:{proxy.port}"
    ingestor = names.seen_by(scene.ingestor.having(AWS_ENDPOINT=endpoint, INGESTOR_POLL_INTERVAL="500ms"))
    with ingestor.running() as service:
        service.wait_until("all is completed", lambda: scene.database.is_completed(*LINES))
        names.set()
        with proxy.down():  # connections that there are need no name
            pass
        service.wait_until("S3 is in trouble", lambda: "trouble began" in service.output(), limit=NO_SECONDS_MAX)
        assert "looking up s3.test failed" in service.output()
        before = proxy.connections
        scene.bucket.put("later", objects.json_lines(7))
        with fault_proxy(scene.bucket.store.endpoint, address="127.0.0.2", port=proxy.port) as elsewhere:
            names.set(s3="127.0.0.2")
            service.wait_until("what came later is completed", lambda: scene.database.is_completed(*LINES, "later"))
            assert elsewhere.connections > 0
        assert proxy.connections == before
        assert service.stop().code == 0
    scene.bucket.remove("later")
    assert_all_completed(scene.database, LINES | {"later": 7})
