"""Debian's chromium, driven through its chromedriver: the WebDriver protocol is JSON over HTTP, and needs no client.

Sources: W3C, "WebDriver"; ChromeDriver's documentation, `goog/cdp/execute` and `se/log`."""

import base64
import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest

from .ingestor import free_port
from .waiting import wait_until

COMMAND_SECONDS_MAX = 60.0
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--force-color-profile=srgb", "--lang=en-GB",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


class ScriptFailed(AssertionError):
    pass


@dataclass(frozen=True)
class Look:
    """How somebody looks at a page."""

    width: int
    height: int
    scheme: str  # light or dark

    def __str__(self) -> str:
        return f"{self.width}x{self.height}-{self.scheme}"


@dataclass
class Seen:
    """What a page did since it was last asked about."""

    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)


class Browser:
    """One session: one window with a profile of its own."""

    def __init__(self, driver: str, profile: str) -> None:
        options = {"args": [*ARGUMENTS, f"--user-data-dir={profile}"]}
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        self._driver = driver
        self._session = ""
        answer = self._ask("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self._session = "/" + answer["sessionId"]

    def _ask(self, method: str, path: str, body: dict | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._driver}/session{self._session}{path}", data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=COMMAND_SECONDS_MAX) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refused:
            raise ScriptFailed(json.load(refused)["value"]["message"]) from None

    def close(self) -> None:
        self._ask("DELETE", "")

    def cdp(self, command: str, **parameters: object) -> Any:
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url: str) -> None:
        self._ask("POST", "/url", {"url": url})

    def run(self, script: str, *arguments: object) -> Any:
        """The body of a function; a promise that it returns is awaited."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait_until(self, what: str, condition: str, limit: float = 30.0) -> Any:
        """Until a JavaScript expression is true."""
        return wait_until(what, lambda: self.run(f"return {condition}"), limit, interval=0.1)

    def look(self, how: Look) -> None:
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            width=how.width, height=how.height, deviceScaleFactor=1, mobile=how.width < 500,
        )  # fmt: skip
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": how.scheme}])

    def javascript(self, on: bool) -> None:
        """For pages that are opened from now on."""
        self.cdp("Emulation.setScriptExecutionDisabled", value=not on)

    def screenshot(self, path: Path) -> None:
        """The whole page, however long."""
        size = self.cdp("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = self.cdp("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def seen(self) -> Seen:
        """Since the last call."""
        out = Seen()
        for entry in self._ask("POST", "/se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent" and _is_of_a_site(message["params"]):
                out.requests.append(message["params"]["request"]["url"])
        out.console = [entry["message"] for entry in self._ask("POST", "/se/log", {"type": "browser"})]
        return out


@contextmanager
def chromium() -> Iterator[Callable[[], Browser]]:
    """Starts browsers; all end with it. Skips where Debian's packages are not there."""
    program = shutil.which("chromedriver")
    if program is None or shutil.which("chromium") is None:
        pytest.skip("no browser: apt-get install chromium chromium-driver")
    port = free_port()
    with TemporaryDirectory(prefix="ingestor-test-browser-", ignore_cleanup_errors=True) as folder:
        driver = subprocess.Popen(
            [program, f"--port={port}", f"--log-path={folder}/log"], stdout=subprocess.DEVNULL, cwd=folder
        )
        opened: list[Browser] = []

        def start() -> Browser:
            opened.append(Browser(url, f"{folder}/{len(opened)}"))
            return opened[-1]

        url = f"http://127.0.0.1:{port}"
        try:
            wait_until("chromedriver answers", lambda: _is_ready(url), limit=30)
            yield start
        finally:
            for each in opened:
                each.close()
            driver.terminate()
            driver.wait(30)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/status", timeout=5) as answer:
            return json.load(answer)["value"]["ready"]
    except OSError:
        return False


def _is_of_a_site(request: dict[str, Any]) -> bool:
    """Not of the browser's own first page."""
    return not request["documentURL"].startswith("chrome:")


def is_from(url: str, origin: str) -> bool:
    """Whether a request stays with the page's own server, or needs none."""
    return urlsplit(url).scheme == "data" or url.startswith(origin + "/")
