"""A Ray cluster whose nodes have networks of their own, so that one can be cut off from the others.

Each node is in a network namespace of this machine, and all are plugged into one switch, which is in
another. Nothing of it is joined to anything else; workers look at links in the network that the
tests are in, where the fake internet is. Needs root.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.engines.conftest import RAY_ENVIRONMENT
from tests.engines.crawls import until

PORT = 6379
# Read by every Python at its start: a shard's worker goes back to where the links are.
_BACK = """
import ctypes, os, sys
if "crawler.engines.child" in sys.orig_argv:
    with open(os.environ["NETWORK_OF_THE_LINKS"]) as network:
        if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), 0):
            raise OSError(ctypes.get_errno(), "setns")
"""


@dataclass
class Networks:
    """Nodes by their names, the head first. `folder` holds what they say."""

    folder: Path
    names: list[str] = field(default_factory=list)
    nodes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def address(self, name: str) -> str:
        """Return a node's address, which is that of the others in its last number."""
        return f"10.77.0.{self.names.index(name) + 1}"

    def inside(self, name: str) -> list[str]:
        """Return what a command begins with that is to run on a node's network."""
        return ["nsenter", f"--net=/run/netns/{_space(name)}"]

    def cut(self, name: str) -> None:
        """Pull a node's plug: what it sends and what is sent to it goes nowhere."""
        _ip("-n", _space("switch"), "link", "set", f"to-{name}", "nomaster")

    def mend(self, name: str) -> None:
        """Put a node's plug back."""
        _ip("-n", _space("switch"), "link", "set", f"to-{name}", "master", "switch")

    def processes(self, name: str, what: str = "") -> list[int]:
        """Return the processes on a node's network that are called so."""
        told = subprocess.run(
            ["ip", "netns", "pids", _space(name)], capture_output=True, text=True, check=True
        )
        return [pid for pid in map(int, told.stdout.split()) if what in _command(pid)]

    def start(self, name: str, *options: str) -> None:
        """Start a node, and wait until it is there: two at once would take each other's files."""
        environment = os.environ | {
            "NETWORK_OF_THE_LINKS": f"/proc/{os.getpid()}/ns/net",
            "PYTHONPATH": str(self.folder),
        }
        ray = (str(Path(sys.executable).parent / "ray"), "start", "--block")
        own = (f"--node-ip-address={self.address(name)}", "--object-store-memory=100000000")
        said = self.folder / f"{name}.log"
        with said.open("w") as log:
            node = subprocess.Popen(
                [*self.inside(name), *ray, *own, *options],
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.nodes.append(node)
        until(lambda: "Ray runtime started" in said.read_text("utf-8") or node.poll() is not None)
        assert node.poll() is None, said.read_text("utf-8")

    def kill(self, name: str) -> None:
        """End all that runs on a node's network."""
        while processes := self.processes(name):
            for pid in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def _space(name: str) -> str:
    return f"stillup-{os.getpid()}-{name}"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _plugged(networks: Networks, name: str) -> None:
    """Make a network for a node, with a cable to the switch."""
    networks.names.append(name)
    space, switch = _space(name), _space("switch")
    _ip("netns", "add", space)
    cable = ("link", "add", "name", f"to-{name}", "type", "veth")
    _ip("-n", switch, *cable, "peer", "name", "eth0", "netns", space)
    _ip("-n", space, "addr", "add", f"{networks.address(name)}/24", "dev", "eth0")
    for interface in ("lo", "eth0"):
        _ip("-n", space, "link", "set", interface, "up")
    networks.mend(name)
    _ip("-n", switch, "link", "set", f"to-{name}", "up")


@contextlib.contextmanager
def split_cluster() -> Iterator[Networks]:
    """Start `head` without cores, `one` and `two` of a core each, each with a network of its own."""
    pytest.importorskip("ray", reason="Ray is not installed: make ray")
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or not (shutil.which("ip") and shutil.which("nsenter"))
    ):
        pytest.skip("networks of its own need Linux, root, ip and nsenter")
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory(prefix="stillup-") as folder:
        for name, text in {**RAY_ENVIRONMENT, "RAY_AUTH_MODE": "token"}.items():
            patch.setenv(name, text)
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        (Path(folder) / "sitecustomize.py").write_text(_BACK, encoding="ascii")
        networks = Networks(Path(folder))
        try:
            _ip("netns", "add", _space("switch"))
            _ip("-n", _space("switch"), "link", "add", "name", "switch", "type", "bridge")
            _ip("-n", _space("switch"), "link", "set", "switch", "up")
            for name in ("head", "one", "two"):
                _plugged(networks, name)
            port = f"--port={PORT}"
            networks.start("head", "--head", port, "--num-cpus=0", "--include-dashboard=false")
            for name in ("one", "two"):
                networks.start(name, f"--address={networks.address('head')}:{PORT}", "--num-cpus=1")
            yield networks
        finally:
            _removed(networks)


def _removed(networks: Networks) -> None:
    for name in networks.names:
        networks.kill(name)
    for node in networks.nodes:
        node.wait()
    for name in (*networks.names, "switch"):
        subprocess.run(["ip", "netns", "del", _space(name)], check=False, capture_output=True)
