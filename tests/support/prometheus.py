"""A real Prometheus that scrapes the binary, and promtool, which knows its rules."""

import json
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .ingestor import free_port
from .waiting import wait_until

SCRAPE_EVERY = 0.5  # seconds


class Prometheus:
    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def _ask(self, path: str, **parameters: str) -> dict:
        url = f"{self._url}{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            said = json.load(answer)
        assert said["status"] == "success", said
        return said["data"]

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(self._url + "/-/ready", timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False

    def value(self, query: str) -> float | None:
        """Of a query with one result; None where it has no result yet."""
        found = self._ask("/api/v1/query", query=query)["result"]
        assert len(found) <= 1, f"{query} has {len(found)} results"
        return float(found[0]["value"][1]) if found else None

    def failed_scrapes(self) -> list[str]:
        """The errors of targets that are not up; none where the last scrape of each went well."""
        return [target["lastError"] for target in self._ask("/api/v1/targets")["activeTargets"] if target["lastError"]]

    def metadata(self) -> dict[str, dict[str, str]]:
        """Type and help of each metric."""
        return {name: entries[0] for name, entries in self._ask("/api/v1/metadata").items()}


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[Prometheus]:
    """Scrapes host:port `target` twice a second. Skips where it is not installed."""
    binary = _installed("prometheus")
    config = folder / "prometheus.yml"
    config.write_text(
        f"global: {{scrape_interval: {int(SCRAPE_EVERY * 1000)}ms, scrape_timeout: {int(SCRAPE_EVERY * 1000)}ms}}\n"
        f"scrape_configs: [{{job_name: ingestor, static_configs: [{{targets: ['{target}']}}]}}]\n"
    )
    port = free_port()
    words = [binary, f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}",
             f"--web.listen-address=127.0.0.1:{port}"]  # fmt: skip
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        server = Prometheus(port)
        wait_until("Prometheus is ready", server.is_ready)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def complaints(text: str) -> str:
    """What `promtool check metrics` has against a scrape; nothing where all is well."""
    done = subprocess.run(
        [_installed("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, timeout=30
    )
    return done.stdout + done.stderr if done.returncode != 0 else done.stdout


def _installed(name: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed: it is in Debian's package prometheus")
    return found
