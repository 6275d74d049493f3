"""Politeness from the other side: the servers' logs of real crawls, judged by the auditor of logs."""

import itertools
import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from crawler.domains import registered_domain
from crawler.records.layout import PACES
from tests.conftest import MakeInternet
from tests.internet import FakeInternet, Host, PictureHost
from tests.internet.messages import Answer, Reply, Request, Respond, Script, Wait
from tests.politeness_log import Promise, Rude, Seen, rude
from tests.runs import ROOT, STILLUP, children, crawl_arguments, crawled, finals, planned

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

POLICY = """
min_delay_s = 0.2
latency_factor = 2.0
domain_delay_s = 0.1
address_delay_s = 0.1
slowdown_factor = 2.0
first_slowdown_s = 0.5
max_delay_s = 4.0
max_crawl_delay_s = 0.6
max_retry_after_s = 8.0
host_retry_delay_s = 0.1
"""
PROMISE = Promise(
    host_delay_s=0.2,
    domain_delay_s=0.1,
    address_delay_s=0.1,
    first_slowdown_s=0.5,
    slowdown_factor=2.0,
    max_delay_s=4.0,
    max_crawl_delay_s=0.6,
    clock_s=0.005,  # two clocks, and the time between an answer and its line in the log
    jitter_s=0.5,  # to make a connection takes time, and on a busy machine much of it
)
ABSURD = ("1" + "0" * 30, "-7", "nan", "soon", "2.5e1", "Mon, 99 Foo 10000 25:61:61 GMT")


class LimitingHost(PictureHost):
    """Refuses some of its first requests, with the Retry-After that it was given.

    A number of seconds is written as a date. `moves` sends on to another picture instead.
    """

    def __init__(
        self,
        name: str,
        retry_after: str | int | None,
        *,
        status: int = 429,
        refusals: int = 1,
        moves: bool = False,
        pictures: int = 4,
    ) -> None:
        super().__init__(name, pictures=pictures)
        self.retry_after = retry_after
        self.status = 302 if moves else status
        self.left = refusals

    @property
    def pause_s(self) -> float:
        """Seconds that a refusal asks for; a date is only that to the second."""
        if isinstance(self.retry_after, int):
            return max(0.0, self.retry_after - 1)
        text = self.retry_after or ""
        return float(text) if text.isdecimal() else 0.0

    def look(self, request: Request) -> Answer:
        """Refuse, or answer with the picture."""
        if not self.left:
            return super().look(request)
        self.left -= 1
        headers = () if self.retry_after is None else (("Retry-After", self._text()),)
        if self.status == 302:
            headers = (*headers, ("Location", "/0.jpg?moved"))
        return Reply(status=self.status, headers=headers)

    def _text(self) -> str:
        if not isinstance(self.retry_after, int):
            return self.retry_after or ""
        moment = datetime.now(UTC) + timedelta(seconds=self.retry_after)
        return format_datetime(moment, usegmt=True)


class TiringHost(PictureHost):
    """Answers the slower the sooner it is asked again: a server at its limit."""

    asked_at = 0.0

    def look(self, request: Request) -> Answer:
        """Take 100 ms, and up to 300 ms more if the last request was just now."""
        gap_s, self.asked_at = request.monotonic_s - self.asked_at, request.monotonic_s
        wait_s = 0.1 + max(0.0, 0.3 - gap_s / 4)
        return Script((Wait(wait_s), Respond(super().look(request))), 200)  # type: ignore[arg-type]


class SharingHost(PictureHost):
    """One of several hosts of different domains on one address."""

    shares_address_with = "shared"


class MovingHost(Host):
    """Sends every picture on to one host that everybody sends to."""

    def look(self, request: Request) -> Answer:
        """Redirect."""
        return Reply(status=301, headers=(("Location", f"http://target.test{request.path}"),))


def judged(internet: FakeInternet, hosts: Sequence[Host]) -> tuple[list[Seen], list[Rude]]:
    """Return the requests of a crawl, and those that were rude."""
    by_name = {name: host for host in hosts for name in host.names}
    log = []
    for request in internet.log():
        host = by_name[request.host]
        pause_s = 0.0
        if isinstance(host, LimitingHost) and request.status == host.status:
            pause_s = host.pause_s
        log.append(
            Seen(
                at=request.monotonic_s,
                host=request.host,
                domain=registered_domain(request.host),
                address=request.ip,
                target=request.target,
                status=request.status,
                pause_s=pause_s,
            )
        )
    delays = {
        name: float(host.robots_text.rpartition(" ")[2])
        for name, host in by_name.items()
        if isinstance(host, PictureHost) and host.robots_text
    }
    return log, rude(log, _promise(delays))


def _promise(crawl_delay_s: dict[str, float]) -> Promise:
    fields = {name: getattr(PROMISE, name) for name in Promise.__slots__}
    return Promise(**fields | {"crawl_delay_s": crawl_delay_s})


def robots(delay_s: str) -> str:
    """Return a robots.txt with a Crawl-delay."""
    return f"User-agent: *\nCrawl-delay: {delay_s}"


def test_every_host_is_treated_as_it_asked(tmp_path: Path, make_internet: MakeInternet) -> None:
    """Refusals, dates, redirects, nonsense, load, shared addresses and domains: none is slighted."""
    hosts: list[PictureHost] = [
        LimitingHost("seconds.test", "3"),
        LimitingHost("unavailable.test", "2", status=503, refusals=2),
        LimitingHost("date.test", 4),
        LimitingHost("past.test", -4000),
        LimitingHost("silent.test", None, refusals=3, pictures=6),
        LimitingHost("moving.test", "2", moves=True),
        LimitingHost("never.test", "86400"),
        *(LimitingHost(f"absurd-{n}.test", text) for n, text in enumerate(ABSURD)),
        TiringHost("tiring.test", pictures=6),
        *(PictureHost(f"{name}.one-domain.test", pictures=5) for name in "abcd"),
        *(SharingHost(f"tenant-{n}.test", pictures=4) for n in range(5)),
        PictureHost("slow.test", pictures=4, robots_text=robots("0.4")),
        PictureHost("slower.test", pictures=4, robots_text=robots("1000000000000")),
        PictureHost("rushing.test", pictures=4, robots_text=robots("-3")),
    ]
    internet = make_internet(*hosts)
    run = planned(tmp_path, [url for host in hosts for url in host.urls()])
    crawled(run, internet, policy=POLICY)
    log, found = judged(internet, hosts)
    assert found == []
    assert len(log) > 120
    outcomes = {url: row["outcome"] for url, row in finals(run).items()}
    paused = {url for url, outcome in outcomes.items() if outcome == "rate_limited"}
    hopeless = ("never.test", "absurd-0.test")
    assert paused == {url for host in hosts if host.names[0] in hopeless for url in host.urls()}
    assert set(outcomes.values()) == {"ok", "rate_limited"}
    asked = [seen for seen in log if seen.host in hopeless and seen.target != "/robots.txt"]
    assert len(asked) == len(hopeless)


def test_two_workers_are_as_polite_as_one(tmp_path: Path, make_internet: MakeInternet) -> None:
    """Links of several shards that lead to one host are asked at that host's pace all the same."""
    moving = [MovingHost(f"moving-{n}.test") for n in range(8)]
    target = PictureHost("target.test", pictures=3)
    tenants = [SharingHost(f"tenant-{n}.test", pictures=4) for n in range(6)]
    hosts = [*moving, target, *tenants]
    internet = make_internet(*hosts)
    urls = [f"http://{host.names[0]}/{n}.jpg" for host in moving for n in range(3)]
    urls += [url for host in (target, *tenants) for url in host.urls()]
    run = planned(tmp_path, urls, shards=4)
    crawled(run, internet, "--workers", 4, policy=POLICY)
    log, found = judged(internet, hosts)
    # A host's robots.txt is read by each worker that comes to it.
    assert [one for one in found if "robots" not in one.why] == []
    assert len([seen for seen in log if seen.host == "target.test"]) >= 27
    assert {row["outcome"] for row in finals(run).values()} == {"ok"}


def test_four_commands_are_as_polite_as_one(tmp_path: Path, make_internet: MakeInternet) -> None:
    """Workers that share nothing but the run leave an address and a common host their delays."""
    moving = [MovingHost(f"moving-{n}.test") for n in range(12)]
    target = PictureHost("target.test", pictures=3)
    tenants = [SharingHost(f"tenant-{n}.test", pictures=3) for n in range(12)]
    hosts = [*moving, target, *tenants]
    internet = make_internet(*hosts)
    urls = [f"http://{host.names[0]}/0.jpg" for host in moving]
    urls += [url for host in (target, *tenants) for url in host.urls()]
    run = planned(tmp_path, urls, shards=4)
    arguments = [
        [*STILLUP, *map(str, crawl_arguments(run, internet, "--shard", n, policy=POLICY))]
        for n in range(4)
    ]
    crawls = [
        subprocess.Popen(one, cwd=ROOT, stderr=subprocess.PIPE, text=True) for one in arguments
    ]
    said = [crawl.communicate(timeout=240)[1] for crawl in crawls]
    assert [crawl.returncode for crawl in crawls] == [0] * 4, said
    log, found = judged(internet, hosts)
    # A host's robots.txt is read by each worker that comes to it.
    assert [one for one in found if "robots" not in one.why] == []
    targets = sorted(seen.at for seen in log if seen.host == "target.test")
    shared = sorted(seen.at for seen in log if seen.host.startswith("tenant-"))
    assert len(targets) >= 15
    assert smallest_gap(targets) >= PROMISE.host_delay_s - PROMISE.clock_s
    gaps = [later - earlier for earlier, later in itertools.pairwise(shared)]
    print(f"host {smallest_gap(targets):.3f} s, address {min(gaps):.3f} s")
    assert {row["outcome"] for row in finals(run).values()} == {"ok"}


def smallest_gap(moments: Sequence[float]) -> float:
    """Return the seconds between the two requests that were closest."""
    return min(later - earlier for earlier, later in itertools.pairwise(moments))


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGKILL])
def test_paces_survive_whatever_ends_a_crawl(
    signum: int, tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Blocks, slowdowns and Crawl-delays of a worker that was ended are kept by the next one.

    It is ended as soon as it has taken note of them, which must be before a host is asked again.
    """
    hosts: list[PictureHost] = [
        LimitingHost("pausing.test", "7", pictures=2),
        LimitingHost("refusing.test", None, refusals=2, pictures=3),
        PictureHost("slow.test", pictures=3, robots_text=robots("4")),
    ]
    policy = POLICY.replace("max_crawl_delay_s = 0.6", "max_crawl_delay_s = 4.0")
    policy = policy.replace("first_slowdown_s = 0.5", "first_slowdown_s = 2.5")
    internet = make_internet(*hosts)
    run = planned(tmp_path, [url for host in hosts for url in host.urls()])
    command = [*STILLUP, *map(str, crawl_arguments(run, internet, policy=policy))]
    crawl = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    while crawl.poll() is None and not {host.names[0] for host in hosts} <= _noted(run):
        time.sleep(0.002)
    _end(crawl, signum)
    before = len(internet.log())
    crawled(run, internet, policy=policy)
    promise = {"max_crawl_delay_s": 4.0, "first_slowdown_s": 2.5}
    log, _ = judged(internet, hosts)
    fields = {name: getattr(PROMISE, name) for name in Promise.__slots__}
    kept = Promise(**fields | promise | {"crawl_delay_s": {"slow.test": 4.0}})
    assert rude(log, kept) == []
    assert len(log) > before
    assert {row["outcome"] for row in finals(run).values()} == {"ok"}


def _noted(run: Path) -> set[str]:
    """Return the hosts whose pace a worker has written down."""
    files = [path.read_text(encoding="utf-8") for path in (run / PACES).glob("*.jsonl")]
    lines = itertools.chain.from_iterable(text.splitlines(keepends=True) for text in files)
    return {json.loads(line)["host"] for line in lines if line.endswith("\n")}


def _end(crawl: "subprocess.Popen[bytes]", signum: int) -> None:
    """Send a signal to a crawl, and the deadly one to its workers as well."""
    workers = children(crawl.pid)
    crawl.send_signal(signum)
    if signum == signal.SIGKILL:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
    crawl.wait(timeout=30)
