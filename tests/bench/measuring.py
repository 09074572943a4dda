"""How a benchmark runs a command, and what it keeps of it."""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

EVERY = 0.005
"""Seconds between two looks at a process that runs."""


@dataclass(frozen=True)
class Measured:
    seconds: float
    peak_rss_mib: float
    cpu_seconds: float


def peak_rss_kib(pid):
    """The high-water mark so far. (wait4's would begin with that of this process, which forked it.)"""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def measure(command, environment):
    """Runs a command to its end; a failure ends the benchmark."""
    with tempfile.TemporaryFile("w+") as output:
        began = time.monotonic()
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        peak = 0
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, peak_rss_kib(process.pid))
            time.sleep(EVERY)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{command[0]} ended with exit status {process.returncode}:\n{output.read()[-4000:]}")
    return Measured(seconds, peak / 1024, usage.ru_utime + usage.ru_stime)


def libpq_environment(url):
    """What psql and pgbench take their connection from."""
    parts = urlsplit(url)
    return {
        "PATH": "/usr/bin:/bin", "PGHOST": parts.hostname, "PGPORT": str(parts.port), "PGUSER": parts.username,
        "PGPASSWORD": parts.password, "PGDATABASE": parts.path.lstrip("/"),
    }  # fmt: skip


def median(runs, figure):
    return statistics.median(getattr(run, figure) for run in runs)
