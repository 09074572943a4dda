"""S3, STS, a container's agent and instance metadata that repeat what they were asked, headers and all, in every
error: the worst that a server can do to whoever logs its words."""

import base64
import html
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit

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


def _handler(aws: EchoingAws) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802
            aws.requests += 1
            target = urlsplit(self.path)
            if target.path.startswith("/latest/") or target.path.startswith("/agent"):
                self._keys()
                return
            key = unquote(target.path.removeprefix(f"/{BUCKET}").removeprefix("/"))
            words = _words(self, b"")
            if aws.s3_refuses:
                self._answer(403, "Forbidden", _error(aws.s3_refuses, words))
            elif key.startswith("echo/"):
                self._answer(*_refusal(int(key.split("/")[1]), words))
            else:
                status, headers, body = aws.s3.get(key) if key else aws.s3.list(parse_qs(target.query))
                self._answer(status, "OK", body, **headers)

        def _keys(self) -> None:
            if aws.keys_refused:
                said = {"Code": "Failed", "Message": _words(self, b"")}
                self._answer(200, "OK", json.dumps(said).encode())
            elif self.path.endswith("security-credentials/"):
                self._answer(200, "OK", b"the-role")
            else:
                self._answer(200, "OK", aws.keys_as_json())

        def do_PUT(self) -> None:  # noqa: N802
            self._answer(200, "OK", aws.metadata_token.encode())

        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if aws.keys_refused:
                error = _error("AccessDenied", _words(self, body)).decode()
                self._answer(403, "Forbidden", f"<ErrorResponse>{error}</ErrorResponse>".encode())
            else:
                action = parse_qs(body.decode())["Action"][0]
                self._answer(200, "OK", aws.keys_as_xml(action))

        def _answer(self, status: int, reason: str, body: bytes, **headers: str) -> None:
            self.send_response(status, reason)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def echoing_aws(aws: EchoingAws) -> Iterator[str]:
    """Yields its URL, which is that of each service."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(aws))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
