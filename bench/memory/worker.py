"""One worker walks one list: its peak of resident memory, and how that went meanwhile.

The worker is `scrapy crawl liveness`, which is what every engine runs, in a process of its own.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.crawl.failed import BenchFailed
from bench.memory import lists

_SAMPLE_S = 1.0
_BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Walked:
    """One walk. Memory is resident, in 10^6 bytes: the peak, and the median of the second half.

    The latter is 0 where the system does not tell (macOS).
    """

    links: int
    hosts: int
    mode: str
    wall_s: float
    peak_mb: float
    steady_mb: float


def walk(work: Path, links: int, per_host: int, ports: list[int], mode: str) -> Walked:
    """Plan and walk a list of so many links. Raises BenchFailed where a link is missing."""
    folder = work / f"memory-{links}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    hosts = lists.write(folder / "links.txt", links, per_host, ports)
    run = str(folder / "run")
    _done([str(_BIN / "stillup"), "plan", run, str(folder / "links.txt"), "--shards", "1"])
    began = time.perf_counter()
    peak_mb, sampled = _watched(_crawl(run, mode), folder)
    wall_s = time.perf_counter() - began
    _check(run, links)
    shutil.rmtree(folder)
    late = sorted(sampled[len(sampled) // 2 :])
    steady_mb = late[len(late) // 2] if late else 0.0
    return Walked(links, hosts, mode, wall_s, peak_mb, steady_mb)


def _crawl(run: str, mode: str) -> list[str]:
    options = {
        "STILLUP_DELAY": "0",
        "STILLUP_MODE": mode,
        "STILLUP_FINGERPRINT": "no",  # a bounded room of bodies, and processes, of their own
        "STILLUP_ALLOW_NETWORKS": "127.0.0.0/8",
        "STILLUP_CONTACT": "mailto:bench@example.org",
        "LOG_LEVEL": "WARNING",
    }
    settings = [part for name, value in options.items() for part in ("-s", f"{name}={value}")]
    return [
        str(_BIN / "scrapy"),
        "crawl",
        "liveness",
        "-a",
        f"run={run}",
        "-a",
        "shard=0",
        *settings,
    ]


def _watched(command: list[str], folder: Path) -> tuple[float, list[float]]:
    """Run a command; return its peak of resident memory, and what it was once a second."""
    with (folder / "crawl.err").open("wb") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log)
    sampled: list[float] = []
    ended, status, usage = 0, 0, resource.getrusage(resource.RUSAGE_CHILDREN)
    while not ended:
        sampled += _resident_mb(child.pid)
        time.sleep(_SAMPLE_S)
        ended, status, usage = os.wait4(child.pid, os.WNOHANG)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        last = (folder / "crawl.err").read_text(errors="replace")[-500:]
        raise BenchFailed(f"the worker ended with {child.returncode}: {last}")
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_maxrss * unit / 1e6, sampled


def _resident_mb(pid: int) -> Iterator[float]:
    status = Path(f"/proc/{pid}/status")
    if status.exists() and (found := re.search(r"VmRSS:\s+(\d+) kB", status.read_text())):
        yield int(found[1]) * 1024 / 1e6


def _check(run: str, links: int) -> None:
    query = "select count(*) as n from observations where final and outcome = 'ok'"
    counted = _done([str(_BIN / "stillup"), "sql", run, query, "--format", "csv"])
    seen = int(counted.split()[-1])
    if seen != links:
        raise BenchFailed(f"of {links:,} links {links - seen:,} were not fetched")


def _done(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchFailed(f"{' '.join(command[:3])} failed: {done.stderr[-300:]}")
    return done.stdout
