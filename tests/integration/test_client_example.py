"""The program in the README of the PostgreSQL client does what the page says."""

import os
import subprocess

from support.database import Database
from support.places import README_PROGRAM


def run(url: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": url}
    return subprocess.run([README_PROGRAM], env=environment, capture_output=True, text=True, timeout=30)


def test_it_loads_rows_and_finds_the_warm_one(database: Database) -> None:
    done = run(database.url)
    assert (done.returncode, done.stdout, done.stderr) == (0, "north: 21.5 °C\n", "")


def test_it_says_what_is_wrong_with_its_url() -> None:
    done = run("postgresql://host:x/db")
    assert done.returncode == 2
    assert "DATABASE_URL: port is not a number" in done.stderr


def test_it_says_why_there_is_no_database() -> None:
    done = run("postgresql://me@127.0.0.1:1/db?connect_timeout=2")
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr
