"""A shard goes from one worker to another, of machines that have no lock in common."""

import os
import signal
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import MakeInternet
from tests.crawler.faults.child import begun
from tests.internet import PictureHost
from tests.runs import QUICK_POLICY, children, crawl_arguments, finals, planned

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

DELAY_S = 0.3
POLICY = (
    QUICK_POLICY.replace("min_delay_s = 0.01", f"min_delay_s = {DELAY_S}") + "visit_links = 2\n"
)
OTHER_MACHINE = {"unlockable": True, "flush_s": 0.3}
CLOCK_S = 0.02


def test_a_worker_that_stood_still_too_long_has_lost_its_shard(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Another takes over after the time to live; the first ends and says so; each link is seen once."""
    hosts = [PictureHost(f"host-{n}.test", pictures=16, body_bytes=400) for n in range(3)]
    internet = make_internet(*hosts)
    urls = [url for host in hosts for url in host.urls()]
    run = planned(tmp_path, urls)
    arguments = crawl_arguments(run, internet, "--lease", 4, policy=POLICY)
    first = begun(arguments, OTHER_MACHINE)
    while first.poll() is None and not list(run.glob("observations/*/[0-9]*.parquet")):
        time.sleep(0.05)
    workers = children(first.pid)
    stop(workers, signal.SIGSTOP)
    second = begun(arguments, OTHER_MACHINE)
    while second.poll() is None and not list(run.glob("locks/shard=00000/*2.json")):
        time.sleep(0.05)
    time.sleep(1.0)
    stop(workers, signal.SIGCONT)
    _, said = first.communicate(timeout=120)
    _, said_too = second.communicate(timeout=180)
    assert second.returncode == 0, said_too
    assert first.returncode == 1
    assert "shard 0" in said
    assert "was taken over by process" in said or "could not be renewed" in said
    assert "Traceback" not in said + said_too
    assert set(finals(run)) == set(urls)
    assert {row["outcome"] for row in finals(run).values()} == {"ok"}
    assert numbers(run) == ["1", "2"]
    asked = defaultdict(list)
    for request in internet.log():
        asked[request.host].append(request.monotonic_s)
    gaps = [later - one for seen in asked.values() for one, later in pairwise(sorted(seen))]
    assert min(gaps) >= DELAY_S - CLOCK_S


def test_a_holder_elsewhere_is_named(tmp_path: Path, make_internet: MakeInternet) -> None:
    """Whoever comes while another machine renews is told who it is, within a time to live."""
    host = PictureHost("host.test", pictures=60, body_bytes=400)
    internet = make_internet(host)
    run = planned(tmp_path, host.urls())
    arguments = crawl_arguments(run, internet, "--lease", 10, policy=POLICY)
    first = begun(arguments, OTHER_MACHINE)
    while first.poll() is None and not internet.log():
        time.sleep(0.05)
    second = begun(arguments, OTHER_MACHINE)
    _, said = second.communicate(timeout=60)
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)
    assert second.returncode == 1
    assert "shard 0 is being crawled by process" in said
    assert "UTC; wait for it or stop it" in said


def stop(pids: list[int], signum: int) -> None:
    """Stop processes, or let them go on."""
    for pid in pids:
        os.kill(pid, signum)


def numbers(run: Path) -> list[str]:
    """Return the numbers of the leases under which the segments were written."""
    found = set()
    for path in run.glob("observations/*/[0-9]*.parquet"):
        footer = pq.read_metadata(path).metadata[b"stillup.fence"].decode()
        found.add(footer.partition('"number": ')[2].partition(",")[0])
    return sorted(found)
