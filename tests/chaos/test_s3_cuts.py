"""A body that breaks at any byte, inside a gzip member's header, its trailer, between two members, goes on from exactly
there: the rest is asked for, of the same version, and the rows are exact."""

import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from support import objects
from support.exactly_once import assert_all_completed
from support.fault_proxy import Ending, Fault, FaultProxy, Request
from support.ingestor import Ingestor, free_port
from support.metrics import metrics
from support.s3_faults import at_byte, cut
from support.scene import Scene

ENDINGS = (Ending.RST, Ending.FIN)
LINES = 12
LARGE_LINES = 3_000
STEP_BYTES = 64 * 1024  # so much further is progress
NEAR_MAX = 4  # breaks without any, that a body survives


@pytest.fixture
def ingestor(scene: Scene, proxy: FaultProxy) -> Ingestor:
    return scene.ingestor.having(AWS_ENDPOINT=proxy.endpoint, INGESTOR_BATCH_SIZE="50")


def members(first: int = 0) -> list[bytes]:
    """Of one gzip file: with a name in its header, empty, stored, as small as can be, and in the middle of a line."""
    lines = objects.json_lines(LINES, first=first)
    third = len(lines) // 3
    parts = [lines[:third], b"", lines[third : 2 * third], lines[2 * third : -1], lines[-1:]]
    named = bytearray(objects.zipped(parts[0]))
    named[3] |= 0x08  # FNAME
    return [
        bytes(named[:10]) + b"app.log\0" + bytes(named[10:]),
        objects.zipped(parts[1]),
        objects.stored(parts[2]),
        objects.zipped(parts[3]),
        objects.zipped(parts[4]),
    ]


def delicate(parts: list[bytes]) -> set[int]:
    """Bytes in headers and trailers, and where two members meet."""
    chosen: set[int] = set()
    begin = 0
    for part in parts:
        end = begin + len(part)
        chosen |= set(range(begin, min(begin + 19, end))) | set(range(max(begin, end - 9), end))
        begin = end
    return chosen


def at_each(cuts: dict[str, list[int]]) -> Callable[[Request], Fault | None]:
    """Breaks the n-th answer for a key at the n-th of its bytes, counted from the object's first; by RST and by FIN in
    turn."""

    def script(request: Request) -> Fault | None:
        at = cuts.get(request.key, [])
        if request.nth > len(at):
            return None
        byte = at[request.nth - 1]
        return cut(at_byte(byte - request.first_byte), ENDINGS[(byte + request.nth) % 2])

    return script


def assert_resumed(proxy: FaultProxy, cuts: dict[str, list[int]], etags: dict[str, str]) -> int:
    """Each answer that broke was followed by a request for what had not been passed on; returns how many."""
    resumes = 0
    for key, at in cuts.items():
        asked = proxy.gets(key)
        assert len(asked) == len(at) + 1, f"{key}, cut at {at}: {asked}"
        assert {request.headers.get("if-match") for request in asked} == {etags[key]}, asked
        for broken, rest in pairwise(asked):
            resumes += 1
            wanted = broken.first_byte + broken.passed
            # What begins at the first byte is the whole, and asked for as such.
            assert rest.headers.get("range") == (f"bytes={wanted}-" if wanted else None), f"{key}: {asked}"
    return resumes


def etags(scene: Scene) -> dict[str, str]:
    return {key: f'"{etag}"' for key, etag in scene.database.rows("SELECT s3_key, etag FROM processed_file")}


def test_a_gzip_object_is_cut_at_every_byte(
    scene: Scene, proxy: FaultProxy, ingestor: Ingestor, chance: random.Random, times: Callable[[int, int], int]
) -> None:
    """One object for each byte, all of them in one run."""
    body = b"".join(members())
    delicately = delicate(members())
    others = sorted(set(range(len(body))) - delicately)
    chosen = sorted([*delicately, *chance.sample(others, times(len(others) // 4, len(others)))])
    cuts = {f"cut-at-{byte:04}": [byte] for byte in chosen}
    # Objects that differ, so that a row that lands in another file shows.
    scene.migrate_and_put({key: b"".join(members(1000 * at)) for at, key in enumerate(cuts)})
    proxy.script = at_each(cuts)
    done = ingestor("once")
    assert done.code == 0, done
    assert_all_completed(scene.database, dict.fromkeys(cuts, LINES))
    assert_rows_are_their_own(scene, {key: 1000 * at for at, key in enumerate(cuts)}, LINES)
    resumes = assert_resumed(proxy, cuts, etags(scene))
    print(f"{len(body)} bytes, {resumes} cuts, {done.seconds:.1f} s")  # noqa: T201 - the figures of a run


def large(n: int) -> bytes:
    """Plain, one gzip member, or several of which one is empty."""
    lines = objects.json_lines(LARGE_LINES, first=LARGE_LINES * n, padding="x" * 150)
    half = len(lines) // 2
    return (
        lines,
        objects.stored(lines),
        objects.stored(lines[:half]) + objects.stored(b"") + objects.stored(lines[half:]),
    )[n % 3]


def far_and_near(size: int, chance: random.Random) -> list[int]:
    """Bytes that are at least a step apart, and behind one of them, or none, those next to it."""
    far = [chance.randrange(begin, min(begin + STEP_BYTES, size - 5)) for begin in range(0, size - 5, 2 * STEP_BYTES)]
    neighbour = chance.choice(far)
    return sorted({*far, *(neighbour + n for n in range(chance.randint(0, NEAR_MAX)))})


def test_a_large_object_is_cut_again_and_again(
    scene: Scene, proxy: FaultProxy, ingestor: Ingestor, chance: random.Random, times: Callable[[int, int], int]
) -> None:
    """What comes further each time is never begun anew."""
    made = {f"{n:02}": large(n) for n in range(times(4, 60))}
    cuts = {key: far_and_near(len(body), chance) for key, body in made.items()}
    scene.migrate_and_put(made)
    proxy.script = at_each(cuts)
    done = ingestor("once")
    assert done.code == 0, done
    assert_all_completed(scene.database, dict.fromkeys(made, LARGE_LINES))
    assert_rows_are_their_own(scene, {key: LARGE_LINES * n for n, key in enumerate(made)}, LARGE_LINES)
    resumes = assert_resumed(proxy, cuts, etags(scene))
    print(f"{len(made)} objects, {resumes} cuts, {done.seconds:.1f} s")  # noqa: T201


def test_resumes_are_counted(scene: Scene, proxy: FaultProxy, ingestor: Ingestor) -> None:
    made = {f"{n:02}": large(n) for n in range(3)}
    cuts = {key: [1, 200_000, 400_000] for key in made}
    scene.migrate_and_put(made)
    proxy.script = at_each(cuts)
    port = free_port()
    with ingestor.having(INGESTOR_HTTP_LISTEN=f"127.0.0.1:{port}").running() as service:
        service.wait_until("all is completed", lambda: scene.database.is_completed(*made))
        counted = metrics(port)
        assert service.stop().code == 0
    resumes = assert_resumed(proxy, cuts, etags(scene))
    assert counted["ingestor_s3_resumes_total"] == resumes == 9
    assert counted["ingestor_s3_throttled_total"] == 0
    assert_all_completed(scene.database, dict.fromkeys(made, LARGE_LINES))


def assert_rows_are_their_own(scene: Scene, first: dict[str, int], lines: int) -> None:
    """Line n of an object is its n-th, and says so."""
    wrong = scene.database.rows(
        "SELECT f.s3_key, ingestor_line(log.id), log.message FROM log "
        "JOIN processed_file f ON f.id = ingestor_file(log.id) "
        "JOIN unnest(%s::text[], %s::bigint[]) AS e (key, first) ON e.key = f.s3_key "
        "WHERE log.message IS DISTINCT FROM 'line ' || (e.first + ingestor_line(log.id) - 1) LIMIT 10",
        list(first),
        list(first.values()),
    )
    assert wrong == [], wrong
    assert scene.database.count("log") == lines * len(first)
    assert scene.database.count("rejected_line") == 0
