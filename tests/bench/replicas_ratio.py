"""Rows per second of three `ingestor once` at the same time, beside one, over the same files.

By turns on the same throwaway servers, so that the ratio holds on any machine; and who used the
processors meanwhile, which says where the limit lies. Started by tools/bench, which starts the
servers.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import psycopg
from copy_ratio import BUCKET, CREDENTIALS, ROOT, upload
from measuring import measure

TICK = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count()


@dataclass(frozen=True)
class Turn:
    seconds: float
    replicas_cpu: float
    postgres_cpu: float
    idle: float
    """Processor seconds, as the two before it."""


def processor_ticks(pid, with_children_that_ended):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15] if with_children_that_ended else fields[11:13]))


def idle_seconds():
    """Of all processors, waiting for a disk included."""
    fields = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()
    return (int(fields[4]) + int(fields[5])) / TICK


class Bench:
    def __init__(self, arguments):
        self.ingestor = str(arguments.ingestor)
        self.database = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        self.superuser = psycopg.connect(os.environ["SUPERUSER_URL"], autocommit=True)
        self.postmaster = int(self.superuser.execute("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)").fetchone()[0])
        self.environment = CREDENTIALS | {
            "PATH": "/usr/bin:/bin",
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "AWS_S3_BUCKET": BUCKET,
            "AWS_ENDPOINT": os.environ["AWS_ENDPOINT"],
            "INGESTOR_DB_POOL_SIZE": str(arguments.connections),
            "INGESTOR_BATCH_SIZE": "4",  # so that no replica takes all there is
        }
        upload(os.environ["AWS_ENDPOINT"], arguments.copies)
        measure([self.ingestor, "migrate"], self.environment)
        self.run(1)
        self.rows = self.count()

    def count(self):
        return self.database.execute("select count(*) from log").fetchone()[0]

    def postgres_seconds(self):
        """Of the server and all its processes; those that have ended are in the first one's account."""
        children = pathlib.Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split()
        ticks = processor_ticks(self.postmaster, True) + sum(processor_ticks(pid, False) for pid in children)
        return ticks / TICK

    def run(self, replicas):
        self.database.execute("truncate log, processed_file, rejected_line")
        self.superuser.execute("checkpoint")
        before = self.postgres_seconds(), idle_seconds()
        began = time.monotonic()
        with tempfile.TemporaryFile("w+") as output:
            running = [
                subprocess.Popen([self.ingestor, "once"], env=self.environment, stdout=output, stderr=output)
                for _ in range(replicas)
            ]
            cpu = 0.0
            for process in running:
                _, status, usage = os.wait4(process.pid, 0)
                cpu += usage.ru_utime + usage.ru_stime
                process.returncode = os.waitstatus_to_exitcode(status)
            if any(process.returncode for process in running):
                output.seek(0)
                sys.exit(f"a replica failed:\n{output.read()[-4000:]}")
        seconds = time.monotonic() - began
        return Turn(seconds, cpu, self.postgres_seconds() - before[0], idle_seconds() - before[1])

    def counted(self, replicas):
        turn = self.run(replicas)
        if self.count() != self.rows:
            sys.exit(f"{replicas} replicas loaded {self.count()} rows of {self.rows}")
        return turn


def show(replicas, turns, rows):
    def share(figure):
        return statistics.median(getattr(turn, figure) / turn.seconds / CORES for turn in turns)

    seconds = statistics.median(turn.seconds for turn in turns)
    replicas_share, postgres_share, idle_share = map(share, ("replicas_cpu", "postgres_cpu", "idle"))
    print(
        f"  {replicas} at once  {rows / seconds:9,.0f} rows/s; of the {CORES} processors: replicas {replicas_share:4.0%}, "
        f"PostgreSQL {postgres_share:4.0%}, idle {idle_share:4.0%}, others {1 - replicas_share - postgres_share - idle_share:4.0%}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingestor", type=pathlib.Path, default=ROOT / "build" / "ingestor")
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--connections", type=int, default=1, help="of each replica")
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs")
    parser.add_argument("--copies", type=int, default=12, help="how many sample logs of 70,000 lines")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    print(f"replicas_ratio: {bench.rows:,} rows in {arguments.copies} files, {arguments.runs} pairs of runs, by turns", flush=True)
    turns = {1: [], arguments.replicas: []}
    for number in range(arguments.runs):
        for replicas in (1, arguments.replicas) if number % 2 == 0 else (arguments.replicas, 1):
            turns[replicas].append(bench.counted(replicas))
    for replicas, measured in turns.items():
        show(replicas, measured, bench.rows)
    ratio = statistics.median(one.seconds / many.seconds for one, many in zip(*turns.values()))
    print(f"replicas_ratio {ratio:.3f} (rows/s of {arguments.replicas} replicas over those of one, the median of the pairs)")


if __name__ == "__main__":
    main()
