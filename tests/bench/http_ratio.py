"""What /metrics asked ten thousand times, and 200 idle or slow connections, cost a load: rows/s with and without.

By turns on the same throwaway servers, so that the ratios hold on any machine: alone, with a client that asks the
process that loads, and with the same client that asks another one, which has nothing to load. The last two use the
processors alike, so that beside each other they tell what being asked costs the load: that has the limit. The first
beside them also shows what the client takes. Started by tools/bench, which starts the servers.
"""

import argparse
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg
from copy_ratio import BUCKET, CREDENTIALS, ROOT, upload
from measuring import measure, peak_rss_kib

sys.path.insert(0, str(ROOT / "tests"))

from support.ingestor import free_port  # noqa: E402
from support.waiting import wait_until  # noqa: E402

LEAST = 0.97
LEASE = 4.0  # seconds; a heartbeat each second
SCRAPERS = pathlib.Path(__file__).with_name("scrapers.py")
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Turn:
    seconds: float
    cpu_seconds: float
    peak_rss_mib: float
    least_lease: float
    lease_lost: float
    lag: str
    client: dict


class Bench:
    def __init__(self, arguments):
        self.ingestor = str(arguments.ingestor)
        self.requests, self.connections = arguments.requests, arguments.connections
        self.database = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        self.superuser = psycopg.connect(os.environ["SUPERUSER_URL"], autocommit=True)
        self.files = arguments.copies
        self.port, self.elsewhere = free_port(), free_port()
        self.environment = CREDENTIALS | {
            "PATH": "/usr/bin:/bin",
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "AWS_S3_BUCKET": BUCKET,
            "AWS_ENDPOINT": os.environ["AWS_ENDPOINT"],
            "INGESTOR_LEASE": f"{LEASE:g}s",
        }
        upload(os.environ["AWS_ENDPOINT"], arguments.copies)
        measure([self.ingestor, "migrate"], self.environment)

    def metrics(self):
        return text_at(self.port)

    @contextmanager
    def service(self, port, **changes):
        environment = self.environment | {"INGESTOR_HTTP_LISTEN": f"127.0.0.1:{port}"} | changes
        with tempfile.TemporaryFile("w+") as output:
            running = subprocess.Popen([self.ingestor, "run"], env=environment, stdout=output, stderr=output)
            try:
                wait_until("it listens", lambda: text_at(port), interval=0.005)
                yield running
                running.send_signal(signal.SIGTERM)
                if running.wait(30) != 0:
                    output.seek(0)
                    sys.exit(f"the service failed:\n{output.read()[-4000:]}")
            finally:
                running.kill()

    @contextmanager
    def client(self, port, seconds):
        """Asks that port for so long; yields what it found out, when it has ended."""
        wanted = [f"127.0.0.1:{port}", str(self.requests), str(seconds), str(self.connections)]
        running = subprocess.Popen([sys.executable, str(SCRAPERS), *wanted], stdout=subprocess.PIPE, text=True)
        found = {}
        try:
            yield found
            found |= json.loads(running.communicate(timeout=120)[0])
        finally:
            running.kill()

    def load(self):
        """Until all files are completed; the shortest that any lease still had to run, in seconds."""
        least = LEASE
        while True:
            done, failed, left = self.database.execute(
                "select count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed'),"
                " min(extract(epoch from lease_expires_at - clock_timestamp()))::float8 from processed_file"
            ).fetchone()
            if failed:
                sys.exit("a file failed")
            if done == self.files:
                return least
            least = min(least, left if left is not None else LEASE)
            time.sleep(0.1)

    def turn(self, asked_port=None, seconds=0.0):
        """`seconds`: for how long the client asks, from the beginning of the load on."""
        self.database.execute("truncate log, processed_file, rejected_line")
        self.superuser.execute("checkpoint")
        with self.service(self.port) as service, ExitStack() as stack:
            client = stack.enter_context(self.client(asked_port, seconds)) if asked_port else {}
            least = self.load()
            fields = pathlib.Path(f"/proc/{service.pid}/stat").read_text().rpartition(")")[2].split()
            cpu, peak = sum(map(int, fields[11:13])) / TICK, peak_rss_kib(service.pid) / 1024
            stack.close()
            text = self.metrics()
        took = self.database.execute(
            "select extract(epoch from max(processed_at) - min(discovered_at))::float8 from processed_file"
        ).fetchone()[0]
        return Turn(took, cpu, peak, least, value_of(text, "ingestor_lease_lost_total"), worst_lag(text), client)

    def rows(self):
        return self.database.execute("select count(*) from log").fetchone()[0]


def text_at(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return answer.read().decode()
    except OSError:
        return None


def value_of(text, name):
    return float(next(line.rsplit(" ", 1)[1] for line in text.splitlines() if line.startswith(name + " ")))


def worst_lag(text):
    """The bucket that the worst one fell into, as an upper bound in seconds."""
    buckets = [line for line in text.splitlines() if line.startswith("ingestor_loop_lag_seconds_bucket")]
    total = buckets[-1].rsplit(" ", 1)[1]
    first = next(line for line in buckets if line.rsplit(" ", 1)[1] == total)
    return first.partition('le="')[2].partition('"')[0] + (" s" if total != "0" else " (never measured)")


def show(turns, rows):
    for who, of_it in turns.items():
        seconds, cpu = (statistics.median(getattr(turn, name) for turn in of_it) for name in ("seconds", "cpu_seconds"))
        least, peak = min(turn.least_lease for turn in of_it), max(turn.peak_rss_mib for turn in of_it)
        print(f"  {who:16} {rows / seconds:9,.0f} rows/s  {cpu:6.2f} s CPU  {peak:6.1f} MiB peak RSS  lease never below "
              f"{least:.2f} s of {LEASE:g}  loop lag up to {max(turn.lag for turn in of_it)}")  # fmt: skip
    clients = [turn.client for turn in turns["asked"]]
    requests, failed, closed = (sum(one[name] for one in clients) for name in ("requests", "failed", "closed"))
    print(f"  of {requests:,} requests {failed} failed, the slowest took {max(one['slowest'] for one in clients):.3f} s; "
          f"{closed:,} connections were closed; the client's own CPU "
          f"{statistics.median(one['cpu_seconds'] for one in clients):.2f} s")  # fmt: skip


def ratio(turns, other):
    return statistics.median(b.seconds / a.seconds for a, b in zip(turns["asked"], turns[other]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingestor", type=pathlib.Path, default=ROOT / "build" / "ingestor")
    parser.add_argument("--runs", type=int, default=5, help="turns of all three")
    parser.add_argument("--copies", type=int, default=24, help="how many sample logs of 70,000 lines")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=200, help="idle or slow ones")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    usual = bench.turn().seconds
    rows = bench.rows()
    # The client is done before the load is, also in a turn that is quicker.
    seconds = 0.8 * usual
    print(f"http_ratio: {rows:,} rows in {bench.files} files in {usual:.1f} s, {arguments.runs} turns; "
          f"{bench.requests:,} requests in {seconds:.1f} s, {bench.connections} connections", flush=True)  # fmt: skip
    turns = {"alone": [], "asked": [], "asked elsewhere": []}
    with bench.service(bench.elsewhere, AWS_S3_KEY="nothing/is/here/", INGESTOR_REPLICA="elsewhere"):
        ways = {
            "alone": lambda: bench.turn(),
            "asked": lambda: bench.turn(bench.port, seconds),
            "asked elsewhere": lambda: bench.turn(bench.elsewhere, seconds),
        }
        for number in range(arguments.runs):
            for who in ways if number % 2 == 0 else reversed(ways):
                turns[who].append(ways[who]())
                if bench.rows() != rows:
                    sys.exit(f"{who}: {bench.rows()} rows instead of {rows}")
    show(turns, rows)
    found = ratio(turns, "asked elsewhere")
    print(f"http_ratio {found:.3f} (rows/s while asked over those while the client asks elsewhere, the median of the "
          f"turns; over those alone, with what the client takes, {ratio(turns, 'alone'):.3f})")  # fmt: skip
    asked = turns["asked"]
    wrong = {
        f"below {LEAST}": found < LEAST,
        "a heartbeat was late": any(turn.least_lease < LEASE / 2 or turn.lease_lost for turn in asked),
        "requests failed": any(turn.client["failed"] for turn in asked),
    }
    sys.exit("; ".join(words for words, holds in wrong.items() if holds) or 0)


if __name__ == "__main__":
    main()
