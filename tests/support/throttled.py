"""A forwarder whose answers drip: a load that lasts long enough to be looked at."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from .forwarding import Forwarder

PIECES_PER_SECOND = 20


class ThrottledForwarder(Forwarder):
    """`bytes_per_second` of each connection; None: as fast as they come. May be changed at any time."""

    bytes_per_second: int | None = None

    def pieces_of_answer(self, client: socket.socket, data: bytes) -> Iterator[bytes]:
        while data:
            if self.bytes_per_second is None:
                yield data
                return
            piece = max(1, self.bytes_per_second // PIECES_PER_SECOND)
            yield data[:piece]
            data = data[piece:]
            time.sleep(1 / PIECES_PER_SECOND)


@contextmanager
def throttled(url: str, bytes_per_second: int | None) -> Iterator[ThrottledForwarder]:
    """Before the server of this URL."""
    server = urlsplit(url)
    forwarder = ThrottledForwarder("127.0.0.1", str(server.hostname), int(server.port or 0))
    forwarder.bytes_per_second = bytes_per_second
    try:
        yield forwarder
    finally:
        forwarder.close()
