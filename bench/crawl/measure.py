"""One peer walks one list: its wall and CPU time, and the proof that it fetched every link."""

import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bench.crawl.cores import Cores
from bench.crawl.failed import BenchFailed
from bench.crawl.links import Workload
from bench.crawl.peers import Command, Peer

LIMIT_S = 600.0
# Nothing but the server is to be asked: no update checks, no telemetry.
_QUIET = {"NO_ALBUMENTATIONS_UPDATE": "1", "WANDB_MODE": "disabled", "DO_NOT_TRACK": "1"}


@dataclass(frozen=True, slots=True)
class Spent:
    """What a whole process tree took, start-up and end included."""

    wall_s: float
    cpu_s: float  # user and system, of the process and of every child it waited for


def measure(peer: Peer, workload: Workload, work: Path, cores: Cores) -> Spent:
    """Let `peer` walk the list in a fresh folder and check what it fetched.

    Raises BenchFailed when the peer fails, takes over LIMIT_S, or missed or altered a link.
    """
    folder = work / "walk"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    links = folder / "links.txt"
    workload.write(links)
    with cores.client():
        if peer.prepare:
            _timed(peer, peer.prepare(links, folder), folder, "prepare")
        spent = _timed(peer, peer.command(links, folder), folder, "walk")
    if peer.ask:
        _timed(peer, peer.ask(folder), folder, "ask")
    printed = (folder / "ask.out").read_text() if peer.ask else ""
    _check(peer, workload, peer.digests(folder, printed))
    return spent


def _timed(peer: Peer, command: Command, folder: Path, step: str) -> Spent:
    with (folder / f"{step}.out").open("wb") as out, (folder / f"{step}.err").open("wb") as err:
        began = time.perf_counter()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=os.environ | _QUIET,
            start_new_session=True,
        )
        status, usage = _wait(child)
        wall_s = time.perf_counter() - began
    if status != 0:
        raise BenchFailed(f"{peer.title}: {step} ended with {status}; see {folder / step}.err")
    return Spent(wall_s, usage.ru_utime + usage.ru_stime)


def _wait(child: subprocess.Popen[bytes]) -> tuple[int, resource.struct_rusage]:
    """Wait with `wait4`, the call that says what this child used; end its group at LIMIT_S."""
    watch = threading.Timer(LIMIT_S, os.killpg, (child.pid, signal.SIGKILL))
    watch.start()
    try:
        _, status, usage = os.wait4(child.pid, 0)
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        raise
    finally:
        watch.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage


def _check(peer: Peer, workload: Workload, found: dict[str, str]) -> None:
    missing = sum(url not in found for url in workload.expected)
    wrong = sum(found[url] != want for url, want in workload.expected.items() if url in found)
    if missing or wrong or len(found) != workload.links:
        raise BenchFailed(
            f"{peer.title}, {workload.name}: of {workload.links} links {missing} were not fetched, "
            f"{wrong} came to another sha256, and {len(found)} were reported"
        )
