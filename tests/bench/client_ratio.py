"""The PostgreSQL client alone beside libpq's own programs, on the same server in the same run.

COPY of 300,000 rows beside psql's \\copy of the same file; 10,000 queries for one row each, one by
one and 100 with each Sync, beside pgbench with the extended protocol and one client. By turns, so
that the ratios hold on any machine. Started by tools/bench, which starts the server.
"""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile

import psycopg
from measuring import libpq_environment, measure, median

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROWS = 300_000
QUERIES = 10_000
STATEMENTS_PER_PIPELINE = 100

LOOKUP = r"""\set n random(0, 9999)
select v from bench_row where n = :n;
"""

TABLES = """
drop table if exists bench_copied, bench_row;
create table bench_copied (id bigint, at timestamptz, level smallint, name text, data jsonb);
create table bench_row (n bigint primary key, v bigint not null);
insert into bench_row select n, 2 * n from generate_series(0, 9999) n;
analyze bench_row;
insert into bench_copied
select n, timestamptz '2026-01-01' + n * interval '1 second', n % 6, 'worker-' || n % 17,
       jsonb_build_object('msg', repeat('what happened, in some words, ', 8), 'pid', n, 'took', n / 7.0)
  from generate_series(1, {rows}) n
"""


class Bench:
    def __init__(self, arguments, folder):
        self.url = os.environ["DATABASE_URL"]
        self.client = [str(arguments.client)]
        self.psql = os.environ["PSQL"]
        self.pgbench = str(pathlib.Path(self.psql).with_name("pgbench"))
        self.rows_file = folder / "rows.copy"
        self.single = folder / "single.sql"
        self.single.write_text(LOOKUP)
        self.pipelined = folder / "pipelined.sql"
        self.pipelined.write_text("\\startpipeline\n" + LOOKUP * STATEMENTS_PER_PIPELINE + "\\endpipeline\n")
        self.database = psycopg.connect(self.url, autocommit=True)
        # checkpoints are the superuser's to ask for
        self.superuser = psycopg.connect(os.environ["SUPERUSER_URL"], autocommit=True)
        for statement in TABLES.replace("{rows}", str(ROWS)).split(";"):
            self.database.execute(statement)
        self.psql_copy("to")

    def ours(self, *arguments):
        return measure([*self.client, *arguments], {"PATH": "/usr/bin:/bin", "DATABASE_URL": self.url})

    def psql_copy(self, direction):
        copy = f"\\copy bench_copied {direction} '{self.rows_file}' (format binary)"
        command = [self.psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", copy]
        return measure(command, libpq_environment(self.url))

    def pgbench_run(self, script, transactions):
        command = [self.pgbench, "-n", "-M", "extended", "-c", "1", "-t", str(transactions), "-f", str(script)]
        return measure(command, libpq_environment(self.url))

    def copied(self, how):
        self.database.execute("truncate bench_copied")
        self.superuser.execute("checkpoint")
        measured = how()
        found = self.database.execute("select count(*) from bench_copied").fetchone()[0]
        if found != ROWS:
            sys.exit(f"{found} rows of {ROWS} were copied")
        return measured

    def cases(self):
        """What is measured: ours, and libpq's."""
        return {
            "copy": (
                lambda: self.copied(lambda: self.ours("copy", str(self.rows_file))),
                lambda: self.copied(lambda: self.psql_copy("from")),
            ),
            "select": (
                lambda: self.ours("select", str(QUERIES)),
                lambda: self.pgbench_run(self.single, QUERIES),
            ),
            "pipeline": (
                lambda: self.ours("pipeline", str(QUERIES)),
                lambda: self.pgbench_run(self.pipelined, QUERIES // STATEMENTS_PER_PIPELINE),
            ),
        }


def compare(name, ours, theirs, runs):
    pairs = []
    for number in range(runs):
        turn = {}
        for which in (ours, theirs) if number % 2 == 0 else (theirs, ours):
            turn[which] = which()
        pairs.append((turn[ours], turn[theirs]))
    print(name)
    for who, measured in zip(("this client", "libpq"), zip(*pairs)):
        wall, cpu, peak = (median(measured, figure) for figure in ("seconds", "cpu_seconds", "peak_rss_mib"))
        print(f"  {who:12} {wall:7.3f} s  {cpu:6.2f} s client CPU  {peak:6.1f} MiB peak RSS")
    wall = statistics.median(b.seconds / a.seconds for a, b in pairs)
    cpu = median((b for _, b in pairs), "cpu_seconds") / max(median((a for a, _ in pairs), "cpu_seconds"), 0.001)
    print(f"client_ratio {name} {wall:.3f} (libpq's time over ours, the median of the pairs; of client CPU {cpu:.2f})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--client", type=pathlib.Path, default=ROOT / "build" / "tests" / "bench" / "pg-client")
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ingestor-bench-") as folder:
        bench = Bench(arguments, pathlib.Path(folder))
        for name, (ours, theirs) in bench.cases().items():
            compare(name, ours, theirs, arguments.runs)


if __name__ == "__main__":
    main()
