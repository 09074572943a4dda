"""The great search: every kind of secret, in a program that fails in every way there is and says all that it ever says;
then everything that it let out is searched for each of them, in every form of writing.

Not searched: /proc/PID/environ, which holds what the user put there; and rows, which are the users' own data."""

import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from psycopg import sql
from support import objects
from support.database import Cluster, Database
from support.echoing_aws import BUCKET, FORMS, EchoingAws, echoing_aws
from support.echoing_postgres import echoing_postgres
from support.ingestor import Ingestor, Process, free_port
from support.secret_search import found, hostile_secret, shapes
from support.waiting import wait_until

PATHS = ("/metrics", "/", "/healthz", "/readyz")
COMMANDS = (
    ("check",), ("config",), ("status",), ("status", "--json"), ("top", "--once"), ("retry", "--all", "--reingest"),
    ("once",), ("once", "--json"), ("migrate",), ("inspect", f"s3://{BUCKET}/good.gz"),
    ("inspect", f"s3://{BUCKET}/echo/0/x"), ("inspect", f"s3://{BUCKET}/bad.gz", "--json"),
    ("inspect", f"s3://{BUCKET}/"),
)  # fmt: skip
REFUSED_LINE = "this line is refused"
OBJECTS = {
    "good.gz": objects.zipped(objects.json_lines(200) + b"no json\n"),
    "bad.gz": objects.truncated(objects.json_lines(500)),
    "corrupt.gz": objects.corrupt(objects.json_lines(500)),
    "refused": objects.json_lines(20) + objects.json_lines(1, msg=REFUSED_LINE),
} | {f"echo/{n}/x": b"{}\n" for n in range(FORMS)}


class Stage:
    """A database whose role has a hostile password, and an AWS that repeats what it is told; and all that was seen."""

    def __init__(self, database: Database, role: str, password: str, aws: EchoingAws, ingestor: Ingestor) -> None:
        self.database = database
        self.role = role
        self.aws = aws
        self.ingestor = ingestor
        self.secrets: dict[str, str] = {
            "the database's password": password,
            "the given secret key": aws.given_secret,
            "the given session token": aws.given_token,
        }
        self.seen: list[tuple[str, str]] = []

    def url(self, password: str | None = None, **parameters: str) -> str:
        """Without a password where none is given."""
        server = urlsplit(self.database.url)
        login = quote(self.role) + ("" if password is None else ":" + quote(password, safe=""))
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
        where = f"{server.hostname}:{server.port}/{self.database.name}"
        return f"postgresql://{login}@{where}" + ("?" + query if query else "")

    def secret(self, name: str, blank: bool = False) -> str:
        """A new one, which must not be seen from now on."""
        self.secrets[name] = hostile_secret(blank)
        return self.secrets[name]

    def run(self, ingestor: Ingestor, *arguments: str) -> str:
        done = ingestor(*arguments)
        self.seen.append((f"the output of `{done.command}`, which exited {done.code}", done.stdout + done.stderr))
        return done.stdout + done.stderr

    def run_all(self, ingestor: Ingestor, *without: str) -> None:
        for command in COMMANDS:
            if command[0] not in without:
                self.run(ingestor, *command)

    def look_at_process(self, process: Process) -> None:
        """What every user of the machine can see of it, and whose names are on its memory."""
        folder = Path(f"/proc/{process.pid}")
        names = ["cmdline", "comm", "status", "maps", *(f"task/{task.name}/comm" for task in folder.glob("task/*"))]
        for name in names:
            self.seen.append((f"/proc/PID/{name}", (folder / name).read_bytes().decode(errors="replace")))

    def look_at_database(self) -> None:
        everything = {
            "pg_stat_activity": "SELECT a::text FROM pg_stat_activity a",
            "processed_file": "SELECT f::text FROM processed_file f",
            "rejected_line": "SELECT r::text || convert_from(r.raw, 'LATIN1') FROM rejected_line r",
        }
        for place, query in everything.items():
            if place == "pg_stat_activity" or self.database.has_table(place):
                self.seen += [(place, row[0]) for row in self.database.rows(query)]

    def look_at_pages(self, port: int) -> None:
        for path in PATHS:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
                    text = str(answer.headers) + answer.read().decode(errors="replace")
            except urllib.error.HTTPError as refused:
                text = str(refused.headers) + refused.read().decode(errors="replace")
            self.seen.append((path, text))

    def assert_nothing_found(self) -> None:
        assert self.seen
        assert found(self.secrets, self.seen) == []

    def assert_seen(self, place: str, words: str) -> None:
        """What the search would be worth nothing without."""
        texts = [text for where, text in self.seen if where == place or len(place) > 1 and place in where]
        assert any(words in text for text in texts), f"{words!r} is not in {place}: {texts}"[:6000]


@contextmanager
def own_role(cluster: Cluster, password: str) -> Iterator[str]:
    name = "s_" + os.urandom(4).hex()
    with cluster.admin() as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), password))
    try:
        yield name
    finally:
        with cluster.admin() as admin:
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.fixture
def stage(postgres: Cluster, new_folder: Callable[[], Path]) -> Iterator[Stage]:
    password, folder = hostile_secret(blank=True), new_folder()
    aws = EchoingAws(dict(OBJECTS), hostile_secret(), hostile_secret())
    with ExitStack() as stack:
        role = stack.enter_context(own_role(postgres, password))
        database = stack.enter_context(postgres.fresh_database())
        database.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(*map(sql.Identifier, (database.name, role))))
        url = stack.enter_context(echoing_aws(aws))
        environment = Ingestor.bare_environment(folder) | {
            "AWS_ENDPOINT": url, "AWS_ENDPOINT_URL_STS": url, "AWS_S3_BUCKET": BUCKET, "AWS_REGION": "us-east-1",
            "LOG_LEVEL": "verbose", "NODE_ENV": "production", "INGESTOR_LEASE": "2s", "INGESTOR_POLL_INTERVAL": "500ms",
            "INGESTOR_RETRY_BACKOFF": "200ms", "INGESTOR_MAX_ATTEMPTS": "2",
        }  # fmt: skip
        made = Stage(database, role, password, aws, Ingestor(environment, folder))
        made.ingestor = made.ingestor.having(DATABASE_URL=made.url(password))
        yield made


def with_keys(stage: Stage, ingestor: Ingestor | None = None) -> Ingestor:
    return (ingestor or stage.ingestor).having(
        AWS_ACCESS_KEY_ID="AKIATESTTESTTESTTEST",
        AWS_SECRET_ACCESS_KEY=stage.secret("AWS_SECRET_ACCESS_KEY"),
        AWS_SESSION_TOKEN=stage.secret("AWS_SESSION_TOKEN"),
    )


def refuse_a_line(database: Database) -> None:
    database.execute(f"ALTER TABLE log ADD CHECK (message <> '{REFUSED_LINE}')")


def test_a_service_through_failures_of_every_kind(stage: Stage) -> None:
    port = free_port()
    ingestor = with_keys(stage).having(INGESTOR_HTTP_LISTEN=f"127.0.0.1:{port}")
    stage.run(ingestor, "migrate")
    refuse_a_line(stage.database)
    with ingestor.running() as service:
        settled = {"good.gz": "completed", "refused": "completed"}
        settled |= {key: "failed" for key in OBJECTS if key not in settled}
        service.wait_until("it serves", lambda: status_of(port, "/healthz") == 200)
        look(stage, service, port)
        service.wait_until("all files are as they will be", lambda: stage.database.statuses() == settled, 60)
        look(stage, service, port)

        cut_connections(stage.database)
        for code in ("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InternalError"):
            stage.aws.s3_refuses = code
            service.wait_until("S3 is in trouble", lambda code=code: shows(port, code), 30)
            look(stage, service, port)
        stage.aws.s3_refuses = ""
        with database_down(stage):
            service.wait_until("the database is in trouble", lambda: shows(port, "database"), 30)
            look(stage, service, port, database=False)
        service.wait_until("all is well again", lambda: status_of(port, "/readyz") == 200, 60)
        look(stage, service, port)
        done = service.stop()
    assert done.code == 0, done
    stage.seen.append(("the log of `ingestor run`", done.stdout + done.stderr))
    stage.look_at_database()

    for place in ("/", "the log", "processed_file"):
        stage.assert_seen(place, "***")  # it was echoed, and taken out
    stage.assert_seen("rejected_line", "not_json")
    stage.assert_seen("rejected_line", "refused_by_database")
    stage.assert_seen("pg_stat_activity", stage.role)
    for line in done.stderr.splitlines():
        assert json.loads(line)["level"] in (10, 20, 30, 40, 50), line
    stage.assert_nothing_found()


def look(stage: Stage, service: Process, port: int, database: bool = True) -> None:
    stage.look_at_process(service)
    stage.look_at_pages(port)
    if database:
        stage.look_at_database()


def status_of(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def shows(port: int, words: str) -> bool:
    """Whether it is not ready, and its page tells why."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
        page = answer.read().decode()
    return status_of(port, "/readyz") == 503 and words in page


def cut_connections(database: Database) -> None:
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


@contextmanager
def database_down(stage: Stage) -> Iterator[None]:
    with stage.database.out_of_reach():
        with stage.database.cluster.admin() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = %s",
                (stage.database.name, stage.role),
            )
        yield


def test_every_command(stage: Stage) -> None:
    ingestor = with_keys(stage)
    with watched_sessions(stage):
        stage.run_all(ingestor)
        stage.run_all(ingestor.having(NODE_ENV="development"), "migrate", "config")
        for code in ("SignatureDoesNotMatch", "ExpiredToken"):
            stage.aws.s3_refuses = code
            stage.run_all(ingestor, "migrate", "config", "status", "retry")
        stage.aws.s3_refuses = ""
    stage.look_at_database()
    stage.assert_seen("`ingestor check`", "temporary")
    stage.assert_seen("`ingestor once`", "***")
    stage.assert_seen("pg_stat_activity", stage.role)
    stage.assert_nothing_found()


@contextmanager
def watched_sessions(stage: Stage) -> Iterator[None]:
    """pg_stat_activity again and again: a command's sessions are short."""
    over = threading.Event()

    def watch() -> None:
        with stage.database.connect() as other:
            while not over.is_set():
                rows = other.execute("SELECT a::text FROM pg_stat_activity a WHERE datname = current_database()")
                stage.seen.extend(("pg_stat_activity", row[0]) for row in rows)
                time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


DATABASE_COMMANDS = (("check",), ("once",), ("migrate",), ("status",), ("top",), ("retry", "--all"), ("config",))


def test_passwords_that_the_database_refuses_or_repeats(stage: Stage) -> None:
    ingestor = with_keys(stage)
    nobody = f"127.0.0.1:{free_port()}"
    wrong, other = stage.secret("a wrong password", blank=True), stage.secret("a password in PGPASSWORD", blank=True)
    key = stage.secret("sslpassword", blank=True)
    url_of_nobody = f"postgresql://u:{quote(wrong, safe='')}@{nobody}/d"
    passfile = stage.ingestor.folder / "pgpass"
    in_file = stage.secret("a password in a file").replace("\\", "").replace(":", "")
    stage.secrets["a password in a file"] = in_file
    passfile.write_text(f"*:*:*:*:{in_file}\n")
    passfile.chmod(0o600)
    with echoing_postgres() as port:
        asks = f"127.0.0.1:{port}/d?require_auth=password"
        environments = [
            {"DATABASE_URL": stage.url(wrong)},
            {"DATABASE_URL": stage.url(), "PGPASSWORD": other},
            {"DATABASE_URL": stage.url(), "PGPASSFILE": str(passfile)},
            {"DATABASE_URL": stage.url(wrong, sslmode="prefer", sslcert="c", sslkey="k", sslpassword=key)},
            {"DATABASE_URL": url_of_nobody, "PGPASSWORD": other},
            {"DATABASE_URL": f"postgresql://u:{quote(wrong, safe='')}@{asks}"},
            {"DATABASE_URL": f"postgresql://u@{asks}", "PGPASSWORD": other},
        ]
        for environment in environments:
            for command in DATABASE_COMMANDS:
                stage.run(ingestor.having(**environment), *command)
    stage.assert_seen("`ingestor status`", "password authentication failed")
    stage.assert_seen("`ingestor status`", "*** is no good")
    stage.assert_nothing_found()


@pytest.mark.parametrize(
    "form",
    [
        "postgresql://u:{raw}@h/d", "postgresql://u:{raw}", "postgres//u:{raw}@h/d", "u:{raw}@h/d", "{raw}",
        "postgresql://u@h:{raw}/d", "postgresql://h/d?password={raw}", "postgresql://h/d?passwort={raw}",
        "postgresql://u:{encoded}@h:port/d", "postgresql://u:{encoded}@h/d?sslmode=maybe", "postgresql://{raw}@h/d",
        "postgresql://u:{encoded}%zz@h/d", "postgresql://u:{encoded}@h/d?sslpassword={raw}", "host=h password={raw}",
        "postgresql://u:{encoded}@h/d?{raw}", "postgresql://u:{encoded}@h/d?options={encoded}&x",
    ],
)  # fmt: skip
def test_urls_that_are_wrong(stage: Stage, form: str) -> None:
    password = stage.secret("a password", blank=True)
    url = form.format(raw=password, encoded=quote(password, safe=""))
    for command in (("config",), ("status",), ("check",)):
        stage.run(with_keys(stage).having(DATABASE_URL=url), *command)
    for endpoint in ("AWS_ENDPOINT", "AWS_ENDPOINT_URL_STS", "HTTP_PROXY", "HTTPS_PROXY"):
        in_endpoint = url.replace("postgresql://", "http://").replace("postgres//", "http//")
        stage.run(with_keys(stage).having(**{endpoint: in_endpoint}), "config")
        stage.run(with_keys(stage).having(**{endpoint: in_endpoint}), "check")
    stage.assert_nothing_found()


def test_keys_that_are_malformed(stage: Stage) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"):
        for spoil in ("{}\r", "{} {}", "\n{}", "{}é", "{}" * 300):
            value = stage.secret(name)
            stage.run(with_keys(stage).having(**{name: spoil.replace("{}", value)}), "check")
            stage.secrets[f"{name}, {spoil!r}"] = value
    stage.assert_nothing_found()


AWS_COMMANDS = (("check",), ("once",), ("config",), ("inspect", f"s3://{BUCKET}/echo/0/x"))


def sources(stage: Stage) -> Iterator[tuple[str, dict[str, str]]]:
    """Where keys come from: what each needs in the environment."""
    folder, url = stage.ingestor.folder, stage.ingestor.environment["AWS_ENDPOINT"]
    stage.aws.metadata_token = stage.secret("the metadata's token")
    profile, process = folder / "credentials", folder / "config"
    profile.write_text(
        "[default]\naws_access_key_id = AKIATESTTESTTESTTEST\n"
        f"aws_secret_access_key = {stage.secret('the secret key of a profile')}\n"
        f"aws_session_token = {stage.secret('the session token of a profile')}\n"
    )
    yield "a profile", {"AWS_SHARED_CREDENTIALS_FILE": str(profile)}
    broken = folder / "broken"
    broken.write_text(f"[default]\naws_secret_access_key {stage.secret('the key in a line without =')}\n")
    yield "a broken profile", {"AWS_SHARED_CREDENTIALS_FILE": str(broken)}

    answer = folder / "answer.json"
    keys = json.loads(stage.aws.keys_as_json())
    keys |= {"Version": 1, "SessionToken": keys.pop("Token")}
    answer.write_text(json.dumps(keys))
    argument = stage.secret("an argument of credential_process").replace('"', "").replace("\\", "").replace("'", "")
    stage.secrets["an argument of credential_process"] = argument
    for program in (f"/bin/cat {answer}", f"/bin/false '{argument}'", f"/bin/echo '{argument}'", f"/nowhere '{argument}'"):
        process.write_text(f"[default]\ncredential_process = {program}\n")
        yield program.split()[0], {"AWS_CONFIG_FILE": str(process)}

    token = stage.secret("the agent's token")
    agent = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/agent"}
    yield "an agent", agent | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": token}
    file = folder / "token"
    file.write_text(stage.secret("the agent's token in a file"))
    yield "an agent with a file", agent | {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file)}
    web = folder / "web"
    web.write_text(stage.secret("the web identity token"))
    role = {"AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/r"}
    yield "web identity", role | {"AWS_WEB_IDENTITY_TOKEN_FILE": str(web)}
    yield "metadata", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "AWS_EC2_METADATA_DISABLED": "false"}


def test_keys_from_everywhere(stage: Stage) -> None:
    for refused in (False, True):
        stage.aws.keys_refused = refused
        for name, environment in sources(stage):
            for command in AWS_COMMANDS:
                if not refused or command[0] in ("check", "once"):
                    said = stage.run(stage.ingestor.having(**environment), *command)
                    stage.seen.append((f"{name}, refused={refused}", said))
    for name in ("a profile, refused=False", "an agent, refused=False", "web identity, refused=False", "/bin/cat"):
        stage.assert_seen(name, "***")
    for name in ("an agent, refused=True", "an agent with a file, refused=True", "web identity, refused=True"):
        stage.assert_seen(name, "***")
    stage.look_at_database()
    stage.assert_nothing_found()


def test_a_proxy_that_repeats_its_password(stage: Stage) -> None:
    password = stage.secret("the proxy's password", blank=True)
    with echoing_aws(stage.aws) as proxy:  # of plain HTTP; to CONNECT it says 501, with the request in its words
        at = proxy.removeprefix("http://")
        through = f"http://user:{quote(password, safe='')}@{at}"
        stage.aws.s3_refuses = "AccessDenied"
        for endpoint in ("http://s3.nowhere.test", "https://s3.nowhere.test"):
            ingestor = with_keys(stage).having(AWS_ENDPOINT=endpoint, HTTP_PROXY=through, HTTPS_PROXY=through)
            for command in AWS_COMMANDS:
                stage.run(ingestor, *command)
    stage.assert_seen("`ingestor check`", "***")
    stage.assert_nothing_found()


def test_the_search_finds_what_is_planted(stage: Stage) -> None:
    """In each form, in texts; and in real outputs, where the user's own settings let a secret out."""
    secret = hostile_secret(blank=True)
    for name, form in shapes(secret).items():
        assert f"planted, {name}, in a text" in found({"planted": secret}, [("a text", f"before {form}after")])
    assert found({"planted": secret}, [("a text", "before " + hostile_secret())]) == []

    ingestor = with_keys(stage)
    planted = stage.secret("planted")
    stage.run(ingestor.having(INGESTOR_REPLICA=planted), "config")
    with watched_sessions(stage):
        url = stage.url(stage.secrets["the database's password"], application_name=planted[:60])
        stage.run(ingestor.having(DATABASE_URL=url), "once")
    stage.database.execute("UPDATE processed_file SET lease_owner = %s", planted)
    stage.look_at_database()
    finds = found(stage.secrets, stage.seen)
    for place in ("`ingestor config`", "pg_stat_activity", "processed_file"):
        assert any(place in find for find in finds), (place, finds)
