"""AWS as far as credentials go: STS, a container's agent, instance metadata, and an S3 that says by whom it was asked.

The secret of each key is known from its name, so every signature can be checked, and what STS gives follows from
what it was asked: who asks the same gets the same."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qs

from .answering import Answering, answering

METADATA_TOKEN = "a-token-of-the-metadata-service"
AGENT_TOKEN = "Basic a-token-of-the-agent"
OBJECT = b'{"time":1700000000000,"msg":"hello"}\n'


def secret_of(access_key: str) -> str:
    return f"sk-{access_key}"


class Signed(NamedTuple):
    """A request with its signature, as it arrived."""

    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def access_key(self) -> str:
        return self._part("Credential").split("/")[0]

    @property
    def session_token(self) -> str:
        return self.headers.get("x-amz-security-token", "")

    def signature(self) -> str:
        return self._part("Signature")

    def signature_by(self, secret: str) -> str:
        """What the signature is when it is made with that secret."""
        scope = self._part("Credential").split("/")[1:]
        names = self._part("SignedHeaders")
        path, _, query = self.target.partition("?")
        payload = self.headers.get("x-amz-content-sha256", hashlib.sha256(self.body).hexdigest())
        canonical_headers = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names.split(";"))
        canonical = "\n".join((self.method, path, query, canonical_headers, names, payload))
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = "\n".join(("AWS4-HMAC-SHA256", self.headers["x-amz-date"], "/".join(scope), digest))
        key = f"AWS4{secret}".encode()
        for part in scope:
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, to_sign.encode(), "sha256").hex()

    def _part(self, name: str) -> str:
        words = self.headers.get("authorization", "").replace(",", " ").split()
        return next((word.partition("=")[2] for word in words if word.startswith(f"{name}=")), "")


class Asked(NamedTuple):
    """What STS was asked, and by whom; without the session's name where that was nobody's choice."""

    form: dict[str, str]
    access_key: str
    session_token: str


@dataclass
class ScriptedAws:
    """What has arrived; and what is to be refused."""

    asked: list[Asked] = field(default_factory=list)
    objects: list[Signed] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    sts_refuses: bool = False

    def forget(self) -> None:
        self.asked, self.objects, self.wrong, self.sts_refuses = [], [], [], False


def _expiration() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def agent_answer(access_key: str) -> bytes:
    return json.dumps({
        "Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": access_key, "SecretAccessKey": secret_of(access_key),
        "Token": f"token-of-{access_key}", "Expiration": _expiration(),
    }).encode()  # fmt: skip


def _assumed(asked: Asked) -> bytes:
    access_key = "ASIA" + hashlib.sha256(repr(asked).encode()).hexdigest()[:16].upper()
    action = asked.form["Action"]
    return (
        f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials>'
        f"<AccessKeyId>{access_key}</AccessKeyId><SecretAccessKey>{secret_of(access_key)}</SecretAccessKey>"
        f"<SessionToken>token-of-{access_key}</SessionToken><Expiration>{_expiration()}</Expiration></Credentials>"
        f"<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn><AssumedRoleId>x:s</AssumedRoleId>"
        f"</AssumedRoleUser></{action}Result></{action}Response>"
    ).encode()


_REFUSED = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
)


def _handler(aws: ScriptedAws) -> type[Answering]:
    class Handler(Answering):
        def do_POST(self) -> None:  # noqa: N802
            request = self._request()
            form = {name: values[0] for name, values in sorted(parse_qs(request.body.decode()).items())}
            if form.get("RoleSessionName", "").startswith(("botocore-session-", "ingestor-")):
                del form["RoleSessionName"]
            asked = Asked(form, request.access_key, request.session_token)
            aws.asked.append(asked)
            if form["Action"] == "AssumeRole" and not self._signed_rightly(request):
                aws.wrong.append(f"the signature of {asked}")
            self.answer(*((403, _REFUSED) if aws.sts_refuses else (200, _assumed(asked))))

        def do_PUT(self) -> None:  # noqa: N802
            request = self._request()
            if "x-aws-ec2-metadata-token-ttl-seconds" not in request.headers:
                aws.wrong.append("a metadata token without its life")
            self.answer(200, METADATA_TOKEN.encode())

        def do_GET(self) -> None:  # noqa: N802
            request = self._request()
            if request.target.startswith("/latest/"):
                self._metadata(request)
            elif request.target.startswith("/agent"):
                right = request.headers.get("authorization") == AGENT_TOKEN
                self.answer(*((200, agent_answer("ASIAAGENT")) if right else (401, b"who?")))
            else:
                aws.objects.append(request)
                self.answer(200, OBJECT, ETag='"e"')

        def _metadata(self, request: Signed) -> None:
            if request.headers.get("x-aws-ec2-metadata-token") != METADATA_TOKEN:
                aws.wrong.append("metadata without a token")
            is_list = request.target.endswith("security-credentials/")
            self.answer(200, b"the-role" if is_list else agent_answer("ASIAMETADATA"))

        def _signed_rightly(self, request: Signed) -> bool:
            return request.signature() == request.signature_by(secret_of(request.access_key))

        def _request(self) -> Signed:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            return Signed(self.command, self.path, headers, body)

    return Handler


@contextmanager
def scripted_aws(aws: ScriptedAws) -> Iterator[str]:
    """Yields its URL, which is that of each service."""
    with answering(_handler(aws)) as url:
        yield url
