"""Crawls that take a while, begun in processes of their own, and what goes on meanwhile."""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tests.internet import FakeInternet, PictureHost
from tests.runs import QUICK_POLICY, ROOT, STILLUP, crawl_arguments, finals, planned

T = TypeVar("T")

# Long enough for something to happen in the middle: four links a second and host at most.
SLOW_POLICY = QUICK_POLICY.replace("min_delay_s = 0.01", "min_delay_s = 0.25") + "visit_links = 2\n"
# So slow that a shard takes longer than it takes to give up a cluster.
SLOWER_POLICY = SLOW_POLICY.replace("min_delay_s = 0.25", "min_delay_s = 8.0")
HOSTS = [PictureHost(f"host-{n}.test", pictures=12, body_bytes=2000) for n in range(12)]
URLS = [url for host in HOSTS for url in host.urls()]


def planned_slow(folder: Path, shards: int = 4) -> Path:
    """Plan a run of so many shards, each of which takes several seconds."""
    return planned(folder, URLS, shards=shards)


def begun(
    run: Path,
    internet: FakeInternet,
    *options: object,
    policy: str = SLOW_POLICY,
    inside: Sequence[str] = (),
) -> "subprocess.Popen[str]":
    """Begin a crawl, `inside` another network where a command to enter it is given."""
    arguments = crawl_arguments(run, internet, *options, policy=policy)
    return subprocess.Popen(
        [*inside, *STILLUP, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(crawl: "subprocess.Popen[str]", timeout_s: float = 150) -> tuple[int, str]:
    """Wait for a crawl's end; return its exit status and what it said."""
    try:
        _, said = crawl.communicate(timeout=timeout_s)
    finally:
        crawl.kill()
    assert "Traceback" not in said, said
    return crawl.returncode, said


def until(what: Callable[[], T], timeout_s: float = 150) -> T:
    """Wait until something is so; return what it is."""
    ends_at = time.monotonic() + timeout_s
    while not (found := what()):
        assert time.monotonic() < ends_at, "it did not come to pass"
        time.sleep(0.1)
    return found


def asked(internet: FakeInternet, links: int) -> Callable[[], bool]:
    """Return a question: whether so many links were asked by now."""
    return lambda: sum(entry.target.endswith(".jpg") for entry in internet.log()) >= links


def most_asked(internet: FakeInternet) -> int:
    """Return how often the link was asked that was asked most often."""
    times = Counter(entry.url for entry in internet.log())
    return max(times[url] for url in URLS)


def assert_written(run: Path, internet: FakeInternet) -> None:
    """Every link that was asked has a final observation: nobody lost what it saw."""
    assert set(finals(run)) == {entry.url for entry in internet.log()} & set(URLS)


def workers_of(run: Path) -> list[int]:
    """Return the processes that hold a shard of a run now."""
    found = []
    for lock in sorted((run / "locks").glob("shard=*.lock")):
        text = lock.read_text(encoding="ascii").strip()
        if text and _walks(int(text)):
            found.append(int(text))
    return found


def _walks(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"crawler.engines.child" in command


def ancestors(pid: int) -> set[int]:
    """Return the processes that began a process, and those that began them."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    parent = int(stat.rpartition(")")[2].split()[1])
    return {parent} | ancestors(parent) if parent else set()


def kill(*pids: int) -> None:
    """End processes at once."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def assert_whole(run: Path) -> None:
    """Every link has one final observation, which `finals` counts, and all were served."""
    seen = finals(run)
    assert set(seen) == set(URLS)
    assert {row["outcome"] for row in seen.values()} == {"ok"}
