"""A forwarder that stops one connection at a chosen byte: in the middle of an answer, before a COMMIT."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from .forwarding import Forwarder


class Hold:
    """The first connection that sends `text` stops: either its requests, `after` bytes from the text's first one on,
    or the answers to it, after so many bytes. What the other side sends goes on."""

    def __init__(self, text: bytes, after: int, of_answers: bool) -> None:
        self._text = text
        self._left = after
        self._of_answers = of_answers
        self._client: socket.socket | None = None
        self._lock = threading.Lock()
        self._tails: dict[socket.socket, bytes] = {}
        self._reached = threading.Event()
        self._released = threading.Event()

    def reached(self) -> bool:
        """Whether something waits there now."""
        return self._reached.is_set()

    def release(self) -> None:
        self._released.set()

    def pass_request(self, client: socket.socket, data: bytes) -> Iterator[bytes]:
        begin = self._begin(client, data)
        if begin is None or self._of_answers:
            yield data
            return
        yield data[:begin]
        yield from self._pass_some(data[begin:])

    def pass_answer(self, client: socket.socket, data: bytes) -> Iterator[bytes]:
        if client is self._client and self._of_answers:
            yield from self._pass_some(data)
        else:
            yield data

    def _begin(self, client: socket.socket, data: bytes) -> int | None:
        """From which byte of a request on this concerns its connection."""
        with self._lock:
            if self._client:
                return 0 if client is self._client else None
            tail = self._tails.get(client, b"")  # a text may come in two pieces
            at = (tail + data).find(self._text)
            self._tails[client] = (tail + data)[-len(self._text) + 1 :]
            if at < 0:
                return None
            self._client = client
            return max(at - len(tail), 0)

    def _pass_some(self, data: bytes) -> Iterator[bytes]:
        allowed, rest = data[: self._left], data[self._left :]
        self._left -= len(allowed)
        yield allowed
        if rest:
            self._reached.set()
            self._released.wait()
            yield rest


class HoldingForwarder(Forwarder):
    def __init__(self, address: str, to_host: str, to_port: int) -> None:
        self._hold: Hold | None = None
        super().__init__(address, to_host, to_port)

    @contextmanager
    def holding(self, text: bytes, *, after: int = 0, of_answers: bool = False) -> Iterator[Hold]:
        """Until the end of this at most; `text` must come after its beginning."""
        hold = self._hold = Hold(text, after, of_answers)
        try:
            yield hold
        finally:
            hold.release()
            self._hold = None

    def pieces_of_request(self, client: socket.socket, data: bytes) -> Iterable[bytes]:
        return self._hold.pass_request(client, data) if self._hold else (data,)

    def pieces_of_answer(self, client: socket.socket, data: bytes) -> Iterable[bytes]:
        return self._hold.pass_answer(client, data) if self._hold else (data,)


@contextmanager
def holding_forwarder(to_host: str, to_port: int) -> Iterator[HoldingForwarder]:
    forwarder = HoldingForwarder("127.0.0.1", to_host, to_port)
    try:
        yield forwarder
    finally:
        forwarder.close()
