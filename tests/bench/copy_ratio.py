"""Rows per second of `ingestor once` with one connection, beside psql's \\copy of the same rows.

Both load the same rows into the same table of the same throwaway server, by turns, in one run, so
that the ratio holds on any machine. `ingestor once` also lists, fetches, inflates, parses and keeps
the ledger; \\copy reads a file that is already in PostgreSQL's binary format: the ratio says how
much all of that costs. Started by tools/bench, which starts the servers.
"""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile

import boto3
import botocore.config
import psycopg
from measuring import libpq_environment, measure, median

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "corpus"
BUCKET = "bench"
NAMES = ("ingestor once", "psql \\copy")
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


def shown(seconds, peak_rss_mib, cpu_seconds, rows):
    return f"{rows / seconds:9,.0f} rows/s  {peak_rss_mib:7.1f} MiB peak RSS  {cpu_seconds:6.2f} s client CPU"


def upload(endpoint, copies):
    """The sample logs, several times over, until a run lasts some seconds."""
    samples = sorted(SHARED.glob("app-*.ndjson.gz")) or [ROOT / "tests" / "data" / "app-1.ndjson.gz"]
    config = botocore.config.Config(s3={"addressing_style": "path"}, proxies={})
    s3 = boto3.client("s3", endpoint_url=endpoint, region_name=CREDENTIALS["AWS_REGION"], config=config,
                      aws_access_key_id="test", aws_secret_access_key="test")  # fmt: skip
    s3.create_bucket(Bucket=BUCKET)
    for number in range(copies):
        sample = samples[number % len(samples)]
        s3.put_object(Bucket=BUCKET, Key=f"{number:03}-{sample.name}", Body=sample.read_bytes())


class Bench:
    def __init__(self, arguments, folder):
        self.url = os.environ["DATABASE_URL"]
        self.ingestor = [str(arguments.ingestor), "once"]
        self.psql = os.environ["PSQL"]
        self.rows_file = folder / "log.copy"
        self.database = psycopg.connect(self.url, autocommit=True)
        # checkpoints are the superuser's to ask for
        self.superuser = psycopg.connect(os.environ["SUPERUSER_URL"], autocommit=True)
        upload(os.environ["AWS_ENDPOINT"], arguments.copies)
        measure([str(arguments.ingestor), "migrate"], self.environment())
        self.once()
        self.rows = self.count()
        self.copy("to")

    def environment(self):
        return CREDENTIALS | {
            "PATH": "/usr/bin:/bin",
            "DATABASE_URL": self.url,
            "AWS_S3_BUCKET": BUCKET,
            "AWS_ENDPOINT": os.environ["AWS_ENDPOINT"],
            "INGESTOR_DB_POOL_SIZE": "1",
        }

    def count(self):
        return self.database.execute("select count(*) from log").fetchone()[0]

    def empty(self):
        self.database.execute("truncate log, processed_file, rejected_line")
        self.superuser.execute("checkpoint")

    def once(self):
        self.empty()
        return measure(self.ingestor, self.environment())

    def copy(self, direction):
        command = [self.psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c"]
        if direction == "from":
            self.empty()
        return measure([*command, f"\\copy log {direction} '{self.rows_file}' (format binary)"], libpq_environment(self.url))

    def pair(self, number):
        """One run of each, the first of them by turns; each must load every row."""
        measured = {}
        for which in ("ingestor", "psql") if number % 2 == 0 else ("psql", "ingestor"):
            measured[which] = self.once() if which == "ingestor" else self.copy("from")
            loaded = self.count()
            if loaded != self.rows:
                sys.exit(f"{which} loaded {loaded} rows of {self.rows}")
        return measured["ingestor"], measured["psql"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingestor", type=pathlib.Path, default=ROOT / "build" / "ingestor")
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs")
    parser.add_argument("--copies", type=int, default=4, help="how many sample logs of 70,000 lines")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ingestor-bench-") as folder:
        bench = Bench(arguments, pathlib.Path(folder))
        print(f"copy_ratio: {bench.rows:,} rows, {arguments.runs} pairs of runs, by turns", flush=True)
        pairs = []
        for number in range(arguments.runs):
            pairs.append(bench.pair(number))
            for name, run in zip(NAMES, pairs[-1]):
                print(f"  {name:14} {shown(run.seconds, run.peak_rss_mib, run.cpu_seconds, bench.rows)}", flush=True)
    print("medians")
    for name, runs in zip(NAMES, zip(*pairs)):
        figures = (median(runs, figure) for figure in ("seconds", "peak_rss_mib", "cpu_seconds"))
        print(f"  {name:14} {shown(*figures, bench.rows)}")
    ratio = statistics.median(theirs.seconds / ours.seconds for ours, theirs in pairs)
    print(f"copy_ratio {ratio:.3f} (ingestor's rows/s over psql's, the median of the pairs)")


if __name__ == "__main__":
    main()
