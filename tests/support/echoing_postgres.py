"""A PostgreSQL server that asks for the password in clear text and repeats it in its refusal."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SSL_REQUEST = 80877103


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        startup = self._startup()
        if startup is None:
            return
        self.wfile.write(_message(b"R", struct.pack("!i", 3)))
        kind, length = self.rfile.read(1), self.rfile.read(4)
        if kind != b"p":
            return
        password = self.rfile.read(struct.unpack("!i", length)[0] - 4).rstrip(b"\0")
        fields = b"SFATAL\0VFATAL\0C28P01\0M" + password + b" is no good\0D" + password + b"\0H" + startup + b"\0\0"
        self.wfile.write(_message(b"E", fields))

    def _startup(self) -> bytes | None:
        while head := self.rfile.read(8):
            length, code = struct.unpack("!ii", head)
            body = self.rfile.read(length - 8)
            if code != _SSL_REQUEST:
                return body.replace(b"\0", b" ").strip()
            self.wfile.write(b"N")
        return None


@contextmanager
def echoing_postgres() -> Iterator[int]:
    """Yields its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
