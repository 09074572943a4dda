"""A proxy before MinIO that breaks a listing: what passes costs little and loses no object; what stays is refused, told
in words, and not tried again at full speed."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import objects, s3_faults
from support.database import Cluster
from support.exactly_once import assert_all_completed
from support.fault_proxy import Answer, Ending, Fault, FaultProxy, Request, answer, refusal
from support.ingestor import Ingestor
from support.s3_faults import changed, cut, in_body, instead
from support.scene import Scene, make_scene
from support.scripted_s3 import ScriptedS3, scripted_s3
from support.some_of import parametrize_some
from support.store import Store

LINES = {f"{n:02}": 3 for n in range(20)}
FEW = 8  # of the faults, in a short run
SECONDS_MAX = 30.0  # a busy machine's, not ours
LISTINGS_MAX = 4  # until one succeeds: as many as the SDKs make, and one after a wait
MIB = 1024 * 1024
PEAK_RSS_MAX = 160 * MIB  # what one page may cost, at the limit of its size
WATCHED_SECONDS = 2.0
PAGES_MAX = 1_010  # of one listing, until it is found out that it has no end
LISTINGS_WATCHED_MAX = 30  # in that time, at full speed there would be thousands

DTD = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
EMPTY_PAGE = b"<ListBucketResult><Name>logs</Name><IsTruncated>false</IsTruncated></ListBucketResult>"


@dataclass(frozen=True)
class Case:
    fault: Fault
    says: str = ""  # as long as it lasts; empty: there are no words of its own


def xml(body: bytes) -> Fault:
    return instead(answer(200, body, content_type="application/xml"))


def body_becomes(change: Callable[[bytes], bytes]) -> Fault:
    """And its length is right."""

    def other(what: Answer) -> Answer:
        body = change(what.body)
        return Answer(what.status, body, what.headers, what.reason).having(content_length=str(len(body)))

    return changed(other)


def without_a_key(body: bytes) -> bytes:
    return body.replace(b"<Key>07</Key>", b"", 1)


def truncated(body: bytes) -> bytes:
    return body.replace(b"<IsTruncated>false", b"<IsTruncated>true", 1)


PASSING = {
    f"{how.value} {place.__name__.replace('_', ' ')}": Case(cut(place, how))
    for how in Ending
    for place in (s3_faults.before_answer, s3_faults.in_head, s3_faults.behind_head, in_body, s3_faults.at_last_byte)
} | {
    "500": Case(instead(refusal(500, "InternalError")), "InternalError"),
    "503 SlowDown": Case(instead(refusal(503, "SlowDown")), "SlowDown"),
    "429": Case(instead(answer(429)), "429"),
    "a garbage status line": Case(s3_faults.raw(b"\x00\xffHELO S3\r\n\r\n")),
    "endless headers": Case(s3_faults.endless(b"HTTP/1.1 200 OK\r\n", b"x-more: of it\r\n")),
    "chunks": Case(s3_faults.in_chunks),
    "chunks that are cut": Case(s3_faults.in_chunks_and_cut),
    "no length and cut": Case(s3_faults.without_length(in_body)),
}
LASTING = {
    "200 with an error": Case(xml(refusal(500, "InternalError").body), "InternalError"),
    "200 with SlowDown": Case(xml(refusal(503, "SlowDown").body), "SlowDown"),
    "half an XML document": Case(body_becomes(lambda body: body[: len(body) // 2]), "the listing has no readable XML"),
    "a DTD": Case(body_becomes(lambda body: DTD + body[body.index(b"<ListBucketResult") :]), "the listing has"),
    "a DTD and entities": Case(xml(DTD + b"<ListBucketResult>&c;</ListBucketResult>"), "the listing has"),
    "a page of HTML": Case(xml(b"<html><body>Log in to the network first</body></html>"), "another root element"),
    "nothing": Case(xml(b""), "the listing has"),
    "very deep XML": Case(xml(b"<ListBucketResult>" + b"<a>" * 100_000), "the listing has"),
    "an object without a key": Case(body_becomes(without_a_key), "a Key that is missing"),
    "more pages, and no token": Case(body_becomes(truncated), "no token"),
    "a body without an end": Case(
        s3_faults.endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"4\r\n<a/>\r\n"), "longer than"
    ),
    "a huge page": Case(xml(EMPTY_PAGE + b" " * 40 * MIB), "longer than"),
}
CASES = PASSING | LASTING

# Listings that lead nowhere: what is said behind the first page of two objects, to the token that was sent, and what
# the trouble is called.
Say = Callable[[str], tuple[int, dict[str, str], bytes]]
ENDLESS: dict[str, tuple[Say, str]] = {
    "repeats its token": (lambda token: page(["2", "3"], token), "continuation token"),
    "goes back": (lambda token: page(["0", "1"], token + "x"), "keys again"),
    "stands still": (lambda token: page(["1"], token + "x"), "keys again"),
    "goes in a circle": (lambda token: page(["2"], "a" if token == "b" else "b"), "again"),
    "has empty pages for ever": (lambda token: page([], token + "x"), "might never end"),
}


def page(keys: list[str], token: str) -> tuple[int, dict[str, str], bytes]:
    contents = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified>"
        f"<ETag>&quot;{key}&quot;</ETag><Size>0</Size></Contents>"
        for key in keys
    )
    body = (
        "<ListBucketResult><Name>logs</Name><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
        f"<NextContinuationToken>{token}</NextContinuationToken>{contents}</ListBucketResult>"
    )
    return 200, {"Content-Type": "application/xml"}, body.encode()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    tests = {
        test_a_fault_of_a_listing: (CASES, FEW),
        test_a_fault_that_stays: (LASTING, 1),
        test_a_listing_that_leads_nowhere: (ENDLESS, 2),
    }
    parametrize_some(metafunc, "case", *tests[metafunc.function])


@pytest.fixture(scope="module")
def module_scene(postgres: Cluster, store: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    with make_scene(postgres, store, new_folder()) as made:
        made.migrate_and_put({key: objects.json_lines(lines) for key, lines in LINES.items()})
        yield made


@pytest.fixture
def scene(module_scene: Scene) -> Scene:
    module_scene.start_anew()
    return module_scene


@pytest.fixture
def ingestor(scene: Scene, proxy: FaultProxy) -> Ingestor:
    return scene.ingestor.having(AWS_ENDPOINT=proxy.endpoint, INGESTOR_POLL_INTERVAL="1s", INGESTOR_MIGRATE="off")


def test_a_fault_of_a_listing(case: Case, scene: Scene, proxy: FaultProxy, ingestor: Ingestor) -> None:
    """Of one, once."""

    def script(request: Request) -> Fault | None:
        return case.fault if request.is_listing and len(proxy.listings()) == 1 else None

    proxy.script = script
    done = ingestor("once")
    told = f"{done}\n{proxy.requests}"
    assert done.code == 0, told
    assert_all_completed(scene.database, LINES)
    assert len(proxy.listings()) <= LISTINGS_MAX, told
    assert done.seconds < SECONDS_MAX, told
    assert done.peak_rss < PEAK_RSS_MAX, told


def test_a_fault_that_stays(case: Case, scene: Scene, proxy: FaultProxy, ingestor: Ingestor) -> None:
    """It is trouble, until it ends."""
    proxy.script = lambda request: case.fault if request.is_listing else None
    with ingestor.running() as service:
        service.wait_until("it is told", lambda: "trouble began" in service.output())
        before = len(proxy.listings())
        time.sleep(WATCHED_SECONDS)
        assert len(proxy.listings()) - before <= LISTINGS_WATCHED_MAX
        assert scene.database.statuses() == {}
        assert service.output().count("trouble began") == 1, service.output()
        assert case.says in service.output()
        proxy.script = lambda request: None
        service.wait_until("all is completed", lambda: scene.database.is_completed(*LINES))
        service.wait_until("its end is told", lambda: "trouble ended" in service.output())
        done = service.stop()
    assert done.code == 0, done
    assert done.peak_rss < PEAK_RSS_MAX, done
    assert_all_completed(scene.database, LINES)


def test_a_listing_that_leads_nowhere(case: tuple[Say, str], scene: Scene, ingestor: Ingestor) -> None:
    """It is refused, and the objects that it did show are loaded all the same."""
    say, words = case
    s3 = ScriptedS3({key: objects.json_lines(3) for key in "0123"}, page_size=2)
    s3.answer_list = lambda token, n: say(token) if token else None
    with scripted_s3(s3) as environment, ingestor.having(**environment, INGESTOR_BATCH_SIZE="2").running() as service:
        service.wait_until("it is told", lambda: "trouble began" in service.output(), limit=30)
        before = s3.lists[""]  # each time from the first page on
        time.sleep(WATCHED_SECONDS)
        assert s3.lists[""] - before <= LISTINGS_WATCHED_MAX
        assert re.search(f"trouble began.*{words}", service.output()), service.output()
        service.wait_until("what was listed is loaded", lambda: "completed" in scene.database.statuses().values())
        s3.answer_list = lambda token, n: None
        service.wait_until("all is completed", lambda: scene.database.is_completed(*s3.objects))
        done = service.stop()
    assert done.code == 0, done
    assert s3.lists.total() <= PAGES_MAX * s3.lists[""], s3.lists.total()
    assert_all_completed(scene.database, dict.fromkeys(s3.objects, 3))
