"""A client that is a nuisance: it asks for /metrics at a steady pace, and holds many connections that are idle or slow.

    scrapers.py HOST:PORT REQUESTS SECONDS CONNECTIONS

So many requests, spread over so many seconds. Half of the connections send nothing, half a byte of a head now and
then; each is made again when it is closed. Prints {"requests", "failed", "closed", "slowest", "cpu_seconds"}.
"""

import json
import resource
import selectors
import socket
import sys
import time

HEAD = b"GET /metrics HTTP/1.1\r\nHost: bench\r\n\r\n"
SLOW_BYTE_EVERY = 1.0  # seconds
ANSWER_SECONDS_MAX = 10.0


class Scraper:
    """One kept connection, as Prometheus has it."""

    def __init__(self, address):
        self.address = address
        self.socket = None
        self.buffer = bytearray(1 << 20)

    def ask(self):
        """Whether there was a whole answer of status 200. A kept connection may have been closed: then by a new one."""
        return (self.socket is not None and self.try_to_ask()) or self.try_to_ask()

    def try_to_ask(self):
        try:
            if self.socket is None:
                self.socket = socket.create_connection(self.address, timeout=ANSWER_SECONDS_MAX)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.sendall(HEAD)
            got = self.receive(0)
            head, _, _ = bytes(self.buffer[: min(got, 2000)]).partition(b"\r\n\r\n")
            length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
            while got < len(head) + 4 + length:
                got = self.receive(got)
            return head.startswith(b"HTTP/1.1 200 ")
        except (OSError, ValueError):
            self.socket = None
            return False

    def receive(self, at):
        count = self.socket.recv_into(memoryview(self.buffer)[at:])
        if count == 0:
            raise OSError("closed")
        return at + count


class Nuisance:
    """Connections that want nothing. Those that were closed are made again at the next visit."""

    def __init__(self, address, count):
        self.address = address
        self.selector = selectors.DefaultSelector()
        self.wanted = count
        self.sent = {}
        self.closed = 0
        self.visited = 0.0

    def visit(self):
        for key, _ in self.selector.select(0):
            self.selector.unregister(key.fileobj)
            self.sent.pop(key.fileobj)
            key.fileobj.close()
            self.closed += 1
        while len(self.sent) < self.wanted:
            one = socket.create_connection(self.address, timeout=ANSWER_SECONDS_MAX)
            self.sent[one] = 0
            self.selector.register(one, selectors.EVENT_READ)
        if time.monotonic() - self.visited >= SLOW_BYTE_EVERY:
            self.visited = time.monotonic()
            self.drip()

    def drip(self):
        for number, one in enumerate(list(self.sent)):
            if number % 2:
                try:
                    one.send(HEAD[self.sent[one] : self.sent[one] + 1])
                except OSError:
                    continue  # closed: the next visit finds it
                self.sent[one] = (self.sent[one] + 1) % 20


def scrape(address, requests, seconds, connections):
    scraper, nuisance = Scraper(address), Nuisance(address, connections)
    failed, slowest, visits = 0, 0.0, 0
    began = time.monotonic()
    for number in range(requests):
        wait = began + seconds * number / requests - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        if time.monotonic() - began > 0.5 * visits:
            visits += 1
            nuisance.visit()
        asked = time.monotonic()
        failed += not scraper.ask()
        slowest = max(slowest, time.monotonic() - asked)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"requests": requests, "failed": failed, "closed": nuisance.closed, "slowest": slowest,
                      "cpu_seconds": usage.ru_utime + usage.ru_stime}))  # fmt: skip


def main(words):
    host, _, port = words[0].rpartition(":")
    scrape((host, int(port)), int(words[1]), float(words[2]), int(words[3]))


if __name__ == "__main__":
    main(sys.argv[1:])
