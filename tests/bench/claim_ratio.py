"""What one claim costs, in ledgers of different sizes and histories, as ratios within one run.

The statement is the program's own (claim_cost.cpp calls the ledger). Two ledgers are claimed from by
turns, so that the ratio of the medians holds on any machine. The limit is 1.5. Started by tools/bench,
which starts the server.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 1.5
FEW = 1_000
REPLICAS = 10

FILES = """
insert into processed_file (bucket, s3_key, etag, size, last_modified, status, queued_at, processed_at, claim_token)
select 'bench', {prefix} || lpad(n::text, 9, '0'), md5(n::text), {size}, now(), {status}::processed_file_status,
       now() - interval '1 day' + n * interval '1 millisecond',
       case when {status} = 'completed' then now() end, 0
  from generate_series(1, {count}) n
"""


class Ledger:
    """One database with the schema and nothing but a ledger in it."""

    def __init__(self, name, ingestor):
        self.name = name
        role = urlsplit(os.environ["DATABASE_URL"])
        self.url = role._replace(path="/" + name).geturl()
        with psycopg.connect(os.environ["SUPERUSER_URL"], autocommit=True) as superuser:
            superuser.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(role.username))
            )
        with self.connect(superuser=True) as admin:
            admin.execute(
                sql.SQL("grant usage, create on schema public to {}").format(sql.Identifier(role.username))
            )
        variables = {"DATABASE_URL": self.url, "AWS_S3_BUCKET": "bench", "AWS_REGION": "us-east-1"}
        subprocess.run([ingestor, "migrate"], env={"PATH": "/usr/bin:/bin"} | variables, check=True, capture_output=True)

    def connect(self, superuser=False):
        base = os.environ["SUPERUSER_URL"] if superuser else os.environ["DATABASE_URL"]
        return psycopg.connect(urlsplit(base)._replace(path="/" + self.name).geturl(), autocommit=True)

    def add(self, prefix, count, status="pending", size=1000):
        with self.connect() as db:
            db.execute(
                sql.SQL(FILES).format(
                    prefix=sql.Literal(prefix), count=sql.Literal(count), size=sql.Literal(size), status=sql.Literal(status)
                )
            )

    def fill(self, pending, completed=0):
        """These files and no others. What the claims leave behind then stays: there is no autovacuum."""
        with self.connect() as db:
            db.execute("truncate processed_file, log")
            db.execute("alter table processed_file set (autovacuum_enabled = false)")
            self.add("c", completed, status="completed")
            self.add("p", pending)
            db.execute("vacuum analyze processed_file")

    @contextmanager
    def long_load(self):
        """A transaction that has written, and goes on: as one does that loads a large file."""
        with self.connect() as db, db.transaction():
            db.execute("insert into log (id, timestamp, raw_data) values (gen_random_uuid(), now(), '{}')")
            yield


def start(program, ledger, other, claims, files, ending):
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL": ledger.url}
    if other:
        environment["OTHER_DATABASE_URL"] = other.url
    return subprocess.Popen(
        [program, str(claims), str(files), ending], env=environment, stdout=subprocess.PIPE, text=True
    )


def finish(process):
    """Microseconds: for each claim those in each ledger."""
    output, _ = process.communicate()
    if process.returncode != 0:
        sys.exit(f"claim-cost ended with exit status {process.returncode}")
    return [tuple(map(float, line.split())) for line in output.splitlines()]


def show(what, base, other):
    ratio = other / base
    verdict = "" if ratio <= LIMIT else f"  OVER {LIMIT}"
    print(f"claim_ratio {ratio:.3f}  {what}: {other:,.0f} µs against {base:,.0f} µs{verdict}", flush=True)


def by_turns(program, base, other, claims, files, what):
    # The first claims of a session also read its catalogues.
    pairs = finish(start(program, base, other, claims + 20, files, "return"))[20:]
    show(what, statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs))


def at_once(program, base, other, claims, what):
    """Ten sessions that claim at the same time, the two ledgers by turns."""
    figures = {base: [], other: []}
    for turn in range(6):
        for ledger in (base, other) if turn % 2 == 0 else (other, base):
            running = [start(program, ledger, None, claims, 10, "return") for _ in range(REPLICAS)]
            for process in running:
                figures[ledger] += [one for (one,) in finish(process)[5:]]
    show(what, statistics.median(figures[base]), statistics.median(figures[other]))


def after_many(program, fresh, aged, claims, before, what):
    """A ledger that has been claimed from so often, each file completed and nothing vacuumed, beside a fresh one."""
    finish(start(program, aged, None, before, 1, "complete"))
    by_turns(program, fresh, aged, claims, 1, what)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "tests" / "bench" / "claim-cost")
    parser.add_argument("--ingestor", type=pathlib.Path, default=ROOT / "build" / "ingestor")
    parser.add_argument("--many", type=int, default=1_000_000, help="files in the large ledgers")
    parser.add_argument("--claims", type=int, default=200, help="claims for each figure")
    options = parser.parse_args()
    few, many, old = (Ledger(name, options.ingestor) for name in ("few", "many", "old"))
    few.fill(FEW)
    many.fill(options.many)
    old.fill(FEW, completed=options.many)
    large, program = f"{options.many:,}", options.program
    for files in (1, 100):
        by_turns(program, few, many, options.claims, files, f"{large} pending against {FEW:,}, claims of {files}")
    by_turns(program, few, old, options.claims, 100, f"after {large} completed, claims of 100")
    at_once(program, few, many, options.claims // 4, f"{large} pending against {FEW:,}, {REPLICAS} replicas at once")
    before = 20 * options.claims
    few.fill(FEW)
    many.fill(options.many)
    after_many(program, few, many, options.claims, before, f"after {before:,} claims without a vacuum")
    few.fill(FEW)
    many.fill(options.many)
    with many.long_load():
        after_many(program, few, many, options.claims, before, "the same while a large file is being loaded")


if __name__ == "__main__":
    main()
