"""S3, STS, a container's agent and instance metadata that repeat what they were asked, headers and all, in every
error: the worst that a server can do to whoever logs its words."""

import base64
import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, quote, unquote, urlsplit

from .answering import Answering, answering
from .scripted_s3 import ScriptedS3

FORMS = 8
BUCKET = "logs"


def _words(request: BaseHTTPRequestHandler, body: bytes) -> str:
    """What it was asked, the secrets first: whoever quotes it may cut it."""
    told = sorted(request.headers.items(), key=lambda item: "token" not in item[0].lower())
    return " ".join([body.decode(errors="replace"), *(f"{name}: {value}" for name, value in told), request.path])


def _error(code: str, words: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{html.escape(words)}</Message></Error>".encode()


def _refusal(n: int, words: str) -> tuple[int, str, bytes]:
    """The n-th way to repeat it: status, reason, body. Each is the fault of one file."""
    one_line = words.encode("ascii", "replace").decode()[:400]
    return (
        (403, "Forbidden", _error("AccessDenied", words)),
        (400, one_line, b""),
        (200, "OK", _error("AccessDenied", words)),
        (400, "Bad", json.dumps({"message": words}).encode()),
        (403, "Forbidden", _error("AccessDenied", base64.b64encode(words.encode()).decode())),
        (403, "Forbidden", _error("AccessDenied", quote(words, safe=""))),
        (403, "Forbidden", _error("AccessDenied", words.encode().hex())),
        (400, "Bad", _error(words[:300], "")),
    )[n % FORMS]


class EchoingAws:
    """Keys that begin with `echo/N/` are refused in the N-th form. While `s3_refuses` is a code, all of S3 is refused
    with it; while `keys_refused`, so is everybody who asks for keys."""

    def __init__(self, objects: dict[str, bytes], given_secret: str, given_token: str) -> None:
        self.s3 = ScriptedS3(objects)
        self.given_secret = given_secret
        self.given_token = given_token
        self.metadata_token = "metadata-of-nobody"
        self.s3_refuses = ""
        self.keys_refused = False
        self.requests = 0

    def keys_as_json(self) -> bytes:
        until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.dumps({
            "Code": "Success", "AccessKeyId": "ASIAGIVENGIVENGIVEN1", "SecretAccessKey": self.given_secret,
            "Token": self.given_token, "Expiration": until,
        }).encode()  # fmt: skip

    def keys_as_xml(self, action: str) -> bytes:
        keys = json.loads(self.keys_as_json())
        return (
            f"<{action}Response><{action}Result><Credentials><AccessKeyId>{keys['AccessKeyId']}</AccessKeyId>"
            f"<SecretAccessKey>{html.escape(self.given_secret)}</SecretAccessKey>"
            f"<SessionToken>{html.escape(self.given_token)}</SessionToken><Expiration>{keys['Expiration']}</Expiration>"
            f"</Credentials></{action}Result></{action}Response>"
        ).encode()


def _handler(aws: EchoingAws) -> type[Answering]:
    class Handler(Answering):
        def do_GET(self) -> None:  # noqa: N802
            aws.requests += 1
            target = urlsplit(self.path)
            if target.path.startswith("/latest/") or target.path.startswith("/agent"):
                self._keys()
                return
            key = unquote(target.path.removeprefix(f"/{BUCKET}").removeprefix("/"))
            words = _words(self, b"")
            if aws.s3_refuses:
                self.answer(403, _error(aws.s3_refuses, words))
            elif key.startswith("echo/"):
                status, reason, body = _refusal(int(key.split("/")[1]), words)
                self.answer(status, body, reason)
            else:
                status, headers, body = aws.s3.get(key) if key else aws.s3.list(parse_qs(target.query))
                self.answer(status, body, **headers)

        def _keys(self) -> None:
            if aws.keys_refused:
                said = {"Code": "Failed", "Message": _words(self, b"")}
                self.answer(200, json.dumps(said).encode())
            elif self.path.endswith("security-credentials/"):
                self.answer(200, b"the-role")
            else:
                self.answer(200, aws.keys_as_json())

        def do_PUT(self) -> None:  # noqa: N802
            self.answer(200, aws.metadata_token.encode())

        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if aws.keys_refused:
                error = _error("AccessDenied", _words(self, body)).decode()
                self.answer(403, f"<ErrorResponse>{error}</ErrorResponse>".encode())
            else:
                action = parse_qs(body.decode())["Action"][0]
                self.answer(200, aws.keys_as_xml(action))

    return Handler


@contextmanager
def echoing_aws(aws: EchoingAws) -> Iterator[str]:
    """Yields its URL, which is that of each service."""
    with answering(_handler(aws)) as url:
        yield url
