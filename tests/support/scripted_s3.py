"""An S3 that does what a test says, for what no real one does on request. Verifies no signature."""

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from .answering import Answering, answering

Answer = tuple[int, dict[str, str], bytes]


def error(status: int, code: str) -> Answer:
    return status, {}, f"<Error><Code>{code}</Code><Message>as scripted</Message></Error>".encode()


class ScriptedS3:
    """One bucket. `answer_get` and `answer_list` may take an answer over: they get the key (or the
    continuation token) and the number of the request for it, from 1, and return None to let it be."""

    def __init__(self, objects: dict[str, bytes], page_size: int = 1000) -> None:
        self.objects = objects
        self.page_size = page_size
        self.answer_get: Callable[[str, int], Answer | None] = lambda key, n: None
        self.answer_list: Callable[[str, int], Answer | None] = lambda token, n: None
        self.gets: Counter[str] = Counter()
        self.lists: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []  # of each request, the names in lower case
        self._lock = threading.Lock()

    def etag(self, key: str) -> str:
        return hashlib.md5(self.objects[key]).hexdigest()

    def get(self, key: str) -> Answer:
        with self._lock:
            self.gets[key] += 1
            n = self.gets[key]
        scripted = self.answer_get(key, n)
        if scripted:
            return scripted
        if key not in self.objects:
            return error(404, "NoSuchKey")
        headers = {"ETag": f'"{self.etag(key)}"', "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
        return 200, headers, self.objects[key]

    def list(self, query: dict[str, list[str]]) -> Answer:
        token = query.get("continuation-token", [""])[0]
        with self._lock:
            self.lists[token] += 1
            n = self.lists[token]
        scripted = self.answer_list(token, n)
        if scripted:
            return scripted
        prefix = query.get("prefix", [""])[0]
        size = min(self.page_size, int(query.get("max-keys", ["1000"])[0]))
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > token)
        page, rest = keys[:size], keys[size:]
        contents = "".join(
            f"<Contents><Key>{escape(quote(key))}</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{self.etag(key)}&quot;</ETag><Size>{len(self.objects[key])}</Size></Contents>"
            for key in page
        )
        more = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if rest else ""
        body = (
            "<?xml version='1.0' encoding='UTF-8'?><ListBucketResult><Name>logs</Name>"
            f"<EncodingType>url</EncodingType><KeyCount>{len(page)}</KeyCount>"
            f"<IsTruncated>{'true' if rest else 'false'}</IsTruncated>{more}{contents}</ListBucketResult>"
        )
        return 200, {"Content-Type": "application/xml"}, body.encode()


@contextmanager
def scripted_s3(s3: ScriptedS3) -> Iterator[dict[str, str]]:
    """Yields what the binary needs to use it."""

    class Handler(Answering):
        def do_GET(self) -> None:  # noqa: N802
            target = urlsplit(self.path)
            s3.headers.append({name.lower(): value for name, value in self.headers.items()})
            key = unquote(target.path.removeprefix("/logs").removeprefix("/"))
            status, headers, body = s3.get(key) if key else s3.list(parse_qs(target.query))
            self.answer(status, body, **headers)

    with answering(Handler) as url:
        yield {
            "AWS_ENDPOINT": url,
            "AWS_S3_BUCKET": "logs",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST",
            "AWS_SECRET_ACCESS_KEY": "as-scripted-as-the-server",
        }
