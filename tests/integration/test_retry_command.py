"""`ingestor retry`: which files go back to the queue, how, and what it says about it."""

from functools import cache

import pytest
from support import objects
from support.exactly_once import assert_all_completed
from support.ingestor import Finished, Ingestor
from support.scene import Scene

BAD = objects.truncated(objects.json_lines(500))
PAGE = 5_000  # ledger::retry_rows_max: rows of the ledger that one statement looks at
FIGURES = ("rows_written", "lines_rejected", "first_timestamp", "last_timestamp")

HOSTILE_KEYS = (
    "a", "b", "ab", "abc", "A", "AB", "aé", "é", "e\u0301", "日本語/🙂.gz", "🙂", "-", "--", "a-c", "]", "[", "[]",
    "[a]", "[abc]", "[!a]", "!", "^", "^a$", "$", "a.c", "axc", "a/c", "a\\c", "\\", "\\\\", "\\d", "*", "**", "?",
    "a*c", "a?c", "a+", "aa", "(a)", "(a|b)", "a|b", "{1}", "a{2}", "%", "a%c", "_", "a_c", "'", "''; --", '"', "`",
    "#", "a b", " ", "a\nc", "\n", "a\tc", "\x01\x1b[31m\x7f", "***:a", "(?i)a", "\\y", "~", "&<>", "$1", "@,;:=",
    "logs/2026/01/x.gz", "logs/2026/02/y.gz", "logs/2026.gz", "logs", "z" * 1024,
)  # fmt: skip

GLOBS = (
    "*", "**", "?", "??", "???", "*?", "a", "A", "a*", "*c", "a*c", "a?c", "a.c", "a\\*c", "a\\?c", "[abc]", "[a-c]",
    "[!a-c]", "[!a]*", "*[!a-zA-Z]", "[]]", "[!]]", "[]a[]", "[[]*", "[-a]", "[a-]*", "[\\]\\\\]", "[^a]*", "[!^]",
    "[%_]", "%", "_", "a_c", "\\[a\\]", "[[]a]", "\\\\", "\\\\*", "(a|b)", "a|b", "a+", "a{2}", "^a$", "*\n*", "?\n?",
    "[\n]", "é", "?é", "[à-ü]", "🙂", "*🙂*", "logs/*.gz", "logs/*/0[12]/?.gz", "logs", "*[\x01-\x1f]*", "'", "*'*",
    "***:a", "(?i)a", "[[:alpha:]]", "[[.a.]]*", "\\a\\b\\c", "\\d", "z*z*z*z*z*z*z*z*z*z*a", "*" + "[!a]" * 150,
    '"a"', '"', "[a,b]", "[[a]]", "-*", "--", "--all",
)  # fmt: skip


def members(text: str) -> tuple[bool, list[tuple[str, str]], str]:
    """A class, taken apart behind its `[`: negated or not, its ranges, and what follows its `]`."""
    negated = text.startswith("!")
    text, ranges = text[negated:], []
    while not ranges or not text.startswith("]"):
        text = text.removeprefix("\\")
        low, text = text[0], text[1:]
        high = low
        if text.startswith("-") and not text.startswith("-]"):
            text = text[1:].removeprefix("\\")
            high, text = text[0], text[1:]
        ranges.append((low, high))
    return negated, ranges, text[1:]


@cache
def matches(glob: str, key: str) -> bool:
    """What a person means by the pattern, tried one character after the other: no expression of anybody's."""
    if not glob:
        return not key
    first, rest = glob[0], glob[1:]
    if first == "*":
        return any(matches(rest.lstrip("*"), key[n:]) for n in range(len(key) + 1))
    if not key:
        return False
    if first == "[":
        negated, ranges, rest = members(rest)
        fits = any(low <= key[0] <= high for low, high in ranges) != negated
    elif first == "\\":
        fits, rest = rest[0] == key[0], rest[1:]
    else:
        fits = first in ("?", key[0])
    return fits and matches(rest, key[1:])


def test_the_expectation_itself() -> None:
    assert matches("a*c", "a/b/c") and not matches("a*c", "a/b/cd")
    assert matches("[!a-c]?", "d\n") and not matches("[!a-c]", "b")
    assert matches("\\*[]x]", "*]") and not matches("\\*", "a")


def retried(scene: Scene, *arguments: str) -> Finished:
    done = scene.ingestor("retry", *arguments)
    assert done.code == 0 and done.stderr == "", done
    return done


@pytest.fixture
def ledger(scene: Scene) -> Scene:
    assert scene.ingestor("migrate").code == 0
    return scene


def pending(scene: Scene) -> set[str]:
    return {key for key, status in scene.database.statuses().items() if status == "pending"}


@pytest.mark.parametrize("collation", ["C", "en-US-x-icu"])
def test_a_glob_means_what_it_says_whatever_the_keys_hold(ledger: Scene, collation: str) -> None:
    database = ledger.database
    database.execute(f'ALTER TABLE processed_file ALTER s3_key TYPE text COLLATE "{collation}"')
    database.put_in_ledger(ledger.bucket.name, HOSTILE_KEYS)
    for glob in GLOBS if collation == "C" else GLOBS[::5]:
        done = retried(ledger, "--key=" + glob)
        wanted = {key for key in HOSTILE_KEYS if matches(glob, key)}
        assert pending(ledger) == wanted, (glob, done)
        said = "nothing to do" if not wanted else f"{len(wanted)} file{'s'[: len(wanted) > 1]} will be tried again\n"
        assert done.stdout.startswith(said), (glob, done)
        database.execute_as_nobody_watches("UPDATE processed_file SET status = 'failed'")


def test_every_key_can_be_named(ledger: Scene) -> None:
    """With a backslash before each character, a key is a pattern of itself alone."""
    database = ledger.database
    database.put_in_ledger(ledger.bucket.name, HOSTILE_KEYS)
    for n, key in enumerate(HOSTILE_KEYS, 1):
        retried(ledger, "--key", "".join("\\" + c for c in key))
        assert pending(ledger) == set(HOSTILE_KEYS[:n]), key


@pytest.mark.parametrize("part", ["[!a]", "?", "*z", "*?", "[a-z]", "[à-ü]*", "*[!\U00010000-\U0010ffff]", "\\z"])
def test_the_longest_patterns_are_not_too_much_for_the_server(ledger: Scene, part: str) -> None:
    keys = ["z" * n for n in range(1, 1025)]
    ledger.database.put_in_ledger(ledger.bucket.name, keys)
    count = 2048 // len(part.encode())
    retried(ledger, "--key", part * count)
    fits = {key for key in keys if part != "[à-ü]*" and (len(key) == count or len(key) > count and "*" in part)}
    assert {len(key) for key in pending(ledger)} == {len(key) for key in fits}


@pytest.mark.parametrize(
    ("glob", "words"),
    [("[abc", "no ]"), ("a\\", "escapes nothing"), ("[z-a]", "backwards"), ("", "empty"), ("x" * 2049, "2048")],
)
def test_a_broken_pattern(ledger: Scene, glob: str, words: str) -> None:
    ledger.database.put_in_ledger(ledger.bucket.name, ["a"])
    done = ledger.ingestor("retry", "--key", glob)
    assert done.code == 2, done
    assert done.stdout == "" and len(done.stderr.splitlines()) == 1 and words in done.stderr, done
    assert pending(ledger) == set()


def test_all_mistakes_are_told_at_once(ledger: Scene) -> None:
    done = ledger.ingestor.having(AWS_S3_BUCKET=None, DATABASE_URL="nonsense")("retry", "--key", "[")
    assert done.code == 2, done
    for what in ("--key", "DATABASE_URL", "AWS_S3_BUCKET"):
        assert any(what in line for line in done.stderr.splitlines()), done


def test_which_it_wants_is_said(bare_ingestor: Ingestor) -> None:
    neither = bare_ingestor("retry", "--reingest")
    assert neither.code == 2 and "either --key GLOB or --all;" in neither.stderr, neither
    both = bare_ingestor("retry", "--key", "a", "--all")
    assert both.code == 2 and "not both" in both.stderr, both


def test_a_failed_file_begins_anew(ledger: Scene) -> None:
    database = ledger.database
    database.put_in_ledger(ledger.bucket.name, ["a"])
    done = retried(ledger, "--all")
    assert done.stdout == "1 file will be tried again\n", done
    file = database.file("a")
    assert (file["status"], file["attempts"], file["lease_expiries"]) == ("pending", 0, 0)
    assert file["next_attempt_at"] is None
    assert database.value("SELECT now() - queued_at < interval '1 minute' FROM processed_file")
    assert retried(ledger, "--all").stdout.startswith("nothing to do: no failed file of s3://")


def test_what_is_not_wanted_stays_as_it_is(ledger: Scene) -> None:
    database, bucket = ledger.database, ledger.bucket.name
    for status in ("pending", "completed", "processing"):
        database.put_in_ledger(bucket, [f"in/{status}"], status)
    database.put_in_ledger(bucket, ["in/failed", "in", "IN/failed", "i%/failed", "other/in/failed"])
    database.put_in_ledger("another-bucket", ["in/failed"])
    others = "SELECT * FROM processed_file WHERE (bucket, s3_key) <> (%s, 'in/failed') ORDER BY id"
    before = database.rows(others, bucket)
    ledger.ingestor = ledger.ingestor.having(AWS_S3_KEY="in/")
    done = retried(ledger, "--all")
    assert done.stdout == (
        "1 file will be tried again\n1 file is being processed at this moment and was left alone\n"
    ), done
    assert database.rows(others, bucket) == before
    wanted = "SELECT status FROM processed_file WHERE bucket = %s AND s3_key = 'in/failed'"
    assert database.value(wanted, bucket) == "pending"


def test_a_locked_row_is_not_waited_for(ledger: Scene) -> None:
    database = ledger.database
    database.put_in_ledger(ledger.bucket.name, ["a", "b", "c"])
    with database.connect() as other, other.transaction():
        other.execute("SELECT FROM processed_file WHERE s3_key IN ('a', 'b') FOR UPDATE")
        done = retried(ledger, "--all")
    assert done.stdout == (
        "1 file will be tried again\n2 files are being processed at this moment and were left alone\n"
    ), done
    assert pending(ledger) == {"c"}


def test_reingest_takes_completed_files_too_and_keeps_what_is_known_of_their_rows(scene: Scene) -> None:
    scene.bucket.put_all({"a": objects.json_lines(3) + b"no json\n", "b": objects.json_lines(4), "bad": BAD})
    assert scene.ingestor("once").code == 1
    before = scene.database.file("a")
    assert retried(scene, "--key", "[ab]").stdout.startswith("nothing to do: no failed file of")
    done = retried(scene, "--all", "--reingest")
    assert done.stdout == (
        "1 file will be tried again\n2 files will be loaded again, their rows replaced\n"
    ), done
    assert pending(scene) == {"a", "b", "bad"}
    after = scene.database.file("a")
    assert {name: after[name] for name in FIGURES} == {name: before[name] for name in FIGURES}
    assert after["rows_written"] == 3 and after["lines_rejected"] == 1
    again = retried(scene, "--all", "--reingest")
    assert again.stdout == f"nothing to do: no failed or completed file of s3://{scene.bucket.name}/ matches\n"


def test_reingest_replaces_the_rows(scene: Scene) -> None:
    """Loaded again from the same objects, everything is there once, as before."""
    lines = {f"{n}": n + 1 for n in range(5)}
    scene.bucket.put_all({key: objects.json_lines(count) + b"no json\n" for key, count in lines.items()})
    assert scene.ingestor("once").code == 0
    rows = scene.database.rows("SELECT * FROM log ORDER BY id")
    scene.database.execute("UPDATE log SET message = 'as an older version saw it'")
    retried(scene, "--key", "[0-3]", "--reingest")
    done = scene.ingestor("once")
    assert done.code == 0, done
    assert_all_completed(scene.database, lines)
    assert scene.database.count("rejected_line") == 5
    again = scene.database.rows("SELECT * FROM log ORDER BY id")
    assert len(again) == len(rows) and sum(row in rows for row in again) == len(rows) - lines["4"]


def test_many_files_go_in_several_statements(ledger: Scene) -> None:
    database = ledger.database
    keys = [f"{n:05}" for n in range(2 * PAGE + 1)]
    database.put_in_ledger(ledger.bucket.name, keys)
    database.put_in_ledger(ledger.bucket.name, ["done"], "completed")
    done = retried(ledger, "--key", "0*")
    assert done.stdout == "10,000 files will be tried again\n", done
    assert len(pending(ledger)) == 10_000
    assert database.transactions("failed -> pending") == 2
    assert database.value("SELECT max(n) FROM (SELECT count(*) n FROM judge.transition GROUP BY xact) each") == PAGE


def test_needs_no_s3_and_none_of_its_keys(ledger: Scene) -> None:
    ledger.database.put_in_ledger(ledger.bucket.name, ["a"])
    ledger.ingestor = ledger.ingestor.having(
        AWS_ENDPOINT=None, AWS_REGION=None, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None
    )
    retried(ledger, "--all")
    assert pending(ledger) == {"a"}


@pytest.mark.parametrize("migrate", ["on", "off"])
def test_without_the_schema(scene: Scene, migrate: str) -> None:
    done = scene.ingestor.having(INGESTOR_MIGRATE=migrate)("retry", "--all")
    assert done.code == 3, done
    assert done.stderr == "ingestor: the database has no schema of Ingestor's; run `ingestor migrate`\n", done
    assert not scene.database.has_table("processed_file")


def test_with_an_older_schema(ledger: Scene) -> None:
    ledger.database.execute("DELETE FROM ingestor_migration WHERE version > 1")
    done = ledger.ingestor("retry", "--all")
    assert done.code == 3, done
    assert "at version 1" in done.stderr and done.stderr.endswith("; run `ingestor migrate`\n"), done


def test_a_database_that_refuses_to_write(ledger: Scene) -> None:
    """Part of it done, part of it not: both are said, and another run does the rest."""
    database = ledger.database
    keys = [f"{n:05}" for n in range(PAGE + 1)]
    database.put_in_ledger(ledger.bucket.name, keys)
    database.execute(
        f"ALTER TABLE processed_file ADD CONSTRAINT refused CHECK (s3_key <> '{keys[-1]}' OR status <> 'pending')"
    )
    done = ledger.ingestor("retry", "--all")
    assert (done.code, done.stdout) == (3, ""), done
    assert len(done.stderr.splitlines()) == 1 and "5,000 files had been queued before that" in done.stderr, done
    database.execute("ALTER TABLE processed_file DROP CONSTRAINT refused")
    assert retried(ledger, "--all").stdout == "1 file will be tried again\n"


def test_a_service_tries_again_what_it_had_given_up(scene: Scene) -> None:
    scene.bucket.put("bad.gz", BAD)
    ingestor = scene.ingestor.having(INGESTOR_MAX_ATTEMPTS="1", INGESTOR_POLL_INTERVAL="500ms")
    with ingestor.running() as service:
        service.wait_until("it has failed for good", lambda: scene.database.has_attempted("bad.gz", 1))
        retried(scene, "--key", "bad.*")
        service.wait_until(
            "it has been tried again",
            lambda: scene.database.changes("bad.gz") == ["pending", "processing", "failed"] * 2,
        )
        assert service.stop().code == 0
    assert scene.database.file("bad.gz")["attempts"] == 1
