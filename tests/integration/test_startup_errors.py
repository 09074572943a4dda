"""What cannot be reached or refuses the login: one line, exit 3, nothing written."""

import socket
from collections.abc import Iterator

import pytest
from support import objects
from support.database import Cluster, edit_url
from support.ingestor import Finished, Ingestor, free_port
from support.scene import Scene
from support.store import Store

SOON = 60.0  # seconds: an error at the start is not waited out


@pytest.fixture
def quiet(scene: Scene) -> Ingestor:
    """One object waits; only errors are logged, so that stderr holds the error and nothing else."""
    scene.bucket.put("a.ndjson", objects.json_lines(3))
    return scene.ingestor.having(LOG_LEVEL="error")


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def assert_one_line(done: Finished, code: int, *names: str) -> None:
    assert done.code == code, done
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done
    for name in names:
        assert name in lines[0], done
    assert done.seconds < SOON, done


def assert_nothing_written(scene: Scene) -> None:
    assert scene.database.count("log") == 0
    assert scene.database.count("processed_file") == 0


@pytest.mark.parametrize("command", ["once", "run", "migrate", "status"])
def test_database_that_nobody_serves(scene: Scene, quiet: Ingestor, command: str) -> None:
    port = free_port()
    done = quiet.having(DATABASE_URL=edit_url(scene.database.url, port=port))(command)
    assert_one_line(done, 3, str(port))


def test_database_that_says_nothing(scene: Scene, quiet: Ingestor, silent_port: int) -> None:
    done = quiet.having(DATABASE_URL=edit_url(scene.database.url, port=silent_port, connect_timeout="2"))(
        "once"
    )
    assert_one_line(done, 3, str(silent_port))


def test_database_host_that_does_not_resolve(scene: Scene, quiet: Ingestor) -> None:
    done = quiet.having(DATABASE_URL=edit_url(scene.database.url, host="no-such-host.invalid"))("once")
    assert_one_line(done, 3, "no-such-host.invalid")


@pytest.mark.parametrize("command", ["once", "run", "migrate", "status"])
def test_wrong_password(scene: Scene, quiet: Ingestor, postgres: Cluster, command: str) -> None:
    done = quiet.having(DATABASE_URL=edit_url(scene.database.url, password="not-the-password-0815"))(command)
    assert_one_line(done, 3, postgres.role)
    assert_nothing_written(scene)


def test_database_that_does_not_exist(scene: Scene, quiet: Ingestor) -> None:
    assert_one_line(
        quiet.having(DATABASE_URL=edit_url(scene.database.url, database="nowhere"))("once"), 3, "nowhere"
    )


@pytest.mark.parametrize("server", ["localstack", "minio"])
def test_missing_bucket(scene: Scene, quiet: Ingestor, request: pytest.FixtureRequest, server: str) -> None:
    store: Store = request.getfixturevalue(server)
    done = quiet.having(**store.environment(), AWS_S3_BUCKET="no-such-bucket-here")("once")
    assert_one_line(done, 3, "no-such-bucket-here")
    assert_nothing_written(scene)


@pytest.mark.parametrize("variable", ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"])
def test_wrong_s3_credentials(scene: Scene, quiet: Ingestor, minio: Store, variable: str) -> None:
    done = quiet.having(**minio.environment() | {variable: "not-the-right-one-0815"})("once")
    assert_one_line(done, 3)
    assert_nothing_written(scene)


def test_s3_that_nobody_serves(scene: Scene, quiet: Ingestor) -> None:
    port = free_port()
    done = quiet.having(AWS_ENDPOINT=f"http://127.0.0.1:{port}")("once")
    assert_one_line(done, 3, str(port))
    assert_nothing_written(scene)


def test_no_s3_credentials_at_all(scene: Scene, quiet: Ingestor) -> None:
    done = quiet.having(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)("once")
    places = ("environment", "web identity", "profile", "container", "instance metadata")
    assert_one_line(done, 3, *(f"{place}: " for place in places))
    assert_nothing_written(scene)


@pytest.mark.parametrize("missing", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_half_a_pair_of_keys(scene: Scene, quiet: Ingestor, missing: str) -> None:
    assert_one_line(quiet.having(**{missing: None})("once"), 2, missing)


def test_with_the_mistakes_gone_the_same_object_lands(scene: Scene, quiet: Ingestor) -> None:
    """So that `nothing written` above means something."""
    assert quiet("once").code == 0
    assert scene.database.count("log") == 3


@pytest.mark.parametrize("which", ["AWS_CA_BUNDLE", "sslrootcert"])
def test_a_file_of_certificates_that_is_not_there(scene: Scene, quiet: Ingestor, which: str) -> None:
    """That is a mistake of the settings, whatever the servers say."""
    missing = "/no/such/file.pem"
    changes = {
        "AWS_CA_BUNDLE": {"AWS_CA_BUNDLE": missing, "AWS_ENDPOINT": f"https://127.0.0.1:{free_port()}"},
        "sslrootcert": {
            "DATABASE_URL": edit_url(scene.database.url, sslmode="verify-full", sslrootcert=missing)
        },
    }
    assert_one_line(quiet.having(**changes[which])("once"), 2, which, missing)


def test_a_role_that_may_not_create_tables(scene: Scene, quiet: Ingestor, postgres: Cluster) -> None:
    with postgres.fresh_role(scene.database.name) as url:
        assert_one_line(quiet.having(DATABASE_URL=url)("once"), 3, "42501", "grant the role")


def test_a_table_of_that_name_that_is_not_ours(scene: Scene, quiet: Ingestor) -> None:
    scene.database.execute("CREATE TABLE log (line text)")
    scene.database.execute("GRANT ALL ON log TO PUBLIC")
    assert_one_line(quiet("once"), 3, "42P07", "log", "schema of its own")
    assert scene.database.row("SELECT to_regclass('processed_file') IS NULL") == (True,)
