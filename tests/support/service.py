"""`run` with its HTTP side, and someone who asks it."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .ingestor import Process, free_port
from .scene import Scene

FOLLOWS_WITHIN = 12.0  # seconds: ten by the contract, and some for a busy machine


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Service:
    process: Process
    url: str
    scene: Scene

    def ask(self, path: str, method: str = "GET") -> Answer:
        request = urllib.request.Request(self.url + path, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return Answer(answer.status, _headers(answer), answer.read().decode())
        except urllib.error.HTTPError as answer:
            return Answer(answer.code, _headers(answer), answer.read().decode())

    def answers(self, path: str) -> int | None:
        assert self.process.running(), self.process.output()
        try:
            return self.ask(path).status
        except OSError:
            return None

    def metrics(self) -> dict[str, float]:
        """Every sample by its name and labels."""
        samples = {}
        for line in self.ask("/metrics").body.splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                samples[name] = float(value)
        return samples

    def is_ready(self) -> bool:
        return self.answers("/readyz") == 200


def _headers(answer: object) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}  # type: ignore[attr-defined]


@contextmanager
def serving(scene: Scene, **changes: str) -> Iterator[Service]:
    listen = f"127.0.0.1:{free_port()}"
    changes |= {"INGESTOR_HTTP_LISTEN": listen, "INGESTOR_POLL_INTERVAL": "1s"}
    with scene.ingestor.having(**changes).running() as process:
        yield Service(process, f"http://{listen}", scene)
        assert process.stop().code == 0
