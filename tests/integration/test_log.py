"""The log as those see it who read it: pino-pretty, Loki, a grep for one file, Ingestor itself; and those who don't."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import objects
from support.ingestor import Ingestor, free_port
from support.places import BINARY
from support.scene import Scene
from support.scripted_s3 import ScriptedS3, scripted_s3
from support.waiting import wait_until

HOSTILE = (
    "a\"b\\c", "line\nfeed", "esc\x1b[31m", "\x07\x7f\x1f\x01", "\u202egnp.exe", "é🙂\u2028\u2029", "<script>&amp;",
    "'; DROP TABLE log; --", "%s%n%00", "{\"level\":60}", " ", "x" * 1024, "ü" * 512, "🙂" * 256,
)  # fmt: skip
LINE_BYTES_MAX = 16 * 1024
PINO_PRETTY = "pino-pretty@13.0.0"
LEVELS = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error"}


def in_production(scene: Scene, level: str = "verbose") -> Ingestor:
    return scene.ingestor.having(NODE_ENV="production", LOG_LEVEL=level, INGESTOR_REPLICA="web-1")


def load_hostile(scene: Scene) -> list[str]:
    """The log of a load in which every second file fails. No real server takes all of these keys."""
    s3 = ScriptedS3({
        key: objects.json_lines(3) if n % 2 else objects.truncated(objects.json_lines(50))
        for n, key in enumerate(HOSTILE)
    })  # fmt: skip
    with scripted_s3(s3) as environment:
        done = in_production(scene).having(**environment)("once")
    assert done.code == 1, done
    return done.stderr.splitlines()


def test_each_line_is_what_pino_writes_whatever_the_keys_hold(scene: Scene) -> None:
    """`time` is what Loki's stage `timestamp` takes with `format: UnixMs`: whole milliseconds since 1970. Its stage
    `json` wants an object in each line, and makes labels of `level` and `replica`."""
    lines = load_hostile(scene)
    before = time.time() * 1000
    keys = set()
    for line in lines:
        record = json.loads(line, object_pairs_hook=without_duplicates)
        assert list(record)[:6] == ["time", "level", "pid", "hostname", "replica", "msg"], line
        assert type(record["time"]) is int and before - 3_600_000 < record["time"] <= before, line
        assert record["level"] in LEVELS and record["replica"] == "web-1", line
        assert type(record["pid"]) is int and record["hostname"] and record["msg"], line
        assert len(line.encode()) < LINE_BYTES_MAX and line.isprintable(), line
        keys |= {record["key"]} if record["msg"] in ("file completed", "file failed") else set()
    assert keys == set(HOSTILE)
    assert {LEVELS[json.loads(line)["level"]] for line in lines} >= {"debug", "info", "warn"}


def without_duplicates(members: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in members]
    assert len(names) == len(set(names)), members
    return dict(members)


def test_no_file_makes_a_line_that_is_too_long(scene: Scene) -> None:
    """A key and an error as long as they get, and every character of the key becomes six."""
    s3 = ScriptedS3({"\x1f" * 900: b"{}\n"})
    error = f"<Error><Code>AccessDenied</Code><Message>{'é' * 10_000}</Message></Error>".encode()
    s3.answer_get = lambda key, n: (403, {}, error)
    with scripted_s3(s3) as environment:
        done = in_production(scene).having(**environment)("once")
    assert done.code == 1, done
    longest = max(done.stderr.splitlines(), key=len)
    assert len(longest.encode()) < LINE_BYTES_MAX, len(longest)


def test_a_files_life_is_found_by_its_id(scene: Scene) -> None:
    cut = objects.zipped(objects.json_lines(20_000))
    lines = objects.json_lines(3) + b"no json\n" + objects.json_lines(1, msg="refused")
    s3 = ScriptedS3({"cut.gz": cut, "refused": lines, "bad.gz": objects.truncated(objects.json_lines(50))})
    assert scene.ingestor("migrate").code == 0
    scene.database.execute("ALTER TABLE log ADD CHECK (message <> 'refused')")
    with scripted_s3(s3) as environment:
        ingestor = in_production(scene, "debug").having(**environment)
        s3.answer_get = lambda key, n: slow_down() if (key, n) == ("cut.gz", 1) else None
        done = ingestor("once")
    assert done.code == 1, done
    records = [json.loads(line) for line in done.stderr.splitlines()]

    def life(key: str) -> list[str]:
        return [record["msg"] for record in records if record.get("id") == scene.database.file(key)["id"]]

    assert life("refused") == [
        "file claimed", "file opened", "s3 request", "file opened", "s3 request", "file completed",
    ]  # fmt: skip
    with_care = [record["with_care"] for record in records if record["msg"] == "file opened" and "refused" in record["key"]]
    assert with_care == [False, True]
    completed = next(record for record in records if record["msg"] == "file completed" and record["key"] == "refused")
    assert (completed["lines_rejected"], completed["not_json"], completed["refused_by_database"]) == (2, 1, 1)
    assert life("cut.gz")[:4] == ["file claimed", "file opened", "s3 asks to slow down", "s3 request"], life("cut.gz")
    assert life("cut.gz")[-2:] == ["s3 request", "file completed"]
    assert life("bad.gz")[0] == "file claimed" and life("bad.gz")[-1] == "file failed"
    everything = [record for record in records if record.get("key")]
    assert everything and all(record.get("id") for record in everything), everything


def slow_down() -> tuple[int, dict[str, str], bytes]:
    return 503, {}, b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


@pytest.mark.parametrize(
    ("name", "least"),
    [("error", 50), ("warn", 40), ("log", 30), ("info", 30), ("debug", 20), ("verbose", 10), ("trace", 10)],
)
def test_the_names_of_levels(scene: Scene, name: str, least: int) -> None:
    """Nothing here is a warning, and nothing at all is told at `trace` alone."""
    scene.bucket.put_all({"a": objects.json_lines(3), "bad.gz": objects.truncated(objects.json_lines(50))})
    done = in_production(scene, name).having(INGESTOR_MAX_ATTEMPTS="1")("once")
    levels = {json.loads(line)["level"] for line in done.stderr.splitlines()}
    assert min(levels) == (50 if least == 40 else max(least, 20)) and 50 in levels, done


def test_a_wrong_name_of_a_level_is_refused(scene: Scene) -> None:
    done = scene.ingestor.having(LOG_LEVEL="loud")("status")
    assert done.code == 2 and "LOG_LEVEL" in done.stderr and "verbose" in done.stderr, done


def test_a_log_of_ours_is_one_that_we_can_load(scene: Scene) -> None:
    lines = [line for line in load_hostile(scene) if "\\u0000" not in line]
    scene.start_anew()
    scene.ingestor = scene.ingestor.having(AWS_S3_KEY="ours/")
    scene.bucket.put("ours/log.gz", objects.zipped("".join(line + "\n" for line in lines).encode()))
    done = scene.ingestor("once")
    assert done.code == 0, done
    rows = scene.database.rows(
        "SELECT (extract(epoch FROM timestamp) * 1000)::bigint, level, message, pid, hostname, raw_data->>'replica', "
        "raw_data->>'key' FROM log ORDER BY ingestor_line(id)"
    )
    records = [json.loads(line) for line in lines]
    names = ("time", "level", "msg", "pid", "hostname", "replica", "key")
    assert rows == [tuple(record.get(name) for name in names) for record in records]
    assert scene.database.count("rejected_line") == 0


def pino_pretty() -> list[str]:
    """The command, from npm; installed once for each user."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("node and npm are not here")
    folder = Path.home() / ".cache" / "ingestor" / "npm-pino-pretty"
    program = folder / "node_modules" / "pino-pretty" / "bin.js"
    if not program.exists():
        install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), PINO_PRETTY]
        done = subprocess.run(install, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            pytest.skip(f"npm cannot install {PINO_PRETTY}: {done.stderr[-500:]}")
    return ["node", str(program), "--translateTime=UTC:yyyy-mm-dd'T'HH:MM:ss.l'Z'"]


def test_pino_pretty_reads_every_line(scene: Scene) -> None:
    command = pino_pretty()
    lines = load_hostile(scene)
    pretty = subprocess.run(
        command, input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=60, check=True,
        env=os.environ | {"NO_COLOR": "1"},
    )  # fmt: skip
    assert pretty.stderr == ""
    heads = [line for line in pretty.stdout.splitlines() if line.startswith("[20")]
    records = [json.loads(line) for line in lines]
    wanted = [
        f"{LEVELS[record['level']].upper()} ({record['pid']}): {record['msg']}"  # it leaves hosts out
        for record in records
    ]
    assert [head.partition("] ")[2] for head in heads] == wanted, pretty.stdout[:3000]
    assert 'key: "line\\nfeed"' in pretty.stdout and '    id: 1' in pretty.stdout, pretty.stdout[:3000]


@contextmanager
def logging_to(scene: Scene, stderr: int, *arguments: str, **environment: str) -> Iterator[subprocess.Popen]:
    """The binary with that end of the log, and so many lines that a pipe is soon full."""
    settings = scene.ingestor.having(
        NODE_ENV="production", LOG_LEVEL="verbose", INGESTOR_BATCH_SIZE="1000", INGESTOR_POLL_INTERVAL="500ms", **environment
    )  # fmt: skip
    process = subprocess.Popen(
        [BINARY, *arguments], env=settings.environment, cwd=scene.ingestor.folder, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=stderr,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def small_pipe() -> tuple[int, int]:
    ends = os.pipe()
    fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, 4096)
    return ends


FILES = {f"{n:04}": objects.json_lines(2, first=2 * n) for n in range(400)}
EXIT_SECONDS_MAX = 30


def metric(port: int, name: str) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(name + " ")))


def assert_loads_and_stops(scene: Scene, process: subprocess.Popen, port: int) -> float:
    """All rows get there, it answers, and goes when it is told; returns how many lines were dropped."""
    wait_until("all is loaded", lambda: scene.database.count("log") == 2 * len(FILES), 60)
    dropped = metric(port, "ingestor_log_lines_dropped_total")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(EXIT_SECONDS_MAX) == 0
    assert time.monotonic() - began < EXIT_SECONDS_MAX
    return dropped


def test_a_reader_that_has_stopped_holds_nothing_up(scene: Scene) -> None:
    port = free_port()
    scene.migrate_and_put(FILES)
    reader, writer = small_pipe()
    with logging_to(scene, writer, "run", INGESTOR_HTTP_LISTEN=f"127.0.0.1:{port}") as process:
        os.close(writer)
        dropped = assert_loads_and_stops(scene, process, port)
        assert dropped > 0
    os.close(reader)


def test_a_reader_that_goes_on_is_told_what_it_has_missed(scene: Scene) -> None:
    port = free_port()
    scene.migrate_and_put(FILES)
    reader, writer = small_pipe()
    said = bytearray()

    def read() -> None:
        while piece := os.read(reader, 1 << 16):
            said.extend(piece)

    with logging_to(scene, writer, "run", INGESTOR_HTTP_LISTEN=f"127.0.0.1:{port}") as process:
        os.close(writer)
        wait_until("all is loaded", lambda: scene.database.count("log") == 2 * len(FILES), 60)
        wait_until("lines were dropped", lambda: metric(port, "ingestor_log_lines_dropped_total") > 0)
        late = threading.Thread(target=read)
        late.start()
        wait_until("it is told", lambda: b"log lines dropped" in said, 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(EXIT_SECONDS_MAX) == 0
        late.join(10)
    os.close(reader)
    records = [json.loads(line) for line in said.decode().splitlines()]
    told = next(record for record in records if record["msg"].startswith("log lines dropped"))
    assert told["lines_since_start"] > 0 and "stopped" in [record["msg"] for record in records[-5:]]


@pytest.mark.parametrize("end", ["/dev/full", "closed", "nobody reads"])
def test_a_log_that_goes_nowhere(scene: Scene, end: str) -> None:
    port = free_port()
    scene.migrate_and_put(FILES)
    reader, writer = os.pipe()
    os.close(reader)
    if end == "/dev/full":
        writer = os.open("/dev/full", os.O_WRONLY)
    command: tuple[str, ...] = ("run",)
    with logging_to_maybe_closed(scene, end, writer, command, port) as process:
        os.close(writer)
        assert assert_loads_and_stops(scene, process, port) > 0


@contextmanager
def logging_to_maybe_closed(
    scene: Scene, end: str, writer: int, command: tuple[str, ...], port: int
) -> Iterator[subprocess.Popen]:
    listen = f"127.0.0.1:{port}"
    if end != "closed":
        with logging_to(scene, writer, *command, INGESTOR_HTTP_LISTEN=listen) as process:
            yield process
        return
    settings = scene.ingestor.having(LOG_LEVEL="verbose", INGESTOR_POLL_INTERVAL="500ms", INGESTOR_HTTP_LISTEN=listen)
    shell = ["/bin/sh", "-c", 'exec "$0" "$@" 2>&-', str(BINARY), *command]
    process = subprocess.Popen(shell, env=settings.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("arguments", [("run",), ("once",), ("status",), ("check",)])
def test_errors_are_not_waited_for_either(scene: Scene, arguments: tuple[str, ...]) -> None:
    """The pipe is full before the first word."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, bytes(4096))
    except BlockingIOError:
        pass
    os.set_blocking(writer, True)
    wrong = {"DATABASE_URL": f"postgresql://u@127.0.0.1:{free_port()}/d", "INGESTOR_HTTP_LISTEN": "off"}
    with logging_to(scene, writer, *arguments, **wrong) as process:
        assert process.wait(EXIT_SECONDS_MAX) in (1, 3)
    os.close(reader)
    os.close(writer)
