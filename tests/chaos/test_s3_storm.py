"""S3 is overwhelmed for a minute and asks everybody to slow down: the whole process does, and is back at full speed
within seconds once S3 is itself again."""

import threading
import time
from collections.abc import Callable

import pytest
from support import objects
from support.exactly_once import assert_all_completed, assert_exactly_once
from support.fault_proxy import Answer, Fault, FaultProxy, Request, answer, refusal
from support.ingestor import Ingestor, free_port
from support.metrics import metrics
from support.s3_faults import instead
from support.scene import Scene
from support.some_of import parametrize_some

FETCHERS = 4
SMALL_FILES = 800
SMALL_LINES = 5
LARGE_FILES = 8
LARGE_LINES = 2_000
FILES_BEFORE = 200  # are done when it begins
LOOKED_AT_SECONDS = {True: 10, False: 4}  # the end of a whole storm, of a short one
RECOVERY_SECONDS = 5.0
SLACK_SECONDS = 1.0  # of a busy machine, for what a timer decides
# Times the usual time of what is left, and in seconds: a machine may be busier than before, but one file a second would
# be a hundred times as slow.
SLOWER_MAX = 6.0
PATIENCE_SECONDS = 10.0

STORMS = {
    "503 SlowDown": refusal(503, "SlowDown"),
    "429 with Retry-After": refusal(429, "TooManyRequests", retry_after="1"),
    "503 of a proxy": answer(503, b"<html>busy</html>", content_type="text/html"),
}


@pytest.fixture
def ingestor(scene: Scene, proxy: FaultProxy) -> Ingestor:
    return scene.ingestor.having(
        AWS_ENDPOINT=proxy.endpoint,
        INGESTOR_DB_POOL_SIZE=str(FETCHERS),
        INGESTOR_BATCH_SIZE="20",
        INGESTOR_POLL_INTERVAL="1s",
    )


class Storm:
    """Begins at the request at which so many files have been asked for, and ends by itself after some time."""

    def __init__(self, what: Answer, seconds: float) -> None:
        self._fault = instead(what)
        self._seconds = seconds
        self._lock = threading.Lock()
        self._files: set[str] = set()
        self.began: float | None = None

    @property
    def ends(self) -> float:
        return self.began + self._seconds if self.began else float("inf")

    def script(self, request: Request) -> Fault | None:
        with self._lock:
            self._files.add(request.key)
            if self.began is None and len(self._files) > FILES_BEFORE:
                self.began = request.at
        return self._fault if self.began and request.at < self.ends else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    parametrize_some(metafunc, "what", STORMS, 1)


def test_a_storm(
    what: Answer, scene: Scene, proxy: FaultProxy, ingestor: Ingestor, times: Callable[[int, int], int]
) -> None:
    lines = put_files(scene)
    seconds, looked_at = times(15, 60), LOOKED_AT_SECONDS[times(0, 1) == 1]
    storm = Storm(what, seconds)
    proxy.script = storm.script
    began = time.monotonic()
    port = free_port()
    with ingestor.having(INGESTOR_HTTP_LISTEN=f"127.0.0.1:{port}").running() as service:
        service.wait_until("the storm has begun", lambda: storm.began)
        service.wait_until("the storm is over", lambda: time.monotonic() > storm.ends, limit=seconds + 10)
        assert_exactly_once(scene.database, lines)
        left = len(lines) - list(scene.database.statuses().values()).count("completed")
        usual = left * (storm.began - began) / FILES_BEFORE
        service.wait_until("all is completed", lambda: scene.database.is_completed(*lines), limit=300)
        took = time.monotonic() - storm.ends
        throttled = metrics(port)["ingestor_s3_throttled_total"]
        done = service.stop()
    assert done.code == 0, done
    assert_all_completed(scene.database, lines)
    during = [request.at for request in proxy.requests if storm.began <= request.at < storm.ends]
    at_end = [at for at in during if at >= storm.ends - looked_at]
    served = min(request.at for request in proxy.requests if request.at >= storm.ends) - storm.ends
    print(  # noqa: T201 - the figures of a run
        f"{seconds} s: {len(during)} requests, {len(at_end)} in the last {looked_at} s; served again after "
        f"{served:.1f} s, {left} files done after {took:.1f} s, usually {usual:.1f} s"
    )
    assert throttled == len(during)
    assert left > 3 * RECOVERY_SECONDS, "or it shows nothing"
    # Both ends of the time may fall on a request.
    assert len(at_end) <= looked_at + 1, [at - storm.ends for at in at_end]
    assert served <= RECOVERY_SECONDS + SLACK_SECONDS
    assert took <= RECOVERY_SECONDS + SLOWER_MAX * usual + PATIENCE_SECONDS


def put_files(scene: Scene) -> dict[str, int]:
    small = objects.json_lines(SMALL_LINES)
    large = objects.stored(objects.json_lines(LARGE_LINES, padding="x" * 200))
    # Among the small ones, all over.
    step = SMALL_FILES // LARGE_FILES
    made = {f"{n:04}": small for n in range(SMALL_FILES)} | {f"{step * n:04}-large": large for n in range(LARGE_FILES)}
    scene.migrate_and_put(made)
    return {key: LARGE_LINES if key.endswith("large") else SMALL_LINES for key in made}
