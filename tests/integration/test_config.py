"""Configuration: every mistake at once, each by its name; and `config` shows what is in effect."""

import re

import pytest
from support.ingestor import Finished, Ingestor, forbid_secrets

PASSWORD = "s3cr3t-0815-password"
VALID = {
    "DATABASE_URL": f"postgresql://someone:{PASSWORD}@db.example:5433/logs?sslmode=disable",
    "AWS_S3_BUCKET": "a-bucket",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE0815",
    "AWS_SECRET_ACCESS_KEY": "sk-8f1b2c-very-secret",
    "AWS_SESSION_TOKEN": "st-771-also-secret",
    "INGESTOR_HTTP_LISTEN": None,
}

WRONG = {
    "INGESTOR_DB_POOL_SIZE": ("0", "-1", "many", "1.5"),
    "INGESTOR_BATCH_SIZE": ("0", "1001", "-1", "hundred", "1e2"),
    "INGESTOR_POLL_INTERVAL": ("soon", "-5s", "10 parsecs", "s"),
    "INGESTOR_LEASE": ("never", "-1s", "0s"),
    "INGESTOR_MAX_ATTEMPTS": ("-1", "five", "99999999999999999999"),
    "INGESTOR_RETRY_BACKOFF": ("later", "-1s", "99999999999999999999d"),
    "INGESTOR_MAX_LINE": ("long", "-1KiB", "16XiB", "99999999999999999999GiB"),
    "INGESTOR_MAX_OBJECT": ("big", "-1"),
    "INGESTOR_REJECT_LIMIT": ("101%", "-1%", "half"),
    "INGESTOR_ON_OVERWRITE": ("maybe", "REPLACE IT"),
    "INGESTOR_REQUESTER_PAYS": ("true", "maybe"),
    "AWS_USE_DUALSTACK_ENDPOINT": ("on", "1"),
    "AWS_USE_FIPS_ENDPOINT": ("on", "yes"),
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": ("on", "never"),
    "INGESTOR_HTTP_LISTEN": ("nowhere", "127.0.0.1:99999"),
    "INGESTOR_SHUTDOWN_GRACE": ("long", "-1s"),
    "INGESTOR_MIGRATE": ("perhaps",),
    "LOG_LEVEL": ("loud",),
    "DATABASE_URL": (
        "", "not a url", f"mysql://someone:{PASSWORD}@db/logs", f"postgresql://someone:{PASSWORD}@db:99999/logs",
        f"postgresql://someone:{PASSWORD}@db/logs?sslmode=perhaps",
        f"postgresql://someone:{PASSWORD}@db/logs?nonsense=1",
        f"postgresql://someone:{PASSWORD}@db/logs?connect_timeout=soon", f"postgresql://someone:{PASSWORD}%zz@db/logs",
    ),
    "AWS_ENDPOINT": ("ftp://127.0.0.1", "http://", "not a url"),
    "AWS_REGION": ("",),
    "AWS_S3_BUCKET": ("",),
}  # fmt: skip


@pytest.fixture
def configured(bare_ingestor: Ingestor) -> Ingestor:
    return bare_ingestor.having(**VALID)


def assert_refused(done: Finished, *names: str) -> None:
    assert done.code == 2, done
    for name in names:
        assert name in done.stderr, done
    assert done.stdout == "", done
    forbid_secrets(done.stderr, {"PGPASSWORD": PASSWORD})


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_value_is_refused_by_name(configured: Ingestor, name: str, value: str) -> None:
    done = configured.having(**{name: value})("once")
    assert_refused(done, name)
    assert len(done.stderr.strip().splitlines()) == 1, done


@pytest.mark.parametrize("name", ["DATABASE_URL", "AWS_S3_BUCKET", "AWS_REGION"])
@pytest.mark.parametrize("command", ["run", "once"])
def test_a_required_variable_that_is_missing(configured: Ingestor, name: str, command: str) -> None:
    assert_refused(configured.having(**{name: None})(command), name)


@pytest.mark.parametrize("command", ["run", "once", "migrate"])
def test_all_mistakes_at_once(configured: Ingestor, command: str) -> None:
    wrong = {
        "DATABASE_URL": f"mysql://u:{PASSWORD}@h/d",
        "INGESTOR_BATCH_SIZE": "0",
        "INGESTOR_POLL_INTERVAL": "soon",
        "INGESTOR_MAX_LINE": "long",
        "LOG_LEVEL": "loud",
    }
    assert_refused(configured.having(**wrong)(command), *wrong)


def test_nothing_is_set(bare_ingestor: Ingestor) -> None:
    assert_refused(bare_ingestor("once"), "DATABASE_URL", "AWS_S3_BUCKET", "AWS_REGION")


def line_about(done: Finished, name: str) -> str:
    found = re.findall(rf"(?m)^.*\b{name}\b.*$", done.stdout)
    assert len(found) == 1, f"{name} is on {len(found)} lines\n{done}"
    return found[0]


DEFAULTS = {
    "INGESTOR_DB_POOL_SIZE": "4", "INGESTOR_BATCH_SIZE": "100", "INGESTOR_POLL_INTERVAL": "30s",
    "INGESTOR_LEASE": "60s|1m",
    "INGESTOR_MAX_ATTEMPTS": "5", "INGESTOR_RETRY_BACKOFF": "30s", "INGESTOR_MAX_LINE": "16MiB",
    "INGESTOR_MAX_OBJECT": "0",
    "INGESTOR_REJECT_LIMIT": "100%", "INGESTOR_ON_OVERWRITE": "ignore",
    "INGESTOR_REQUESTER_PAYS": "off", "AWS_USE_DUALSTACK_ENDPOINT": "false", "AWS_USE_FIPS_ENDPOINT": "false",
    "INGESTOR_HTTP_LISTEN": "0.0.0.0:8080",
    "INGESTOR_SHUTDOWN_GRACE": "25s", "INGESTOR_CHUNK_INTERVAL": "1d|24h", "INGESTOR_RETENTION": "off",
    "INGESTOR_COMPRESS_AFTER": "off", "INGESTOR_MIGRATE": "on",
}  # fmt: skip


@pytest.mark.parametrize("name", DEFAULTS)
def test_config_shows_a_default(configured: Ingestor, name: str) -> None:
    done = configured("config")
    assert done.code == 0, done
    line = line_about(done, name)
    assert "default" in line, done
    assert any(value in line for value in DEFAULTS[name].split("|")), done


def test_config_shows_what_the_environment_says(configured: Ingestor) -> None:
    done = configured.having(
        INGESTOR_BATCH_SIZE="77", INGESTOR_LEASE="90s", AWS_S3_KEY="some/prefix/", INGESTOR_REPLICA="me"
    )("config")
    assert done.code == 0, done
    for name, value in (
        ("INGESTOR_BATCH_SIZE", "77"),
        ("INGESTOR_LEASE", "90s"),
        ("AWS_S3_BUCKET", "a-bucket"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_S3_KEY", "some/prefix/"),
        ("INGESTOR_REPLICA", "me"),
    ):
        line = line_about(done, name)
        assert value in line and re.search("(?i)env", line) and "default" not in line, done


def test_config_redacts_secrets(configured: Ingestor) -> None:
    done = configured.having(PGPASSWORD="pg-password-4711")(
        "config"
    )  # having run, it was searched for secrets already
    assert done.code == 0, done
    assert "db.example" in line_about(done, "DATABASE_URL") and "logs" in line_about(done, "DATABASE_URL")
    for name in ("DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert name in done.stdout, done


def test_config_of_a_password_with_escapes(bare_ingestor: Ingestor) -> None:
    escaped = "p%40ss%2Fword%3A4711"
    done = bare_ingestor.having(**VALID | {"DATABASE_URL": f"postgresql://u:{escaped}@h/d"})("config")
    assert done.code == 0, done
    for form in (escaped, "p@ss/word:4711"):
        assert form not in done.stdout + done.stderr, "the password was printed"


@pytest.mark.parametrize(("name", "value"), [
    ("INGESTOR_POLL_INTERVAL", "500ms"), ("INGESTOR_POLL_INTERVAL", "5m"),
    ("INGESTOR_RETRY_BACKOFF", "1h"), ("INGESTOR_CHUNK_INTERVAL", "7d"),
    ("INGESTOR_MAX_LINE", "64KiB"), ("INGESTOR_MAX_OBJECT", "1GiB"), ("INGESTOR_BATCH_SIZE", "1"),
    ("INGESTOR_BATCH_SIZE", "1000"),
    ("LOG_LEVEL", "error"), ("LOG_LEVEL", "warn"), ("LOG_LEVEL", "log"), ("LOG_LEVEL", "info"),
    ("LOG_LEVEL", "debug"),
    ("LOG_LEVEL", "verbose"), ("LOG_LEVEL", "trace"), ("NODE_ENV", "development"), ("NODE_ENV", "production"),
    ("INGESTOR_HTTP_LISTEN", "off"), ("INGESTOR_HTTP_LISTEN", "127.0.0.1:9000"),
    ("INGESTOR_HTTP_LISTEN", "[::1]:9000"),
    ("INGESTOR_ON_OVERWRITE", "replace"), ("INGESTOR_REJECT_LIMIT", "0%"), ("INGESTOR_REJECT_LIMIT", "12.5%"),
    ("DATABASE_URL", "postgres://u@h/d"),
    ("DATABASE_URL", "postgresql://u:p%40ss@[::1]:5432/d?sslmode=require&application_name=x"),
    ("DATABASE_URL", "postgresql://u@h1,h2:5433/d?target_session_attrs=read-write"),
])  # fmt: skip
def test_a_right_value_is_taken(configured: Ingestor, name: str, value: str) -> None:
    done = configured.having(**{name: value})("config")
    assert done.code == 0, done


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"])
def test_each_name_of_the_endpoint(configured: Ingestor, name: str) -> None:
    done = configured.having(**{name: "http://s3.example:9001"})("config")
    assert done.code == 0, done
    assert "s3.example:9001" in done.stdout, done


@pytest.mark.parametrize("endpoint", ["AWS_ENDPOINT", "AWS_ENDPOINT_URL"])
@pytest.mark.parametrize("switch", ["AWS_USE_DUALSTACK_ENDPOINT", "AWS_USE_FIPS_ENDPOINT"])
def test_a_switch_of_awss_endpoints_at_another_one(configured: Ingestor, switch: str, endpoint: str) -> None:
    done = configured.having(**{switch: "true", endpoint: "http://s3.example:9001"})("once")
    assert_refused(done, switch, endpoint)


def test_configured_endpoint_urls_that_are_ignored(configured: Ingestor) -> None:
    ignoring = configured.having(AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true", AWS_ENDPOINT_URL="http://s3.example:9001")
    assert "s3.example:9001" not in line_about(ignoring("config"), "AWS_ENDPOINT")
    own = ignoring.having(AWS_ENDPOINT="http://own.example:9002")
    assert "own.example:9002" in line_about(own("config"), "AWS_ENDPOINT")
