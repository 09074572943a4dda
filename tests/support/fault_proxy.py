"""A proxy before an S3 server that understands just enough HTTP to fail at an exact point of one answer.

Requests pass as they came, so that signatures stay good. An answer is held as a whole before any of it is passed on:
what becomes of the object in between is not seen by whoever reads it."""

import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qs, unquote, urlsplit

from .forwarding import Forwarder, await_delivery

HEAD_BYTES_MAX = 1 << 16
READ_BYTES = 1 << 18
HEAD_END = b"\r\n\r\n"


class Ending(Enum):
    """How a connection ends."""

    RST = "reset"
    FIN = "closed"


@dataclass
class Request:
    """One request, and what was passed on of the answer to it."""

    number: int  # from 1, over all
    nth: int  # from 1, of this key; of all listings
    connection: int  # from 1
    key: str  # empty: a listing
    query: dict[str, list[str]]
    headers: dict[str, str]  # by names in lower case
    at: float  # monotonic, in seconds
    status: int = 0
    passed: int = 0  # bytes of the body

    @property
    def first_byte(self) -> int:
        """Of the range that it wants; 0 when it wants all."""
        return int(self.headers.get("range", "bytes=0-").removeprefix("bytes=").split("-")[0])

    @property
    def is_listing(self) -> bool:
        """Of the objects that there are, not of one key."""
        return not self.key and self.query.get("max-keys") != ["1"]

    def __str__(self) -> str:
        what = self.key or f"listing {self.query}"
        wanted = {name: self.headers[name] for name in ("range", "if-match") if name in self.headers}
        return f"{self.number}: {what} {wanted or ''} -> {self.status}, {self.passed} bytes"

    __repr__ = __str__


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)  # by names in lower case
    reason: str = "As Scripted"

    def head(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {self.reason}", *(f"{name}: {value}" for name, value in self.headers.items())]
        return "\r\n".join(lines).encode("latin-1") + HEAD_END

    def having(self, **headers: str | None) -> "Answer":
        """With these headers, whose names have underscores for hyphens; None takes one away."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        merged = {name: value for name, value in (self.headers | named).items() if value is not None}
        return Answer(self.status, self.body, merged, self.reason)


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, body).having(content_length=str(len(body)), **headers)


def refusal(status: int, code: str, **headers: str) -> Answer:
    """As S3 words it."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>as scripted</Message></Error>".encode()
    return answer(status, body, content_type="application/xml", **headers)


class ConnectionEnded(Exception):
    """The proxy has ended the connection to its client, or found it ended."""


class Exchange:
    """One request, for a fault to deal with: to ask the real server, and to pass on what it likes."""

    def __init__(self, proxy: "FaultProxy", request: Request, raw: bytes, client: socket.socket, server: "_Peer"):
        self.request = request
        self.closed = proxy.closed
        self._wholes = proxy.wholes
        self._raw = raw
        self._client = client
        self._server = server
        self._asked: Answer | None = None

    def ask(self) -> Answer:
        """What the real server says; it is asked once."""
        if self._asked is None:
            self._server.socket.sendall(self._raw)
            self._asked = self._server.read_answer()
            if self.request.key and self._asked.status == 200:
                self._wholes[self.request.key] = self._asked
        return self._asked

    def whole_before(self) -> Answer:
        """What the server has said when it was asked for all of this object."""
        return self._wholes[self.request.key]

    def pass_on(self, what: Answer, count: int | None = None, behind: bytes = b"") -> None:
        """The first `count` bytes of an answer, head and body, or all, and what is to arrive together with them; and
        no word of an end."""
        head = what.head()
        data = (head + what.body)[:count]
        self.request.status = what.status
        self.send(data + behind)
        self.request.passed += max(0, len(data) - len(head))

    def pass_on_rest(self, what: Answer, passed: int) -> None:
        """What is behind the first `passed` bytes."""
        data = (what.head() + what.body)[passed:]
        self.send(data)
        self.request.passed += min(len(data), len(what.body))

    def send(self, data: bytes) -> None:
        """Bytes that are no part of an object."""
        try:
            self._client.sendall(data)
        except OSError:
            raise ConnectionEnded from None

    def end(self, how: Ending) -> None:
        end(self._client, how)
        raise ConnectionEnded

    def wait(self, seconds: float) -> None:
        if self.closed.wait(seconds):
            raise ConnectionEnded

    def be_silent(self) -> None:
        """Until the client loses its patience."""
        be_silent(self._client, self.closed)
        raise ConnectionEnded


Fault = Callable[[Exchange], None]
Script = Callable[[Request], Fault | None]
# What happens to the n-th connection, from 1, before a byte of it was read; returns whether it may go on.
AtAccept = Callable[[int, socket.socket], bool]


class FaultProxy(Forwarder):
    """Does what `script` says about a request, and passes the answer on where it says nothing."""

    def __init__(self, to: str, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1", port: int = 0) -> None:
        self.script: Script = lambda request: None
        self.at_accept: AtAccept = lambda number, client: True
        self.requests: list[Request] = []
        self._counts: Counter[str] = Counter()
        self.connections = 0
        self.wholes: dict[str, Answer] = {}
        self.closed = threading.Event()
        self._tls = tls
        self._counting = threading.Lock()
        server = urlsplit(to)
        super().__init__(address, str(server.hostname), int(server.port or 80), port=port)
        self.endpoint = f"http{'s' if tls else ''}://{address}:{self.port}"

    def forget(self) -> None:
        """As if nothing had been scripted or asked for yet."""
        with self._counting:
            self.script = lambda request: None
            self.at_accept = lambda number, client: True
            self.requests = []
            self._counts.clear()
            self.connections = 0

    def gets(self, key: str) -> list[Request]:
        return [request for request in list(self.requests) if request.key == key]

    def resumes(self) -> list[Request]:
        return [request for request in list(self.requests) if "range" in request.headers]

    def listings(self) -> list[Request]:
        return [request for request in list(self.requests) if request.is_listing]

    def close(self) -> None:
        super().close()
        self.closed.set()

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        with self._counting:
            self.connections += 1
            number = self.connections
        threading.Thread(target=self._talk, args=(number, client, server), daemon=True).start()

    def _talk(self, number: int, client: socket.socket, server: socket.socket) -> None:
        for side in (client, server):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.at_accept(number, client):
                if self._tls:
                    client = self._tls.wrap_socket(client, server_side=True)
                self._answer_all(number, _Peer(client), _Peer(server))
        except (OSError, ConnectionEnded):
            pass
        finally:
            client.close()
            server.close()

    def _answer_all(self, number: int, client: "_Peer", server: "_Peer") -> None:
        while raw := client.read_head():
            request = self._note(raw, number)
            exchange = Exchange(self, request, raw, client.socket, server)
            fault = self.script(request)
            if fault:
                fault(exchange)
            else:
                exchange.pass_on(exchange.ask())

    def _note(self, raw: bytes, connection: int) -> Request:
        first, *lines = raw.removesuffix(HEAD_END).decode("latin-1").split("\r\n")
        target = urlsplit(first.split(" ")[1])
        key = unquote(target.path).removeprefix("/").partition("/")[2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        with self._counting:
            self._counts[key] += 1
            numbers = (len(self.requests) + 1, self._counts[key], connection)
            request = Request(*numbers, key, parse_qs(target.query), headers, time.monotonic())
            self.requests.append(request)
        return request


class _Peer:
    """One side of a connection, and what it has sent and nobody has looked at."""

    def __init__(self, its: socket.socket) -> None:
        self.socket = its
        self._left = b""

    def read_head(self) -> bytes:
        """To its end; empty: the peer has nothing more to say."""
        while HEAD_END not in self._left:
            data = self.socket.recv(READ_BYTES)
            if not data:
                return b""
            self._left += data
            assert HEAD_END in self._left or len(self._left) <= HEAD_BYTES_MAX, "a head without an end"
        head, _, self._left = self._left.partition(HEAD_END)
        return head + HEAD_END

    def read_answer(self) -> Answer:
        raw = self.read_head()
        if not raw:
            raise ConnectionEnded
        first, *lines = raw.removesuffix(HEAD_END).decode("latin-1").split("\r\n")
        _, status, reason = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers["content-length"])
        pieces = [self._left]
        missing = length - len(self._left)
        while missing > 0:
            data = self.socket.recv(min(missing, READ_BYTES))
            if not data:
                raise ConnectionEnded
            pieces.append(data)
            missing -= len(data)
        body = b"".join(pieces)
        self._left = body[length:]
        return Answer(int(status), body[:length], headers, reason)


def end(connection: socket.socket, how: Ending) -> None:
    """All that was sent before arrives."""
    with suppress(OSError):
        await_delivery(connection)
        if how == Ending.FIN:
            connection.shutdown(socket.SHUT_WR)
            connection.close()
        else:
            # Without the time to say more, close() sends RST, and no FIN before it.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()


def be_silent(connection: socket.socket, closed: threading.Event) -> None:
    """Says nothing and closes nothing until the other side does, or the proxy is closed."""
    with suppress(OSError):
        connection.settimeout(0.1)
        while not closed.is_set():
            with suppress(TimeoutError):
                if not connection.recv(READ_BYTES):
                    return


@contextmanager
def fault_proxy(
    endpoint: str, tls: ssl.SSLContext | None = None, *, address: str = "127.0.0.1", port: int = 0
) -> Iterator[FaultProxy]:
    """Before the server at an endpoint without TLS; with `tls` the proxy itself speaks it."""
    proxy = FaultProxy(endpoint, tls, address, port)
    try:
        yield proxy
    finally:
        proxy.close()
