"""A forwarder before a server: the same server under another address, and a wire that can be cut."""

import array
import fcntl
import socket
import termios
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

Connect = Callable[[tuple[str, int]], socket.socket]
DELIVERY_SECONDS_MAX = 5.0


class Forwarder:
    """Listens on a port of `address`, a free one if need be, and passes everything on to the server, until told
    otherwise."""

    def __init__(
        self,
        address: str,
        to_host: str,
        to_port: int,
        connect: Connect = socket.create_connection,
        port: int = 0,
    ) -> None:
        self._connect = connect
        self._to = (to_host, to_port)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_down = False
        self._flows = threading.Event()
        self._flows.set()
        self._cuts_left = 0
        self._bytes_before_cut = 0
        self.cuts = 0
        self._text_of_lost = b""
        self._losses_left = 0
        self.losses = 0
        self._listener = socket.create_server((address, port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_answers(self, after_bytes: int, times: int) -> None:
        """The next connections that have answered with so many bytes are reset, so many times in all."""
        with self._lock:
            self._bytes_before_cut, self._cuts_left = after_bytes, times

    def lose_answers_to(self, text: bytes, times: int) -> None:
        """Requests with this text reach the server; its answer is lost with the connection, so many times in all."""
        with self._lock:
            self._text_of_lost, self._losses_left = text, times

    @contextmanager
    def down(self) -> Iterator[None]:
        """Every connection is reset, and new ones are as soon as they are made."""
        with self._lock:
            self._is_down = True
            connections, self._open = self._open, set()
        for connection in connections:
            reset(connection)
        try:
            yield
        finally:
            self._is_down = False

    def lead_to(self, host: str, port: int) -> None:
        """Another server has the address from now on; the connections to the one before are reset."""
        with self.down():
            self._to = (host, port)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Nothing is passed on, and nothing is closed: a server that has frozen, a cable that was pulled."""
        self._flows.clear()
        try:
            yield
        finally:
            self._flows.set()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._is_down:
                    reset(client)
                    continue
                try:
                    server = self._connect(self._to)
                except OSError:  # the server is away: its address answers as that of a machine without it
                    reset(client)
                    continue
                with self._lock:
                    self._open |= {client, server}
                self._serve(client, server)

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        """Begins to pass on what the two of one new connection say to each other."""
        lost = threading.Event()
        threading.Thread(target=self._pass_requests, args=(client, server, lost), daemon=True).start()
        threading.Thread(target=self._pass_answers, args=(server, client, lost), daemon=True).start()

    def _pass_requests(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(16384):
                self._flows.wait()
                if self._may_lose(data):
                    lost.set()
                for piece in self.pieces_of_request(client, data):
                    server.sendall(piece)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _pass_answers(self, server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        passed = 0
        with suppress(OSError):
            while data := server.recv(16384):
                self._flows.wait()
                if lost.is_set():
                    reset(client)
                for piece in self.pieces_of_answer(client, data):
                    client.sendall(piece)
                passed += len(data)
                if self._may_cut(passed):
                    reset(client)
        with suppress(OSError):
            client.shutdown(socket.SHUT_WR)

    def pieces_of_request(self, client: socket.socket, data: bytes) -> Iterable[bytes]:
        """What is passed on of a request, in pieces; for those who would wait in between."""
        return (data,)

    def pieces_of_answer(self, client: socket.socket, data: bytes) -> Iterable[bytes]:
        return (data,)

    def _may_lose(self, request: bytes) -> bool:
        with self._lock:
            if self._losses_left == 0 or self._text_of_lost not in request:
                return False
            self._losses_left -= 1
            self.losses += 1
            return True

    def _may_cut(self, passed: int) -> bool:
        with self._lock:
            if self._cuts_left == 0 or passed < self._bytes_before_cut:
                return False
            self._cuts_left -= 1
            self.cuts += 1
            return True


def reset(connection: socket.socket) -> None:
    """Ends a connection as a broken network would: at once, and with RST."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def await_delivery(sink: socket.socket) -> None:
    """Until the other end's kernel has all that was sent: RST would overtake what has not left."""
    left = array.array("i", [1])
    until = time.monotonic() + DELIVERY_SECONDS_MAX
    while left[0] > 0 and time.monotonic() < until:
        fcntl.ioctl(sink, termios.TIOCOUTQ, left)
        time.sleep(0.001)


@contextmanager
def forwarded(to_host: str, to_port: int, address: str = "127.0.0.1") -> Iterator[Forwarder]:
    forwarder = Forwarder(address, to_host, to_port)
    try:
        yield forwarder
    finally:
        forwarder.close()
