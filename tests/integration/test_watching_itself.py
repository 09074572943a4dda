"""How late the event loop is, and how often the ledger is read for those who look."""

import signal
import threading
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from support import objects
from support.database import edit_url
from support.forwarding import Forwarder
from support.ingestor import free_port
from support.metrics import metrics
from support.scene import Scene
from support.waiting import wait_until

# What only the statement has that counts all files.
COUNTED_BY = b"count(*) filter (where status = 'pending')"
LOOKING_SECONDS = 22.0


class Listening(Forwarder):
    """Counts how often the ledger is counted."""

    def __init__(self, address: str, to_host: str, to_port: int) -> None:
        self.times: list[float] = []
        super().__init__(address, to_host, to_port)

    def pieces_of_request(self, client: object, data: bytes) -> Iterable[bytes]:
        if COUNTED_BY in data:
            self.times.append(time.monotonic())
        return (data,)


def test_a_loop_that_was_late_says_so(scene: Scene) -> None:
    scene.migrate_and_put({"a": objects.json_lines(3)})
    port = free_port()
    with scene.ingestor.having(INGESTOR_HTTP_LISTEN=f"127.0.0.1:{port}").running() as process:
        wait_until("it turns", lambda: _turns(port) > 10)
        assert "the event loop was late" not in process.output()
        process.send(signal.SIGSTOP)
        time.sleep(2)
        process.send(signal.SIGCONT)
        wait_until("it has noticed", lambda: "the event loop was late" in process.output())
        found = metrics(port)
        assert found['ingestor_loop_lag_seconds_bucket{le="+Inf"}'] > found['ingestor_loop_lag_seconds_bucket{le="1"}']
        assert found["ingestor_loop_lag_seconds_sum"] > 1.5
        assert process.stop().code == 0


def _turns(port: int) -> float:
    try:
        return metrics(port)["ingestor_loop_lag_seconds_count"]
    except OSError:
        return 0


def test_the_ledger_is_counted_every_ten_seconds_however_many_look(scene: Scene) -> None:
    scene.migrate_and_put({"a": objects.json_lines(3)})
    address = urlsplit(scene.database.url)
    assert address.hostname and address.port
    forwarder = Listening("127.0.0.1", address.hostname, address.port)
    port = free_port()
    changes = {
        "DATABASE_URL": edit_url(scene.database.url, host="127.0.0.1", port=forwarder.port),
        "INGESTOR_HTTP_LISTEN": f"127.0.0.1:{port}",
    }
    done = threading.Event()
    asked = []

    def look() -> None:
        while not done.is_set():
            asked.append(metrics(port)['ingestor_files{status="pending"}'])

    with scene.ingestor.having(**changes).running() as process:
        wait_until("it has counted", lambda: forwarder.times)
        lookers = [threading.Thread(target=look) for _ in range(2)]
        for looker in lookers:
            looker.start()
        time.sleep(LOOKING_SECONDS)
        done.set()
        for looker in lookers:
            looker.join()
        assert process.stop().code == 0
    forwarder.close()
    assert len(asked) > 100
    gaps = [late - early for early, late in zip(forwarder.times, forwarder.times[1:], strict=False)]
    assert len(gaps) >= 2 and all(9.5 < gap < 15 for gap in gaps), gaps
