"""A wire to PostgreSQL that knows where a message ends, and fails at one that was chosen."""

import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from .forwarding import Connect, Forwarder, await_delivery

SSL_REQUEST = 80877103
COMMIT = b"commit"
READ_BYTES = 1 << 18
CHECK_SECONDS = 0.05  # how often a connection looks whether the wire was closed


class Where(Enum):
    """The place in a message."""

    BEFORE = "before"  # none of its bytes arrives
    MIDDLE = "in"  # its first half arrives
    AFTER = "after"  # all of it arrives


class What(Enum):
    CUT = "cut"  # both sides get RST, on this connection
    SILENCE = "silent"  # nothing comes through and nothing is closed, on all connections that there are


@dataclass(frozen=True)
class Message:
    number: int
    connection: int  # counted from 1
    of_client: bool
    type: str  # the protocol's letter; "startup" for what has none
    size: int
    sql: bytes  # of the last statement that the client sent, for its Bind, Execute, Sync too

    def __str__(self) -> str:
        who = "client" if self.of_client else "server"
        sql = self.sql.strip()[:40].decode(errors="replace")
        return f"{self.number}, {self.type} of {self.size} bytes from the {who}, connection {self.connection}: {sql}…"


@dataclass(frozen=True)
class Fault:
    """What happens at one message: at the n-th, counted from 1 over all connections in the order in which they
    passed, or at the first of a kind."""

    at: int | Callable[[Message], bool]
    where: Where
    what: What = What.CUT

    def is_at(self, message: Message) -> bool:
        return self.at(message) if callable(self.at) else self.at == message.number

    def __str__(self) -> str:
        return f"{self.what.value} {self.where.value} message {self.at}"


class Point:
    """Kinds of messages, by what the client does."""

    @staticmethod
    def copying(message: Message) -> bool:
        return message.of_client and message.type == "d"

    @staticmethod
    def parsing_commit(message: Message) -> bool:
        return message.of_client and message.type == "P" and message.sql == COMMIT

    @staticmethod
    def executing_commit(message: Message) -> bool:
        return message.of_client and message.type == "E" and message.sql == COMMIT

    @staticmethod
    def committing(message: Message) -> bool:
        """The last message of the write that ends with COMMIT."""
        return message.of_client and message.type == "S" and message.sql == COMMIT

    @staticmethod
    def answering_commit(message: Message) -> bool:
        return not message.of_client and message.type == "C" and message.sql == COMMIT


@dataclass
class _Side:
    """One direction of a connection: what has arrived and is not a whole message yet."""

    source: socket.socket
    sink: socket.socket
    of_client: bool
    arrived: bytearray = field(default_factory=bytearray)
    named: bool = False  # whether messages begin with their type by now
    ended: bool = False


class Wire(Forwarder):
    """Passes whole messages on until the fault's, of which there is one; keeps what passed in `messages`."""

    def __init__(self, to_host: str, to_port: int, fault: Fault | None, connect: Connect) -> None:
        self.fault = fault
        self.hit: Message | None = None  # the fault's message, once it has happened
        self.hit_in_commit = False  # a COMMIT had reached the server whole, and its answer had not come back
        self.messages: list[Message] = []
        self._count_lock = threading.Lock()
        self._connections = 0
        self._silent_up_to = 0  # these connections are
        self._heard_again = threading.Event()
        self._closed = threading.Event()
        super().__init__("127.0.0.1", to_host, to_port, connect)

    def hear_again(self) -> None:
        """Ends a silence: what was held back comes through."""
        self._heard_again.set()

    def close(self) -> None:
        super().close()
        self._closed.set()

    def asked(self, sql: bytes) -> int:
        """How many statements with this text passed."""
        return sum(message.type in "PQ" and sql in message.sql for message in self.messages if message.of_client)

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        with self._count_lock:
            self._connections += 1
            number = self._connections
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._pass_both, args=(_Talk(number, client, server),), daemon=True).start()

    def _pass_both(self, talk: "_Talk") -> None:
        """One thread for both directions, so that a cut is seen by nobody before it is complete."""
        try:
            while not self._closed.is_set() and not all(side.ended for side in talk.sides):
                for side in talk.readable():
                    self._pass_some(talk, side)
        except OSError:
            pass
        finally:
            # An ordinary end was passed on before; all others are seen by both.
            talk.end()

    def _pass_some(self, talk: "_Talk", side: _Side) -> None:
        data = side.source.recv(READ_BYTES)
        side.arrived += data
        while (message := _take_message(side)) is not None:
            self._pass(talk, side, *message)
        if not data:
            side.sink.sendall(side.arrived)  # half a message, from one who has died
            side.sink.shutdown(socket.SHUT_WR)
            side.ended = True

    def _pass(self, talk: "_Talk", side: _Side, kind: str, data: bytes) -> None:
        message = self._note(talk, side, kind, data)
        self._keep_silence(talk)
        fault = self.fault
        if fault is None or self.hit is not None or not fault.is_at(message):
            side.sink.sendall(data)
            talk.follow(message)
            return
        passing = {Where.BEFORE: 0, Where.MIDDLE: len(data) // 2, Where.AFTER: len(data)}[fault.where]
        side.sink.sendall(data[:passing])
        if fault.where == Where.AFTER:
            talk.follow(message)
        await_delivery(side.sink)
        self.hit_in_commit = talk.in_commit
        if fault.what == What.CUT:
            self.hit = message
            raise ConnectionAbortedError
        self._silent_up_to = self._connections
        self.hit = message
        self._keep_silence(talk)
        side.sink.sendall(data[passing:])
        if fault.where != Where.AFTER:
            talk.follow(message)

    def _note(self, talk: "_Talk", side: _Side, kind: str, data: bytes) -> Message:
        if side.of_client and kind in ("P", "Q"):
            talk.sql = bytes(data[5:].strip(b"\0").split(b"\0")[0])
        with self._count_lock:
            number = len(self.messages) + 1
            message = Message(number, talk.number, side.of_client, kind, len(data), talk.sql)
            self.messages.append(message)
        return message

    def _keep_silence(self, talk: "_Talk") -> None:
        while talk.number <= self._silent_up_to and not self._heard_again.wait(CHECK_SECONDS):
            if self._closed.is_set():
                raise ConnectionAbortedError


class _Talk:
    """One connection: its two directions, and whether a COMMIT is under way in it."""

    def __init__(self, number: int, client: socket.socket, server: socket.socket) -> None:
        self.number = number
        self.sides = (_Side(client, server, True), _Side(server, client, False, named=True))
        self.sql = b""
        self.in_commit = False

    def readable(self) -> list[_Side]:
        listening = [side for side in self.sides if not side.ended]
        ready = select.select([side.source for side in listening], [], [], CHECK_SECONDS)[0]
        return [side for side in listening if side.source in ready]

    def follow(self, message: Message) -> None:
        """Called for what has arrived whole."""
        if message.of_client and message.type == "E":
            self.in_commit = message.sql == COMMIT
        elif not message.of_client and message.type in ("E", "Z"):
            self.in_commit = False

    def end(self) -> None:
        ordinary = all(side.ended for side in self.sides)
        for side in self.sides:
            with suppress(OSError):
                if not ordinary:
                    # Without the time to say more, close() sends RST.
                    side.source.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                side.source.close()


def _take_message(side: _Side) -> tuple[str, bytes] | None:
    """The first whole message that has arrived, and its type."""
    head = 1 if side.named else 0
    if len(side.arrived) < head + 4:
        return None
    size = head + int(struct.unpack_from(">i", side.arrived, head)[0])
    if len(side.arrived) < size:
        return None
    data = bytes(side.arrived[:size])
    del side.arrived[:size]
    if side.named:
        return chr(data[0]), data
    assert struct.unpack_from(">i", data, 4)[0] != SSL_REQUEST, "this wire is for sslmode=disable"
    side.named = True
    return "startup", data


@contextmanager
def wired(
    database_url: str, fault: Fault | None = None, connect: Connect = socket.create_connection
) -> Iterator[Wire]:
    """A wire to the server of a URL; its `port` takes the server's place in it."""
    server = urlsplit(database_url)
    wire = Wire(str(server.hostname), int(server.port or 5432), fault, connect)
    try:
        yield wire
    finally:
        wire.close()
