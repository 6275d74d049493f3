"""One program and the processes that it starts: how long, how much CPU, memory and disk.

Memory is the sum of what each process holds (PSS: what is shared is shared out), read twice a
second from /proc; where there is none it is not known. CPU is user and system time, by wait4.
"""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.crawl.failed import BenchFailed

_SAMPLE_S = 0.5
_TELLS = Path("/proc/self/smaps_rollup").exists()


@dataclass(frozen=True, slots=True)
class Spent:
    """What one program took: bytes at their peaks (0 where unknown), and those that it left."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    peak_disk_bytes: int
    left_bytes: int


def run(command: list[str], target: Path, log: Path) -> Spent:
    """Run a program that writes into `target`. Raises BenchFailed where it fails."""
    began = time.perf_counter()
    with log.open("wb") as file:
        child = subprocess.Popen(command, stdout=file, stderr=file)
    memory, disk = 0, 0
    ended, status, usage = os.wait4(child.pid, os.WNOHANG)
    while not ended:
        memory = max(memory, sum(map(_resident, _tree(child.pid))) if _TELLS else 0)
        disk = max(disk, _size(target))
        time.sleep(_SAMPLE_S)
        ended, status, usage = os.wait4(child.pid, os.WNOHANG)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise BenchFailed(f"{command[1:4]}: {log.read_text(errors='replace')[-500:]}")
    wall_s, cpu_s = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    return Spent(wall_s, cpu_s, memory, disk, _size(target))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:  # it ended meanwhile
            continue
        for child in found:
            yield from _tree(int(child))


def _resident(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it ended meanwhile
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _size(folder: Path) -> int:
    total = 0
    for at, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(at, name)).st_blocks * 512  # noqa: PTH116, PTH118
            except OSError:  # it is gone meanwhile
                continue
    return total
