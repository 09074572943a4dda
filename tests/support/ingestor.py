"""Runs the binary under test: in an environment that holds nothing but what a test gives it, with a
limit on its time, and with every output searched for the secrets that it was given."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .places import BINARY
from .waiting import wait_until

SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 30.0
SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "PGPASSWORD")


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    command: str
    code: int
    stdout: str
    stderr: str
    seconds: float
    peak_rss: int  # bytes

    def __str__(self) -> str:
        return (
            f"`{self.command}` exited {self.code} after {self.seconds:.1f} s\n"
            f"--- stdout ---\n{_shortened(self.stdout)}\n--- stderr ---\n{_shortened(self.stderr)}"
        )

    __repr__ = __str__  # so that `assert done.code == 0, done` shows what was said


def _shortened(text: str, limit: int = 6000) -> str:
    return text if len(text) <= limit else f"{text[: limit // 2]}\n[…]\n{text[-limit // 2 :]}"


class Process:
    """The binary while it runs. stdout and stderr go to files, so that it never waits for a reader."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.command = " ".join(Path(word).name if n == 0 else word for n, word in enumerate(command))
        self.environment = environment
        number = len(list(folder.glob("*.stdout")))
        self._stdout = folder / f"{number}.stdout"
        self._stderr = folder / f"{number}.stderr"
        self._began = time.monotonic()
        with self._stdout.open("wb") as out, self._stderr.open("wb") as err:
            self._process = subprocess.Popen(
                command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
        self.pid = self._process.pid
        self._peak_rss = 0
        self._watcher = threading.Thread(target=self._watch_memory, daemon=True)
        self._watcher.start()

    def _watch_memory(self) -> None:
        """VmHWM only grows, so its last value is the peak. (ru_maxrss would include this process's own.)"""
        status = Path(f"/proc/{self.pid}/status")
        try:
            while self.running():
                lines = status.read_text().splitlines()
                self._peak_rss = max(
                    [
                        self._peak_rss,
                        *(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")),
                    ]
                )
                time.sleep(0.02)
        except OSError:
            pass  # it has ended

    def running(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        return self._stdout.read_text(errors="replace") + self._stderr.read_text(errors="replace")

    def wait_until(self, what: str, probe: Callable[[], object], limit: float = 60.0) -> None:
        """Waits until probe returns something true; fails at once when the process ends before that."""

        def still_running_and_true() -> bool:
            assert self.running(), f"`{self.command}` ended before {what}:\n{_shortened(self.output())}"
            return bool(probe())

        wait_until(what, still_running_and_true, limit)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, limit: float = SECONDS_MAX) -> Finished:
        """Waits for its end; kills it and fails when that takes too long, or when it printed a secret."""
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"`{self.command}` still ran after {limit:g} s:\n{_shortened(self.output())}"
            ) from None
        self._watcher.join()
        done = Finished(
            self.command,
            self._process.returncode,
            self._stdout.read_text(errors="replace"),
            self._stderr.read_text(errors="replace"),
            time.monotonic() - self._began,
            self._peak_rss,
        )
        forbid_secrets(done.stdout + done.stderr, self.environment)
        return done

    def stop(self, number: signal.Signals = signal.SIGTERM, limit: float = STOP_SECONDS_MAX) -> Finished:
        self.send(number)
        return self.wait(limit)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def forbid_secrets(text: str, environment: dict[str, str]) -> None:
    """Fails when text holds a secret that the environment gave away. Says which, not what."""
    secrets = {name: environment[name] for name in SECRETS if environment.get(name)}
    try:
        password = urlsplit(environment.get("DATABASE_URL", "")).password
    except ValueError:  # a URL that is wrong on purpose
        password = None
    if password:
        secrets["DATABASE_URL"] = password
    leaked = [name for name, value in secrets.items() if value in text]
    assert not leaked, f"the secret of {leaked} was printed"


class Ingestor:
    """The binary with an environment. `having` gives another one with some variables changed."""

    def __init__(self, environment: dict[str, str], folder: Path, before: tuple[str, ...] = ()) -> None:
        self.environment = environment
        self.folder = folder
        self._before = before  # words of a command that becomes the binary

    @staticmethod
    def bare_environment(folder: Path) -> dict[str, str]:
        """What every run has: nothing to find credentials or a database by, and a time zone that shows
        when local time gets into anything."""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TZ": "Asia/Kathmandu",
            "AWS_EC2_METADATA_DISABLED": "true",
            "INGESTOR_HTTP_LISTEN": "off",
            # Leaks are found by the unit tests; what a killed or stopped process still holds is not one.
            "ASAN_OPTIONS": "detect_leaks=0",
        }

    def having(self, **changes: str | None) -> "Ingestor":
        """With these variables; None takes one away."""
        environment = {k: v for k, v in (self.environment | changes).items() if v is not None}
        return Ingestor(environment, self.folder, self._before)

    def run_by(self, *command: str) -> "Ingestor":
        """By a command that ends in `exec` of the words behind it."""
        return Ingestor(self.environment, self.folder, command)

    def start(self, *arguments: str) -> Process:
        """Starts it and leaves it to the caller to end it: see `running` for a safer way."""
        assert os.access(BINARY, os.X_OK), (
            f"{BINARY} is not there: tools/build makes it, INGESTOR_BINARY names another"
        )
        return Process([*self._before, str(BINARY), *arguments], self.environment, self.folder)

    def __call__(self, *arguments: str, limit: float = SECONDS_MAX) -> Finished:
        return self.start(*arguments).wait(limit)

    def at_once(self, count: int, *arguments: str) -> list[Finished]:
        """So many of them at the same time; returns how each ended."""
        with ExitStack() as stack:
            started = [stack.enter_context(self.running(*arguments)) for _ in range(count)]
            return [process.wait() for process in started]

    @contextmanager
    def running(self, *arguments: str) -> Iterator[Process]:
        """`run` (or the arguments) in the background, killed at the end if it still runs then."""
        process = self.start(*(arguments or ("run",)))
        try:
            yield process
        finally:
            if process.running():
                process.kill()
            forbid_secrets(process.output(), self.environment)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_sanitized() -> bool:
    """Whether the binary was built with AddressSanitizer, whose memory and speed say nothing."""
    if not os.access(BINARY, os.X_OK):
        return False
    libraries = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=False).stdout
    return "libasan" in libraries or b"__asan_init" in BINARY.read_bytes()
