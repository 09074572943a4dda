"""An S3 that works in part: what concerns one object is that object's failure, what concerns all is waited for, and
neither is tried again at full speed."""

import time
from collections.abc import Callable, Iterator

import pytest
from support import objects
from support.database import Cluster, Database
from support.ingestor import Ingestor
from support.scripted_s3 import ScriptedS3, error, scripted_s3
from support.waiting import wait_until

LINES = {f"{n}": objects.json_lines(20, first=20 * n) for n in range(5)}
LARGE = "0-large"  # the first in the queue, and too large for a group


@pytest.fixture
def database(postgres: Cluster) -> Iterator[Database]:
    with postgres.fresh_database() as made:
        yield made


@pytest.fixture
def s3() -> ScriptedS3:
    return ScriptedS3(dict(LINES))


@pytest.fixture
def ingestor(database: Database, s3: ScriptedS3, new_folder: Callable) -> Iterator[Ingestor]:
    folder = new_folder()
    with scripted_s3(s3) as environment:
        environment |= Ingestor.bare_environment(folder) | {"DATABASE_URL": database.url}
        yield Ingestor(environment, folder)


def test_the_scripted_server_is_an_s3(ingestor: Ingestor, database: Database, s3: ScriptedS3) -> None:
    s3.page_size = 2
    done = ingestor("once")
    assert done.code == 0, done
    assert database.is_completed(*LINES)
    assert database.count("log") == 100


def test_an_object_that_is_never_the_listed_version_fails(
    ingestor: Ingestor, database: Database, s3: ScriptedS3
) -> None:
    s3.answer_get = lambda key, n: error(412, "PreconditionFailed") if key == "3" else None
    done = ingestor("once")
    assert done.code == 1, done
    assert database.statuses() == dict.fromkeys(LINES, "completed") | {"3": "failed"}
    file = database.file("3")
    assert (file["attempts"], file["metadata"]["stage"]) == (1, "fetch")
    assert "still shows" in file["metadata"]["error"]
    assert s3.gets["3"] == 1


def test_an_object_that_changed_since_it_was_listed_is_read_as_it_is_now(
    ingestor: Ingestor, database: Database, s3: ScriptedS3
) -> None:
    changed = objects.json_lines(7)

    def overwrite(key: str, n: int) -> object:
        if key != "3" or n > 1:
            return None
        s3.objects["3"] = changed
        return error(412, "PreconditionFailed")

    s3.answer_get = overwrite
    done = ingestor("once")
    assert done.code == 0, done
    assert database.is_completed(*LINES)
    assert (database.file("3")["etag"], database.file("3")["rows_written"]) == (s3.etag("3"), 7)
    assert database.changes("3") == ["pending", "processing", "pending", "processing", "completed"]


def test_a_refusal_of_one_object_is_its_failure(ingestor: Ingestor, database: Database, s3: ScriptedS3) -> None:
    s3.answer_get = lambda key, n: error(400, "InvalidRequest") if key == "3" else None
    done = ingestor("once")
    assert done.code == 1, done
    assert database.statuses() == dict.fromkeys(LINES, "completed") | {"3": "failed"}
    assert "InvalidRequest" in database.file("3")["metadata"]["error"]


def test_one_object_that_s3_cannot_read_holds_up_no_other(
    ingestor: Ingestor, database: Database, s3: ScriptedS3
) -> None:
    """S3's own failure says nothing about the object, so it loses no attempt; the others go first from then on."""
    s3.objects[LARGE] = objects.json_lines(60_000)
    s3.answer_get = lambda key, n: error(500, "InternalError") if key == LARGE else None
    with ingestor.having(INGESTOR_DB_POOL_SIZE="1", INGESTOR_HTTP_LISTEN="off").running() as service:
        service.wait_until(
            "the others are completed",
            lambda: list(database.statuses().values()).count("completed") == len(LINES),
        )
        assert service.stop().code == 0
    assert (database.file(LARGE)["status"], database.file(LARGE)["attempts"]) == ("pending", 0)


def test_when_no_object_can_be_read_requests_slow_down(
    ingestor: Ingestor, database: Database, s3: ScriptedS3
) -> None:
    s3.answer_get = lambda key, n: error(503, "SlowDown")
    with ingestor.having(INGESTOR_HTTP_LISTEN="off").running() as service:
        service.wait_until("S3 is in trouble", lambda: "trouble began" in service.output())
        time.sleep(6)
        assert sum(s3.gets.values()) < 150, s3.gets
        assert service.output().count("trouble began") == 1, service.output()
        assert "trouble ended" not in service.output(), "that the bucket can be listed ends nothing"
        s3.answer_get = lambda key, n: None
        service.wait_until("all is completed", lambda: database.is_completed(*LINES))
        done = service.stop()
    assert done.code == 0
    assert done.stderr.count("trouble ended") == 1, done
    assert database.value("SELECT sum(attempts) FROM processed_file") == 0


def test_a_continuation_token_that_expired_starts_the_listing_over(
    ingestor: Ingestor, database: Database, s3: ScriptedS3
) -> None:
    s3.page_size = 2
    s3.answer_list = lambda token, n: error(400, "InvalidArgument") if token and n < 3 else None
    done = ingestor("once")
    assert done.code == 0, done
    assert database.is_completed(*LINES)


def test_a_database_that_refuses_rows_is_in_trouble_until_it_takes_them(
    ingestor: Ingestor, database: Database
) -> None:
    done = ingestor("migrate")
    assert done.code == 0, done
    database.execute("ALTER TABLE log OWNER TO CURRENT_USER")
    with ingestor.having(INGESTOR_HTTP_LISTEN="off").running() as service:
        service.wait_until("the database is in trouble", lambda: "trouble began" in service.output())
        time.sleep(5)
        assert service.output().count("trouble began") == 1, service.output()
        assert "trouble ended" not in service.output()
        assert database.transactions("pending -> processing") < 20
        database.execute("GRANT ALL ON log TO PUBLIC")
        wait_until("all is completed", lambda: database.is_completed(*LINES))
        assert service.stop().code == 0
    assert database.value("SELECT sum(attempts) FROM processed_file") == 0
