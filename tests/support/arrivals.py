"""Objects that keep arriving in a bucket: small ones to be loaded together, large ones of several COPY buffers."""

import random
from collections.abc import Callable

from . import objects

# Three times what is sent as one COPY (ingest/bounds.hpp), in few rows, for they are counted after every event.
LARGE_LINES = 1_200
SMALL_LINES_MAX = 20
LARGE = objects.json_lines(LARGE_LINES, padding="x" * 10_000)
# Small as it is stored, so that it joins a group, and shows only there that it is large.
LARGE_ZIPPED = objects.zipped(LARGE)


class Arrivals:
    """What arrives is drawn from `chance`; `lines` says how many rows each key has when it is completed."""

    def __init__(self, put_all: Callable[[dict[str, bytes]], None], chance: random.Random) -> None:
        self._put_all = put_all
        self._chance = chance
        self.lines: dict[str, int] = {}

    def put(self, small: int, large: int = 0) -> None:
        contents = dict(self._large() for _ in range(large)) | dict(self._small() for _ in range(small))
        self._put_all(contents)

    def _key(self, kind: str, lines: int) -> str:
        key = f"{len(self.lines):05}-{kind}"
        self.lines[key] = lines
        return key

    def _large(self) -> tuple[str, bytes]:
        body = LARGE if self._chance.random() < 0.7 else LARGE_ZIPPED
        return self._key("large", LARGE_LINES), body

    def _small(self) -> tuple[str, bytes]:
        lines = self._chance.randrange(SMALL_LINES_MAX + 1)
        body = objects.json_lines(lines, first=SMALL_LINES_MAX * len(self.lines))
        key = self._key("small", lines)
        return key, objects.zipped(body) if self._chance.random() < 0.5 else body
