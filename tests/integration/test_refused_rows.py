"""Rows that the database refuses become rejected lines with its words, and everything else lands: whatever refuses
them, in one large file and in groups of small ones."""

import json
import random
import re
from dataclasses import dataclass
from urllib.request import urlopen

import pytest
from support import objects
from support.comparing import assert_landed
from support.expected import Row, columns_of, lines_of, microseconds
from support.ingestor import Finished, free_port
from support.scene import Scene

LARGE_LINES = 14_000  # some 7 MiB of rows: more than one buffer of 4 MiB, less than two
BUFFERS = 3  # of that file at most, with care: the kept lines fill a buffer, too

# A statement's BEFORE trigger, and a sequence, which no rollback takes back: how many COPYs there were.
COUNT_COPIES = """
CREATE SEQUENCE copies;
CREATE FUNCTION count_copies() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
  $$ BEGIN PERFORM nextval('copies'); RETURN NULL; END $$;
CREATE TRIGGER count_copies BEFORE INSERT ON log FOR EACH STATEMENT EXECUTE FUNCTION count_copies()"""


def raising(condition: str, using: str = "ERRCODE = 'P0001'") -> str:
    """A function for a trigger that raises where a row meets the condition."""
    return (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RAISE 'row %% is not for us', NEW.pid USING {using}; END IF; RETURN NEW; END $$;"
    )


@dataclass(frozen=True)
class Refusal:
    """Something of a user's that refuses a line which has these fields."""

    name: str
    sql: str
    bad: dict[str, object]
    words: str  # a pattern for all that the reason says behind its code


UNIQUE_WORDS = r'duplicate key value violates unique constraint ".*" \(23505\): Key \(document_count\)=\(7\) already exists\.'
LONG = "".join(random.Random(5).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=5000))

REFUSALS = [
    Refusal(
        "check",
        "ALTER TABLE log ADD CONSTRAINT no_port_zero CHECK (remote_port <> 0)",
        {"req": {"remotePort": 0}},
        r'new row for relation "log" violates check constraint "no_port_zero" \(23514\): Failing row contains .*',
    ),
    Refusal(
        "not null",
        "ALTER TABLE log ALTER COLUMN level SET NOT NULL",
        {"level": None},
        r'null value in column "level" of relation "log" violates not-null constraint \(23502\): Failing row .*',
    ),
    Refusal(
        "expression index",
        "CREATE INDEX ON log ((1 / document_count))",
        {"documentCount": 0},
        r"division by zero \(22012\)",
    ),
    Refusal(
        "index row too large",
        "CREATE INDEX ON log (message)",
        {"msg": LONG},
        r'index row size \d+ exceeds btree version 4 maximum 2704 for index "log_message_idx" \(54000\).*',
    ),
    Refusal(
        "trigger",
        raising("NEW.pid < 0")
        + "CREATE TRIGGER refuse BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION refuse()",
        {"pid": -5},
        r"row -5 is not for us \(P0001\)",
    ),
    Refusal(
        "deferred trigger",
        raising("NEW.pid < 0", "ERRCODE = '23000', DETAIL = 'it is negative', CONSTRAINT = 'positive'")
        + "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()",
        {"pid": -5},
        r"row -5 is not for us \(23000\) by positive: it is negative",
    ),
    Refusal(
        "foreign key",
        "CREATE TABLE host (name text PRIMARY KEY); INSERT INTO host VALUES ('here'); GRANT ALL ON host TO PUBLIC;"
        "ALTER TABLE log ADD CONSTRAINT known_host FOREIGN KEY (hostname) REFERENCES host",
        {"hostname": "nowhere"},
        r'insert or update on table "log" violates foreign key constraint "known_host" \(23503\): '
        r'Key \(hostname\)=\(nowhere\) is not present in table "host"\.',
    ),
    # Two are bad because of a row that landed before, in another file.
    Refusal(
        "unique",
        "CREATE UNIQUE INDEX one_of_each ON log (document_count);"
        "INSERT INTO log (id, timestamp, document_count, raw_data) VALUES "
        "('00000000-0000-8000-8000-000000000000', now(), 7, '{}')",
        {"documentCount": 7},
        UNIQUE_WORDS,
    ),
    Refusal(
        "deferred unique",
        "ALTER TABLE log ADD CONSTRAINT one_of_each UNIQUE (document_count) DEFERRABLE INITIALLY DEFERRED;"
        "INSERT INTO log (id, timestamp, document_count, raw_data) VALUES "
        "('00000000-0000-8000-8000-000000000000', now(), 7, '{}')",
        {"documentCount": 7},
        UNIQUE_WORDS,
    ),
]


def line(number: int, padding: int = 150, **fields: object) -> bytes:
    plain = {"level": 30, "time": 1_700_000_000_000 + number, "pid": 7, "msg": f"line {number}", "hostname": "here"}
    return json.dumps(plain | {"more": "x" * padding} | fields).encode()


def with_bad(count: int, bad: dict[int, dict[str, object]], padding: int = 150) -> bytes:
    """`count` lines, those numbered in `bad` with its fields; one bad line in two ends with CRLF."""
    return b"".join(
        line(n, padding, **bad.get(n, {})) + (b"\r\n" if n in bad and n % 2 == 0 else b"\n") for n in range(1, count + 1)
    )


def in_need_of_repair(fields: dict[str, object]) -> dict[str, object]:
    return fields | {"broken": "\0 and \ud800"}


def landed_of(scene: Scene, files: dict[str, tuple[bytes, set[int]]]) -> dict[str, list[Row]]:
    """The rows of files, each with the numbers of its lines that must not land."""
    listed = {key: microseconds(at) for key, at in scene.bucket.last_modified().items()}
    return {
        key: [
            Row(number, columns_of(content.decode(), listed[key]))
            for number, _, content in lines_of(data)
            if number not in without
        ]
        for key, (data, without) in files.items()
    }


def assert_quarantined(scene: Scene, files: dict[str, tuple[bytes, set[int]]], words: str) -> None:
    """Every file is completed, without the rows of its bad lines; those are kept exactly, and nothing else is."""
    scene.database.execute("DELETE FROM log WHERE ingestor_file(id) = 0")  # what a test itself put there
    rows = landed_of(scene, files)
    assert_landed(scene.database, rows)
    expected = {
        (key, number, offset, content)
        for key, (data, bad) in files.items()
        for number, offset, content in lines_of(data)
        if number in bad
    }
    found = scene.database.rows(
        "SELECT s3_key, line, byte_offset, raw, reason FROM rejected_line JOIN processed_file f ON f.id = file_id"
    )
    assert {(key, number, offset, bytes(raw)) for key, number, offset, raw, _ in found} == expected
    assert len(found) == len(expected)
    wrong = [reason for *_, reason in found if not re.fullmatch("refused_by_database: " + words, reason)]
    assert wrong == []
    for key, (_, bad) in files.items():
        file = scene.database.file(key)
        good = [row.columns["timestamp"] for row in rows[key]]
        assert (file["status"], file["attempts"], file["rows_written"], file["lines_rejected"]) == (
            "completed", 0, len(good), len(bad),
        ), file  # fmt: skip
        assert (file["first_timestamp"], file["last_timestamp"]) == (
            (min(good), max(good)) if good else (None, None)
        ), file


def ready(scene: Scene, sql: str, files: dict[str, bytes]) -> None:
    scene.migrate_and_put(files)
    scene.database.execute(sql)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda r: r.name)
def test_one_large_file_with_bad_rows_first_last_and_in_the_middle(scene: Scene, refusal: Refusal) -> None:
    numbers = {1, LARGE_LINES // 2, LARGE_LINES}
    bad = {n: refusal.bad for n in numbers} | {LARGE_LINES // 2: in_need_of_repair(refusal.bad)}
    data = with_bad(LARGE_LINES, bad)
    ready(scene, refusal.sql + ";" + COUNT_COPIES, {"large": objects.stored(data)})
    done = scene.ingestor("once", "--json")
    assert done.code == 0, done
    told = json.loads(done.stdout)
    assert (told["rows"], told["lines_rejected"]) == (LARGE_LINES - 3, 3)
    assert_quarantined(scene, {"large": (data, numbers)}, refusal.words)
    # The first attempt, each buffer once, and for each bad row two for each halving.
    assert scene.database.value("SELECT last_value FROM copies") <= 2 + BUFFERS + 3 * 2 * 14
    assert scene.database.changes("large") == ["pending", "processing", "completed"]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda r: r.name)
def test_a_group_of_small_files(scene: Scene, refusal: Refusal) -> None:
    """Two of them have bad rows, one has nothing but a bad row; their neighbours are as if alone."""
    good = {f"{n:02}": with_bad(20, {}) for n in range(10)}
    bad = {
        "03-some": (with_bad(20, {1: refusal.bad, 8: in_need_of_repair(refusal.bad), 20: refusal.bad}), {1, 8, 20}),
        "07-only": (with_bad(1, {1: refusal.bad}), {1}),
    }
    files = {key: (data, set[int]()) for key, data in good.items()} | bad
    ready(scene, refusal.sql, {key: data for key, (data, _) in files.items()})
    done = scene.ingestor("once", "--json")
    assert done.code == 0, done
    assert json.loads(done.stdout)["lines_rejected"] == 4
    assert_quarantined(scene, files, refusal.words)


@pytest.mark.parametrize("constraint", ["", "DEFERRABLE INITIALLY DEFERRED"])
def test_of_equal_rows_one_lands(scene: Scene, constraint: str) -> None:
    """The first of them where they are alike all along; of a file that comes later, none."""
    scene.migrate_and_put({"a": with_bad(1000, {n: {"documentCount": 7} for n in (100, 101, 900)})})
    scene.database.execute(f"ALTER TABLE log ADD CONSTRAINT one_of_each UNIQUE (document_count) {constraint}")
    assert scene.ingestor("once").code == 0
    scene.bucket.put("b", with_bad(10, {5: {"documentCount": 7}}))
    assert scene.ingestor("once").code == 0
    files = {
        "a": (with_bad(1000, {n: {"documentCount": 7} for n in (100, 101, 900)}), {101, 900}),
        "b": (with_bad(10, {5: {"documentCount": 7}}), {5}),
    }
    assert_quarantined(scene, files, UNIQUE_WORDS)


def test_half_of_the_rows(scene: Scene) -> None:
    check = REFUSALS[0]
    numbers = {n for n in range(1, 5001) if n % 2 == 0}
    data = with_bad(5000, {n: check.bad for n in numbers})
    ready(scene, check.sql + ";" + COUNT_COPIES, {"half": data})
    done = scene.ingestor("once")
    assert done.code == 0, done
    # Where halves are of no use, not even two for each row; the rest is a millisecond for each.
    assert scene.database.value("SELECT last_value FROM copies") < 2 * 5000
    assert_quarantined(scene, {"half": (data, numbers)}, check.words)


def test_refused_lines_beside_rejected_ones_and_more_than_a_buffer_of_them(scene: Scene) -> None:
    """The rejected lines fill their own buffer of 1 MiB several times in the middle of the search."""
    check = REFUSALS[0]
    numbers = {n for n in range(1, 601) if n % 3 == 0}
    data = with_bad(600, {n: check.bad | {"more": "y" * 20_000} for n in numbers}) + b"not json\n"
    ready(scene, check.sql, {"a": objects.zipped(data)})
    done = scene.ingestor.having(INGESTOR_DB_POOL_SIZE="1")("once", "--json")
    assert done.code == 0, done
    assert json.loads(done.stdout)["lines_rejected"] == 201
    assert scene.database.row("SELECT count(*), sum(length(raw)) FROM rejected_line WHERE reason ~ '^refused_by_'") == (
        200, sum(len(content) for n, _, content in lines_of(data) if n in numbers),
    )  # fmt: skip
    assert scene.database.value("SELECT line FROM rejected_line WHERE reason ~ '^not_json'") == 601
    assert_landed(scene.database, landed_of(scene, {"a": (data, numbers | {601})}))


def test_every_row_refused(scene: Scene) -> None:
    check = REFUSALS[0]
    data = with_bad(50, {n: check.bad for n in range(1, 51)})
    ready(scene, check.sql, {"a": data})
    assert scene.ingestor("once").code == 0
    assert_quarantined(scene, {"a": (data, set(range(1, 51)))}, check.words)


def test_a_raw_line_is_cut(scene: Scene) -> None:
    data = with_bad(3, {2: REFUSALS[0].bad | {"more": "z" * 100_000}})
    ready(scene, REFUSALS[0].sql, {"a": data})
    assert scene.ingestor("once").code == 0
    number, raw = scene.database.row("SELECT line, raw FROM rejected_line")
    assert (number, bytes(raw)) == (2, [content for _, _, content in lines_of(data)][1][: 64 * 1024])


@pytest.mark.parametrize(("limit", "status"), [("20%", "completed"), ("19%", "failed")])
def test_refused_rows_count_for_the_reject_limit(scene: Scene, limit: str, status: str) -> None:
    check = REFUSALS[0]
    data = with_bad(9, {3: check.bad}) + b"not json\n"
    ready(scene, check.sql, {"a": data, "neighbour": with_bad(9, {})})
    done = scene.ingestor.having(INGESTOR_REJECT_LIMIT=limit)("once")
    assert done.code == (0 if status == "completed" else 1), done
    file = scene.database.file("a")
    assert file["status"] == status
    assert scene.database.file("neighbour")["rows_written"] == 9
    if status == "completed":
        assert scene.database.count("rejected_line") == 2
        return
    assert file["attempts"] == 1 and scene.database.count("rejected_line") == 0
    assert file["metadata"]["stage"] == "write"
    assert re.match(
        r"2 of 10 lines were rejected, 1 of them by the database, more than INGESTOR_REJECT_LIMIT allows; "
        r'its last words: .*"no_port_zero" \(23514\)', file["metadata"]["error"],
    ), file  # fmt: skip
    assert scene.database.count("log") == 9


def test_the_metric_has_the_code(scene: Scene) -> None:
    ready(scene, REFUSALS[0].sql, {"a": with_bad(10, {3: REFUSALS[0].bad})})
    port = free_port()
    with scene.ingestor.having(INGESTOR_HTTP_LISTEN=f"127.0.0.1:{port}").running() as service:
        service.wait_until("the file is there", lambda: scene.database.is_completed("a"))
        metric = 'ingestor_lines_rejected_total{reason="refused_by_database"} 1'
        service.wait_until(
            "it is counted", lambda: metric in urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
        )
        assert service.stop().code == 0


@pytest.mark.parametrize("lines", [20, LARGE_LINES], ids=["small", "large"])
def test_a_trigger_that_swallows_rows_is_named(scene: Scene, lines: int) -> None:
    scene.migrate_and_put({"a": objects.stored(with_bad(lines, {5: {"msg": "swallow"}})), "b": with_bad(20, {})})
    scene.database.execute(
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.message = 'swallow' THEN RETURN NULL; END IF; RETURN NEW; END $$;"
        'CREATE TRIGGER "Swallows some" BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION swallow();'
        "CREATE TRIGGER innocent_1 AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION swallow();"
        "CREATE TRIGGER innocent_2 BEFORE UPDATE ON log FOR EACH ROW EXECUTE FUNCTION swallow();"
        "CREATE TRIGGER innocent_3 BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION swallow();"
        "ALTER TABLE log DISABLE TRIGGER innocent_3"
    )
    done = scene.ingestor("once")
    assert done.code == 1, done
    file = scene.database.file("a")
    assert (file["status"], file["attempts"], file["metadata"]["stage"]) == ("failed", 1, "write")
    assert re.fullmatch(
        r'the database kept \d+ of \d+ rows of log: rows are dropped by a BEFORE INSERT trigger: "Swallows some" on log',
        file["metadata"]["error"],
    ), file
    assert_landed(scene.database, landed_of(scene, {"b": (with_bad(20, {}), set())}))


def test_a_trigger_on_a_partition_is_named_and_one_on_rejected_line(scene: Scene) -> None:
    scene.migrate_and_put({"a": with_bad(5, {})})
    scene.database.execute(
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
        "ALTER TABLE log RENAME TO old_log;"
        "CREATE TABLE log (LIKE old_log INCLUDING ALL) PARTITION BY RANGE (timestamp);"
        "CREATE TABLE log_all PARTITION OF log DEFAULT; GRANT ALL ON log, log_all TO PUBLIC;"
        "CREATE TRIGGER swallows BEFORE INSERT ON log_all FOR EACH ROW EXECUTE FUNCTION swallow()"
    )
    assert scene.ingestor("once").code == 1
    assert scene.database.file("a")["metadata"]["error"].endswith(": swallows on log_all")
    scene.database.execute(
        "DROP TRIGGER swallows ON log_all;"
        "CREATE TRIGGER swallows BEFORE INSERT ON rejected_line FOR EACH ROW EXECUTE FUNCTION swallow()"
    )
    scene.bucket.put("b", with_bad(5, {}) + b"not json\n")
    assert scene.ingestor("once").code == 1
    assert scene.database.file("b")["metadata"]["error"] == (
        "the database kept 0 of 1 rows of rejected_line: "
        "rows are dropped by a BEFORE INSERT trigger: swallows on rejected_line"
    )


def bug_log_of(done: Finished) -> dict:
    return next(entry for entry in map(json.loads, done.stderr.splitlines()) if "bug of Ingestor" in str(entry))


@pytest.mark.parametrize("bad_lines", [1, LARGE_LINES], ids=["in a group", "alone"])
def test_what_the_server_could_not_read_is_a_bug_and_uses_no_attempt(scene: Scene, bad_lines: int) -> None:
    good = {f"{n}": with_bad(20, {}) for n in range(3)}
    scene.migrate_and_put(good | {"1-bad": objects.stored(with_bad(bad_lines, {bad_lines: {"pid": -1}}))})
    scene.database.execute(
        raising("NEW.pid < 0", "ERRCODE = 'XX000'")
        + "CREATE TRIGGER refuse BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    done = scene.ingestor.having(NODE_ENV="production")("once")
    assert done.code == 1, done
    file = scene.database.file("1-bad")
    assert (file["status"], file["attempts"], file["next_attempt_at"]) == ("failed", 0, None)
    assert (file["rows_written"], file["lines_rejected"], file["metadata"]["attempt"]) == (0, 0, 0)
    assert "which is a bug of Ingestor: row -1 is not for us (XX000)" in file["metadata"]["error"]
    assert_landed(scene.database, landed_of(scene, {key: (data, set()) for key, data in good.items()}))
    assert scene.database.value("SELECT sum(attempts) FROM processed_file") == 0
    told = bug_log_of(done)
    assert told["attempt"] == 0 and "next_attempt_in_seconds" not in told, told

    again = scene.ingestor("once")
    assert again.code == 0, again
    assert scene.database.changes("1-bad") == ["pending", "processing", "failed"]


@pytest.mark.parametrize("sqlstate", ["42P01", "0A000", "53100", "40001", "57014", "25006"])
def test_the_statements_own_errors_are_not_searched_for_a_row(scene: Scene, sqlstate: str) -> None:
    """Not even in the middle of a search that another row had begun: the file goes back, and no attempt is used."""
    scene.migrate_and_put({"a": with_bad(100, {10: {"pid": -1}, 60: {"pid": -2}})})
    scene.database.execute(
        COUNT_COPIES
        + ";CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.pid = -1 THEN RAISE 'this row' USING ERRCODE = 'P0001'; END IF;"
        f"IF NEW.pid = -2 THEN RAISE 'all of it' USING ERRCODE = '{sqlstate}'; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    with scene.ingestor.running() as service:
        service.wait_until(
            "it was given back", lambda: scene.database.changes("a")[:3] == ["pending", "processing", "pending"]
        )
        copies = scene.database.value("SELECT last_value FROM copies")
        scene.database.execute("DROP TRIGGER refuse ON log")
        service.wait_until("the file is there", lambda: scene.database.is_completed("a"))
        assert service.stop().code == 0
    # The fast attempt, and with care all, the left half, and its parts: never a half behind -2.
    assert 1 < copies <= 2 * (2 + 2 * 7)
    assert scene.database.file("a")["attempts"] == 0
    assert scene.database.count("rejected_line") == 0
    assert scene.database.count("log") == 100


def test_a_rejected_line_that_is_refused_itself_fails_its_file(scene: Scene) -> None:
    scene.migrate_and_put({"a": with_bad(20, {3: REFUSALS[0].bad}), "b": with_bad(20, {})})
    scene.database.execute(
        REFUSALS[0].sql + ";ALTER TABLE rejected_line ADD CONSTRAINT nothing_here CHECK (line = 0)"
    )
    assert scene.ingestor("once").code == 1
    file = scene.database.file("a")
    assert (file["status"], file["attempts"]) == ("failed", 1)
    assert "nothing_here" in file["metadata"]["error"]
    assert scene.database.file("b")["status"] == "completed"
    assert scene.database.count("log") == 20


def test_what_still_fails_at_commit_is_the_files_failure(scene: Scene) -> None:
    """A trigger that makes its own constraint deferred again, so that no care shows its row in COPY."""
    scene.migrate_and_put({"a": with_bad(20, {3: {"pid": -1}}), "b": with_bad(20, {})})
    scene.database.execute(
        raising("NEW.pid < 0")
        + "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse();"
        "CREATE FUNCTION defer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "SET CONSTRAINTS ALL DEFERRED; RETURN NULL; END $$;"
        "CREATE TRIGGER defer BEFORE INSERT ON log FOR EACH STATEMENT EXECUTE FUNCTION defer()"
    )
    assert scene.ingestor("once").code == 1
    file = scene.database.file("a")
    assert (file["status"], file["attempts"]) == ("failed", 1)
    assert "row -1 is not for us" in file["metadata"]["error"]
    assert scene.database.file("b")["status"] == "completed"
    assert scene.database.count("log") == 20
