"""`ingestor top` without a terminal, and what it asks of its settings and of the database."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.database import Database, edit_url
from support.ingestor import Ingestor, free_port
from support.places import BINARY
from support.scene import Scene
from support.terminal import on_a_terminal

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@pytest.fixture
def ledger(scene: Scene) -> Scene:
    assert scene.ingestor("migrate").code == 0
    return scene


def fill(scene: Scene) -> None:
    """A fleet of three replicas: one at work, one that died, one that only holds files."""
    database = scene.database
    database.put_in_ledger(scene.bucket.name, ["broken.gz", "hidden"], "failed")
    database.put_in_ledger(scene.bucket.name, ["a", "b"], "processing")
    database.put_in_ledger(scene.bucket.name, ["c"], "pending")
    for session, (name, age) in enumerate((("web-alive", 1), ("web-gone", 60)), 101):
        database.execute(
            "INSERT INTO ingestor_replica (session, name, bucket, key_prefix, version, state, started_at, seen_at, "
            "files_completed, files_failed, rows_written, lines_rejected, bytes_compressed, rows_per_second, "
            "bytes_per_second, fetchers) VALUES (%s, %s, %s, '', '1', 'running', now() - interval '1h', "
            "now() - %s * interval '1 s', 7, 1, 1234, 0, 5, 4321, 2097152, '[]')",
            session, name, scene.bucket.name, age,
        )  # fmt: skip


def test_a_pipe_gets_one_report_in_plain_text(ledger: Scene) -> None:
    fill(ledger)
    done = ledger.ingestor("top")
    assert (done.code, done.stderr) == (0, ""), done
    assert not CONTROL.search(done.stdout), repr(done.stdout)
    assert done.stdout.startswith(f"ingestor top  s3://{ledger.bucket.name}/ in 127.0.0.1:"), done
    assert "1 pending   2 processing   0 completed   2 failed\n" in done.stdout, done
    assert re.search(r"(?m)^web-alive +running +0 +4,321 +2\.0 +7 +1 +59m 59s +1s ", done.stdout), done
    assert re.search(r"(?m)^web-gone +dead +0 +- ", done.stdout), done
    assert re.search(r"(?m)^another +silent +2 +- ", done.stdout), done
    assert re.search(r"(?m)^in \d+[mh] \d+[sm] +5 +decode +\d+ +broken.gz +it is bad$", done.stdout), done


def test_an_empty_ledger(ledger: Scene) -> None:
    done = ledger.ingestor("top", "--once")
    assert (done.code, done.stderr) == (0, ""), done
    assert "UP TO DATE   no replica" in done.stdout and "Failures: none\n" in done.stdout, done


def test_a_report_each_interval_until_it_is_ended(ledger: Scene) -> None:
    with ledger.ingestor.running("top", "--interval", "1s") as top:
        top.wait_until("there are two", lambda: top.output().count("\n\ningestor top ") >= 1)
        ledger.database.put_in_ledger(ledger.bucket.name, ["more"], "failed")
        top.wait_until("what has changed is in the next", lambda: "Failures: 1" in top.output())
        done = top.stop()
    assert (done.code, done.stderr) == (0, ""), done


def test_a_pipe_that_is_full_does_not_keep_it_from_ending(ledger: Scene) -> None:
    ledger.database.put_in_ledger(ledger.bucket.name, ["k" * 1000 + str(n) for n in range(100)], "failed")
    command = [BINARY, "top", "--interval", "1s"]
    with subprocess.Popen(command, env=ledger.ingestor.environment, stdout=subprocess.PIPE) as top:
        assert top.stdout
        assert top.stdout.read(10) == b"ingestor t"
        with pytest.raises(subprocess.TimeoutExpired):
            top.wait(4)  # 20 kB each second, into 64 kB
        top.send_signal(signal.SIGTERM)
        assert top.wait(10) == 0


def test_nobody_reads_any_more(ledger: Scene) -> None:
    """As with other programs, it ends by SIGPIPE."""
    command = f"{BINARY} top --interval 1s | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], env=ledger.ingestor.environment,
                          capture_output=True, text=True, timeout=30)  # fmt: skip
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, ""), done


def test_once_on_a_terminal_is_plain_text(ledger: Scene) -> None:
    shown = on_a_terminal(ledger.ingestor, "top", "--once", columns=40)
    assert shown.code == 0 and "\x1b" not in shown.screen and "UP TO DATE" in shown.screen, shown


@pytest.mark.parametrize("term", ["dumb", "nothing-that-exists", ""])
def test_a_terminal_that_cannot_be_drawn_on(ledger: Scene, term: str) -> None:
    shown = on_a_terminal(ledger.ingestor.having(TERM=term), "top")
    assert shown.code == 0 and "\x1b" not in shown.screen, shown
    why, first, *_ = shown.screen.split("\r\n")
    assert why.startswith("ingestor: ") and "plain text" in why and (term or "TERM") in why, shown
    assert first.startswith("ingestor top  s3://"), shown


def test_without_the_schema(scene: Scene) -> None:
    done, status = scene.ingestor("top"), scene.ingestor("status")
    assert (done.code, done.stdout, done.stderr) == (3, "", status.stderr), done
    shown = on_a_terminal(scene.ingestor, "top")
    assert (shown.code, shown.screen) == (3, status.stderr.replace("\n", "\r\n"))


def test_without_a_database(scene: Scene) -> None:
    url = edit_url(scene.database.url, host="127.0.0.1", port=free_port())
    ingestor = scene.ingestor.having(DATABASE_URL=url)
    shown = on_a_terminal(ingestor, "top")
    assert shown.code == 3 and shown.screen.startswith("ingestor: cannot use the database: "), shown
    assert shown.screen.count("\r\n") == 1 and "\x1b" not in shown.screen, shown


def test_with_wrong_settings(scene: Scene) -> None:
    done = scene.ingestor.having(AWS_S3_BUCKET=None)("top")
    assert done.code == 2 and "AWS_S3_BUCKET" in done.stderr, done


@contextmanager
def reader_of(database: Database, *tables: str) -> Iterator[str]:
    """The URL of a role that may read these tables and nothing else."""
    with database.cluster.fresh_role(database.name) as url:
        reader = url.split("//")[1].split(":")[0]
        database.execute(f'GRANT SELECT ON {", ".join(tables)} TO "{reader}"')
        try:
            yield url
        finally:
            database.execute(f'DROP OWNED BY "{reader}"')


def test_needs_to_read_four_tables_and_nothing_else(ledger: Scene) -> None:
    fill(ledger)
    tables = ("processed_file", "ingestor_migration", "ingestor_replica", "rejected_line")
    with reader_of(ledger.database, *tables) as url:
        done = ledger.ingestor.having(DATABASE_URL=url)("top")
        assert done.code == 0 and "web-alive" in done.stdout, done
    with reader_of(ledger.database, "ingestor_migration") as url:
        done = ledger.ingestor.having(DATABASE_URL=url)("top")
        assert done.code == 3 and "permission denied for table processed_file" in done.stderr, done


def test_reads_in_transactions_that_could_not_write(ledger: Scene) -> None:
    fill(ledger)
    ledger.database.execute(
        "CREATE FUNCTION writes() RETURNS bigint LANGUAGE sql VOLATILE AS "
        "$$ INSERT INTO rejected_line (file_id, line, byte_offset, reason, raw) VALUES (1, 1, 0, '', '') RETURNING 1 $$"
    )
    ledger.database.execute("ALTER TABLE ingestor_replica RENAME TO replicas_as_they_are")
    ledger.database.execute(
        "CREATE VIEW ingestor_replica AS SELECT * FROM replicas_as_they_are WHERE writes() = 1"
    )
    ledger.database.execute("GRANT ALL ON ingestor_replica, replicas_as_they_are TO public")
    done = ledger.ingestor("top")
    assert done.code == 3 and "read-only transaction" in done.stderr, done


def test_what_the_ledger_holds_does_not_steer_the_terminal(ledger: Scene) -> None:
    key = "evil\x1b[31m\n\x07\x9b2J\u2028\u202e"
    ledger.database.put_in_ledger(ledger.bucket.name, [key])
    ledger.database.execute("UPDATE processed_file SET metadata = jsonb_build_object('error', %s::text)", "\x1b[2J\r")
    done = ledger.ingestor("top")
    assert not CONTROL.search(done.stdout), repr(done.stdout)
    assert r"  evil\u001b[31m\n\u0007\u009b2J\u2028\u202e  \u001b[2J\r" in done.stdout, done


def test_help_tells_the_options(bare_ingestor: Ingestor) -> None:
    done = bare_ingestor("top", "--help")
    assert done.code == 0 and "--interval DURATION" in done.stdout and "--once" in done.stdout, done
    assert "NO_COLOR" in done.stdout and "plain text" in done.stdout, done
