"""What chaos tests ingest: objects, and what must have become of them at the end."""

from dataclasses import dataclass, field

from . import objects
from .exactly_once import assert_all_completed
from .scene import Scene


@dataclass(frozen=True)
class Load:
    contents: dict[str, bytes]
    lines: dict[str, int]  # rows of each file that is completed
    rejected: dict[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()  # the files that are bad

    @property
    def exit_code(self) -> int:
        """Of `once`."""
        return 1 if self.failed else 0


def a_large_file() -> Load:
    """More than one buffer of rows, so more than one COPY; too large to be in a group."""
    count = 26_000
    return Load({"large": objects.stored(objects.json_lines(count))}, {"large": count})


def groups_of_small_files() -> Load:
    """Among them one that is bad, and one with bad lines."""
    good = {f"{n:02}": objects.zipped(objects.json_lines(20, first=20 * n)) for n in range(20)}
    bad_lines = objects.json_lines(10) + b"not JSON\n[1]\n" + objects.json_lines(5, first=10)
    bad = {"07-cut": objects.truncated(objects.json_lines(500))}
    return Load(
        good | bad | {"11-lines": bad_lines}, dict.fromkeys(good, 20) | {"11-lines": 15}, {"11-lines": 2}, tuple(bad)
    )


LOADS = {"a large file": a_large_file, "groups of small files": groups_of_small_files}


def assert_all_there(scene: Scene, load: Load) -> None:
    """The rows and the rejected lines of every good file, each once, and nothing of a bad one."""
    assert_all_completed(scene.database, load.lines, load.failed)
    rejected = scene.database.rows(
        "SELECT s3_key, count(*) FROM rejected_line LEFT JOIN processed_file f ON f.id = file_id GROUP BY 1"
    )
    assert dict(rejected) == load.rejected


def is_all_there(scene: Scene, load: Load) -> bool:
    """Whether every file has come to its end."""
    return scene.database.statuses() == dict.fromkeys(load.lines, "completed") | dict.fromkeys(load.failed, "failed")
