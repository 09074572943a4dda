"""A proxy before MinIO that does, once to each of some objects, what networks, proxies and servers do on bad days: the
rows are exact after each, and what it costs is bounded."""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import objects, s3_faults
from support.database import Cluster
from support.exactly_once import assert_all_completed
from support.fault_proxy import Answer, Ending, Exchange, Fault, FaultProxy, Request, answer, fault_proxy, refusal
from support.ingestor import Finished, Ingestor
from support.s3_faults import changed, cut, dripping, in_body, instead, stalled
from support.scene import Scene, make_scene
from support.some_of import parametrize_some
from support.store import Store

LARGE = "large"
LINES = {LARGE: 2_000} | {f"small-{n}": 40 for n in range(6)}
HIT = (LARGE, "small-2", "small-3")  # the last is without compression, and so without a checksum
SMALL_LINES = 10
LARGE_LINES = 2_500
SHARE_BAD = 0.3  # of the requests, in bad weather
FEW = 15  # of the faults, in a short run
SECONDS_MAX = 30.0  # of `once`, where no time-out is waited for; a busy machine's, not ours
PATIENCE_SECONDS_MAX = 110.0  # where one is: 30 s for a head or a piece of a body, and the same again for a group
OTHERS_MAX = 3  # requests for an object that nothing is done to; a group is given back when one of it breaks
REQUESTS_MAX = 4  # for one object: as many as the SDKs' standard mode makes, and one for a resume


def contents() -> dict[str, bytes]:
    made = {key: objects.json_lines(lines, first=1000 * n) for n, (key, lines) in enumerate(LINES.items())}
    plain = objects.json_lines(LINES[LARGE], padding="x" * 200)  # too large for a group
    return made | {LARGE: objects.stored(plain), "small-2": objects.two_members(made["small-2"])}


@dataclass(frozen=True)
class Case:
    """`fault` is done to the first requests for an object, `resumed` to the next one, which must be for the rest of its
    body; then S3 is itself again."""

    fault: Fault
    resumed: Fault | None = None
    times: int = 1
    says: str = ""  # words (a pattern) of why the files fail; empty: they do not
    requests_max: int = REQUESTS_MAX

    def script(self, request: Request) -> Fault | None:
        if request.key not in HIT:
            return None
        if request.nth <= self.times:
            return self.fault
        return self.resumed if request.nth == self.times + 1 and request.first_byte > 0 else None


def cuts() -> dict[str, Case]:
    places = {
        "before the answer": s3_faults.before_answer,
        "in the head": s3_faults.in_head,
        "behind the head": s3_faults.behind_head,
        "in the body": in_body,
        "at the last byte": s3_faults.at_last_byte,
    }
    return {f"{how.value} {name}": Case(cut(place, how)) for name, place in places.items() for how in Ending}


def refusals() -> dict[str, Case]:
    what = {
        "500": refusal(500, "InternalError"),
        "502 of a proxy": answer(502, b"<html>Bad Gateway</html>", content_type="text/html"),
        "503 ServiceUnavailable": refusal(503, "ServiceUnavailable"),
        "503 with Retry-After": refusal(503, "ServiceUnavailable", retry_after="1"),
        "503 with a date in Retry-After": refusal(503, "SlowDown", retry_after="Wed, 21 Oct 2065 07:28:00 GMT"),
        "503 with a huge Retry-After": refusal(503, "SlowDown", retry_after="99999999999999999999"),
        "503 SlowDown": refusal(503, "SlowDown"),
        "504 without a body": answer(504),
        "429": answer(429),
        "429 with Retry-After": refusal(429, "TooManyRequests", retry_after="1"),
        "400 RequestTimeout": refusal(400, "RequestTimeout"),
        "503 RequestLimitExceeded": refusal(503, "RequestLimitExceeded"),
    }
    return {name: Case(instead(said)) for name, said in what.items()} | {
        "500 twice": Case(instead(what["500"]), times=2),
        "503 with a body that is cut": Case(instead_and_cut(what["503 SlowDown"])),
    }


def instead_and_cut(what: Answer) -> Fault:
    return s3_faults.then_closed(lambda exchange: exchange.pass_on(what, in_body(what)))


CUT = cut(in_body, Ending.RST)


def with_bytes_behind(exchange: Exchange) -> None:
    """What looks like another answer, to nothing that was asked."""
    exchange.pass_on(exchange.ask(), behind=b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{")


ANSWERS = {
    "a garbage status line": Case(s3_faults.raw(b"\x00\xffHELO S3\r\n\r\n")),
    "no head at all": Case(s3_faults.raw(b'{"msg":"HTTP/0.9"}\n')),
    "endless headers": Case(s3_faults.endless(b"HTTP/1.1 200 OK\r\n", b"x-more: of it\r\n")),
    "one endless header": Case(s3_faults.endless(b"HTTP/1.1 200 OK\r\nx-more: ", b"and more")),
    "endless 100 Continue": Case(s3_faults.endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
    "a short body": Case(s3_faults.whole_with_other_length(100), says="length"),
    "a long body": Case(s3_faults.whole_with_other_length(-7), says="length"),
    "half a body that claims to be all": Case(changed(s3_faults.half_that_claims_to_be_all), says="length"),
    "half a body, and no checksum": Case(changed(s3_faults.half_without_checksum), says="length"),
    "a changed byte": Case(changed(s3_faults.with_a_byte_changed), says="checksum|CRC-32|DEFLATE"),
    "bytes behind the body": Case(with_bytes_behind, requests_max=1),
    "chunks": Case(s3_faults.in_chunks, requests_max=1),
    "chunks that are cut": Case(s3_faults.in_chunks_and_cut),
    "chunks without the last": Case(s3_faults.in_chunks_without_the_last),
    "a nonsense chunk": Case(s3_faults.nonsense_chunk),
    "no length": Case(s3_faults.without_length(s3_faults.at_end), says="no Content-Length"),
    "no length and cut": Case(s3_faults.without_length(in_body), says="no Content-Length"),
    "200 with an error": Case(instead(answer(200, refusal(500, "InternalError").body)), says="another ETag"),
}

# The resume of a body that broke meets these.
RESUMES = {
    "cut again": Case(CUT, cut(in_body, Ending.FIN)),
    "the range is ignored": Case(CUT, s3_faults.whole_instead_of_range),
    "a shorter range": Case(CUT, changed(s3_faults.shorter_range)),
    "a range that begins later": Case(CUT, s3_faults.other_range(1)),
    "a range that begins earlier": Case(CUT, s3_faults.other_range(-1)),
    "another ETag": Case(CUT, changed(lambda what: what.having(etag='"0123"')), says="another ETag"),
    "206 without Content-Range": Case(CUT, changed(lambda what: what.having(content_range=None))),
    "500": Case(CUT, instead(refusal(500, "InternalError"))),
    "503 SlowDown": Case(CUT, instead(refusal(503, "SlowDown"))),
    "416": Case(CUT, instead(refusal(416, "InvalidRange")), says="InvalidRange"),
    "404": Case(CUT, instead(refusal(404, "NoSuchKey")), says="NoSuchKey"),
    "412": Case(CUT, instead(refusal(412, "PreconditionFailed")), says="PreconditionFailed"),
    "chunks": Case(CUT, s3_faults.in_chunks, requests_max=2),
}

# What no retry heals.
FAILURES = {
    "403 AccessDenied": Case(instead(refusal(403, "AccessDenied")), says="AccessDenied", requests_max=1),
    "404 NoSuchKey": Case(instead(refusal(404, "NoSuchKey")), says="NoSuchKey", requests_max=1),
    "403 InvalidObjectState": Case(instead(refusal(403, "InvalidObjectState")), says="restore", requests_max=1),
    "another ETag": Case(changed(lambda what: what.having(etag='"0123"')), says="another ETag"),
    "no ETag": Case(changed(lambda what: what.having(etag=None)), says="ETag"),
}

SLOW = {
    "half-open": Case(stalled(s3_faults.before_answer)),
    "a stalled head": Case(stalled(s3_faults.in_head)),
    "a stalled body": Case(stalled(in_body)),
    "stalled at the last byte": Case(stalled(s3_faults.at_last_byte)),
    "a dripping head": Case(dripping(s3_faults.in_head)),
    "a dripping body": Case(dripping(in_body)),
}

CASES = cuts() | refusals() | ANSWERS | {f"resumed: {name}": case for name, case in RESUMES.items()} | FAILURES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.function is test_a_fault_of_an_object:
        parametrize_some(metafunc, "case", CASES, FEW)


@pytest.fixture(scope="module")
def scene(postgres: Cluster, store: Store, new_folder: Callable[[], Path]) -> Iterator[Scene]:
    with make_scene(postgres, store, new_folder()) as made:
        made.migrate_and_put(contents())
        yield made


@pytest.fixture(scope="module")
def proxy_of_all(scene: Scene) -> Iterator[FaultProxy]:
    with fault_proxy(scene.bucket.store.endpoint) as made:
        yield made


@pytest.fixture
def proxy(scene: Scene, proxy_of_all: FaultProxy) -> FaultProxy:
    """As if neither it nor the bucket had ever been used."""
    scene.start_anew()
    proxy_of_all.forget()
    return proxy_of_all


@pytest.fixture
def ingestor(scene: Scene, proxy: FaultProxy) -> Ingestor:
    # A file that has failed is not tried again within the test.
    return scene.ingestor.having(AWS_ENDPOINT=proxy.endpoint, INGESTOR_RETRY_BACKOFF="1h", INGESTOR_MIGRATE="off")


def test_a_fault_of_an_object(case: Case, scene: Scene, proxy: FaultProxy, ingestor: Ingestor) -> None:
    proxy.script = case.script
    check(case, scene, proxy, ingestor("once"), SECONDS_MAX)
    if case.says:
        assert ingestor("retry", "--all").code == 0
        done = ingestor("once")
        assert done.code == 0, done
        assert_all_completed(scene.database, LINES)


@pytest.mark.slow
@pytest.mark.parametrize("case", SLOW.values(), ids=SLOW.keys())
def test_a_fault_that_takes_patience(case: Case, scene: Scene, proxy: FaultProxy, ingestor: Ingestor) -> None:
    proxy.script = case.script
    check(case, scene, proxy, ingestor("once", limit=PATIENCE_SECONDS_MAX), PATIENCE_SECONDS_MAX)


def check(case: Case, scene: Scene, proxy: FaultProxy, done: Finished, seconds_max: float) -> None:
    told = f"{done}\n{proxy.requests}"
    failed = HIT if case.says else ()
    assert done.code == bool(failed), told
    assert_all_completed(scene.database, {key: LINES[key] for key in LINES if key not in failed}, failed)
    for key in failed:
        assert re.search(case.says, scene.database.file(key)["metadata"]["error"]), told
    for key in HIT:
        assert not case.resumed or any(request.first_byte > 0 for request in proxy.gets(key)), told
        assert len(proxy.gets(key)) <= case.requests_max, told
    for key in LINES.keys() - HIT:
        assert len(proxy.gets(key)) <= OTHERS_MAX, told
    assert done.seconds < seconds_max, told


def test_bad_weather(
    postgres: Cluster,
    store: Store,
    new_folder: Callable[[], Path],
    chance: random.Random,
    times: Callable[[int, int], int],
) -> None:
    """Any request may meet any of the faults that heal, more than once; all is there in the end, and no object is
    blamed."""
    seed = chance.random()
    faults = [case.fault for case in CASES.values() if not case.says and not case.resumed]
    lines = {f"{n:04}": LARGE_LINES if n % 50 == 7 else SMALL_LINES for n in range(times(100, 1_000))}
    met: Counter[str] = Counter()

    def script(request: Request) -> Fault | None:
        if not request.key and not request.is_listing:
            return None  # what the service begins with: without S3 it does not start
        # Which requests are made at the same time is nobody's choice, so each has its own luck.
        luck = random.Random(f"{seed} {request.key} {request.nth}")
        is_fine = luck.random() > SHARE_BAD
        met["fine" if is_fine else "bad"] += 1
        return None if is_fine else luck.choice(faults)

    with make_scene(postgres, store, new_folder()) as scene, fault_proxy(store.endpoint) as proxy:
        bodies = {count: objects.json_lines(count, padding="x" * 100) for count in (SMALL_LINES, LARGE_LINES)}
        zipped = {count: objects.zipped(body) for count, body in bodies.items()}
        scene.migrate_and_put({key: (zipped if int(key) % 2 else bodies)[count] for key, count in lines.items()})
        proxy.script = script
        with scene.ingestor.having(AWS_ENDPOINT=proxy.endpoint, INGESTOR_POLL_INTERVAL="1s").running() as service:
            service.wait_until("all is completed", lambda: scene.database.is_completed(*lines), limit=600)
            proxy.forget()
            done = service.stop()
        assert done.code == 0, done
        assert_all_completed(scene.database, lines)
        print(f"{len(lines)} files, requests {dict(met)}, {done.seconds:.1f} s")  # noqa: T201 - the figures of a run
