"""A network namespace that hangs on this machine by two wires, one towards PostgreSQL and one towards S3, whose
directions can be cut one by one."""

import ctypes
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from .ingestor import Ingestor

IP = shutil.which("ip", path="/usr/sbin:/usr/bin:/sbin:/bin")
CLONE_NEWNET = 0x40000000
NOBODY = "02:00:00:00:00:99"  # no end of any wire: frames to it are dropped where they arrive
CONNECT_SECONDS_MAX = 10.0


@dataclass(frozen=True)
class Cable:
    """Two ends of one wire: `here` is this machine's address on it, `there` the namespace's."""

    namespace: str
    name: str
    here: str
    there: str

    def begin(self) -> None:
        inner, outer = self.name + "i", self.name + "o"
        _ip(f"link add {outer} address {_mac(self.here)} type veth "
            f"peer name {inner} address {_mac(self.there)} netns {self.namespace}")  # fmt: skip
        _ip(f"address add {self.here}/30 dev {outer}")
        _ip(f"link set {outer} up")
        _ip(f"-n {self.namespace} address add {self.there}/30 dev {inner}")
        _ip(f"-n {self.namespace} link set {inner} up")
        self.let_in(True)
        self.let_out(True)

    def let_out(self, flows: bool) -> None:
        """Whether what the namespace sends arrives."""
        mac = _mac(self.here) if flows else NOBODY
        _ip(f"-n {self.namespace} neighbour replace {self.here} lladdr {mac} dev {self.name}i nud permanent")

    def let_in(self, flows: bool) -> None:
        """Whether what is sent to the namespace arrives."""
        mac = _mac(self.there) if flows else NOBODY
        _ip(f"neighbour replace {self.there} lladdr {mac} dev {self.name}o nud permanent")


class Island:
    def __init__(self, namespace: str, database: Cable, s3: Cable) -> None:
        self.namespace = namespace
        self.database = database
        self.s3 = s3

    def inside(self, ingestor: Ingestor) -> Ingestor:
        """The same binary, run there."""
        return ingestor.run_by(str(IP), "netns", "exec", self.namespace)

    def connect(self, to: tuple[str, int]) -> socket.socket:
        """A connection from there. A thread of its own makes it, as it is a thread that is in a namespace."""

        def enter_and_connect() -> socket.socket:
            libc = ctypes.CDLL(None, use_errno=True)
            with Path("/run/netns", self.namespace).open() as there:
                if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            return socket.create_connection(to, CONNECT_SECONDS_MAX)

        with ThreadPoolExecutor(1) as pool:
            made = pool.submit(enter_and_connect).result()
        made.settimeout(None)
        return made

    @contextmanager
    def parted(self, *cables: Cable, out: bool = True, into: bool = True) -> Iterator[None]:
        """Nothing comes through these cables, in the directions that are named."""
        for cable in cables:
            cable.let_out(not out)
            cable.let_in(not into)
        try:
            yield
        finally:
            for cable in cables:
                cable.let_out(True)
                cable.let_in(True)


@contextmanager
def new_island() -> Iterator[Island]:
    """Skips, with the reason, where this process may not make one."""
    if IP is None or os.geteuid() != 0:
        pytest.skip("network namespaces want root and iproute2")
    name = "ig" + secrets.token_hex(4)
    with ExitStack() as stack:
        try:
            _ip(f"netns add {name}")
            stack.callback(_ip, f"netns delete {name}")  # and with it both wires
            _ip(f"-n {name} link set lo up")
            cables = [_cable(name, n) for n in range(2)]
            for cable in cables:
                cable.begin()
        except OSError as failure:
            pytest.skip(f"network namespaces cannot be had here: {failure}")
        yield Island(name, *cables)


def _cable(namespace: str, number: int) -> Cable:
    """With two addresses that no other test is likely to use."""
    network = f"10.{200 + secrets.randbelow(50)}.{secrets.randbelow(256)}."
    first = 4 * secrets.randbelow(64)
    return Cable(namespace, f"{namespace}{number}", network + str(first + 1), network + str(first + 2))


def _mac(address: str) -> str:
    return "02:00:" + ":".join(f"{int(part):02x}" for part in address.split("."))


def _ip(arguments: str) -> None:
    done = subprocess.run([str(IP), *arguments.split()], capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise OSError(f"ip {arguments}: {done.stderr.strip()}")
