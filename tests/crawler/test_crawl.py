"""A crawl from outside: what the servers' logs and the segments say of it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import MakeInternet
from tests.internet import LoggedRequest, PictureHost
from tests.internet.host import NXDOMAIN
from tests.internet.messages import Answer, Reply, Request
from tests.runs import (
    QUICK_POLICY,
    ROOT,
    STILLUP,
    ask,
    begun,
    children,
    crawl_arguments,
    crawled,
    finals,
    planned,
    rows,
    stillup,
    stillup_here,
)

# A pace that a log can be held against: gaps well above what a busy machine adds or takes away.
POLITE = QUICK_POLICY.replace("min_delay_s = 0.01", "min_delay_s = 0.2").replace(
    "domain_delay_s = 0.0", "domain_delay_s = 0.1"
)
CLOCK_S = 0.005  # the two clocks, and the time between an answer and its log entry


class MissingHost(PictureHost):
    """A host whose name does not exist."""

    lookup = NXDOMAIN


class PausingHost(PictureHost):
    """Answers the first picture with 429 and a Retry-After, and everything else as usual."""

    pause_s = 3

    def __init__(self, name: str) -> None:
        super().__init__(name, pictures=3)
        self.asked = 0

    def look(self, request: Request) -> Answer:
        """Ask for a pause once."""
        self.asked += 1
        if self.asked == 1:
            return Reply(status=429, headers=(("Retry-After", str(self.pause_s)),))
        return super().look(request)


def by_host(log: list[LoggedRequest]) -> dict[str, list[LoggedRequest]]:
    """Return the requests to each host, in order."""
    hosts: dict[str, list[LoggedRequest]] = defaultdict(list)
    for request in sorted(log, key=lambda entry: entry.monotonic_s):
        hosts[request.host].append(request)
    return hosts


def gaps(requests: list[LoggedRequest]) -> list[float]:
    """Return the seconds between requests, in order of arrival."""
    ordered = sorted(request.monotonic_s for request in requests)
    return [later - earlier for earlier, later in pairwise(ordered)]


def test_the_servers_see_a_polite_crawler(tmp_path: Path, make_internet: MakeInternet) -> None:
    """Robots.txt comes first and is obeyed, paces are kept, and nothing is asked twice."""
    hosts = [
        PictureHost("one.polite.test", pictures=6),
        PictureHost("two.polite.test", pictures=6),
        PictureHost("slow.test", pictures=4, robots_text="User-agent: *\nCrawl-delay: 0.5\n"),
        PictureHost("shy.test", pictures=4, robots_text="User-agent: stillup\nDisallow: /2\n"),
    ]
    internet = make_internet(*hosts)
    urls = [url for host in hosts for url in host.urls()]
    run = crawled(planned(tmp_path, urls), internet, policy=POLITE)
    seen = by_host(internet.log())
    for requests in seen.values():
        assert requests[0].target == "/robots.txt"
        targets = [request.target for request in requests]
        assert len(targets) == len(set(targets))
        agents = {request.header("user-agent") for request in requests}
        assert len(agents) == 1
        assert agents.pop().startswith("stillup/")  # type: ignore[union-attr]
        assert min(gaps(requests)) >= 0.2 - CLOCK_S
    assert min(gaps(seen["slow.test"][1:])) >= 0.5 - CLOCK_S
    domain = gaps(seen["one.polite.test"] + seen["two.polite.test"])
    assert sum(domain) / len(domain) >= 0.1 - CLOCK_S
    assert "/2.jpg" not in {request.target for request in seen["shy.test"]}
    assert finals(run)["http://shy.test/2.jpg"]["outcome"] == "robots_denied"
    assert sum(row["outcome"] == "ok" for row in finals(run).values()) == len(urls) - 1


def test_a_dead_host_settles_its_links_without_traffic(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """When a name does not exist, one look-up settles all links of the host, and says so."""
    internet = make_internet(MissingHost("missing.test", pictures=70), "refused")
    refused = [f"http://refused.test/{number}.jpg" for number in range(70)]
    urls = MissingHost("missing.test", pictures=70).urls() + refused
    run = crawled(planned(tmp_path, urls), internet)
    seen = finals(run)
    for host, outcome in (("missing.test", "dns_not_found"), ("refused.test", "connect_refused")):
        of_host = [row for row in seen.values() if row["host"] == host]
        assert {row["outcome"] for row in of_host} == {outcome}
        assert len(of_host) == 70
        assert sum(not row["inferred"] for row in of_host) == 1
    assert internet.log() == []


def test_every_row_is_accounted_for(tmp_path: Path, make_internet: MakeInternet) -> None:
    """Unusable URLs get an observation that says why, and equal ones are asked once."""
    host = PictureHost("one.test", pictures=1)
    url = host.urls()[0]
    odd = ["file:///etc/passwd", "not a url", "http://[", "data:image/png;base64,AA", "", url, url]
    internet = make_internet(host)
    run = crawled(
        planned(tmp_path, [url, "HTTP://ONE.test:80/0.jpg#part", *odd]), internet, published=True
    )
    assert sum(request.target == "/0.jpg" for request in internet.log()) == 1
    unaccounted = ask(
        run,
        """
        select count(*) from dataset_rows
        anti join observations on dataset_rows.link_id = observations.link_id and final
        """,
    )
    assert unaccounted == [(0,)]
    reasons = ask(run, "select error from observations where outcome = 'url_invalid'")
    assert len(reasons) >= 4
    assert all(reason for (reason,) in reasons)


def test_retry_after_is_obeyed_also_after_a_restart(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """A host that asks for a pause is not asked within it, even if the crawl is begun anew."""
    host = PausingHost("pausing.test")
    internet = make_internet(host)
    run = planned(tmp_path, host.urls())
    policy = QUICK_POLICY.replace("max_retry_after_s = 3.0", "max_retry_after_s = 60.0")
    arguments = crawl_arguments(run, internet, policy=policy)
    first = begun(*arguments, stderr=subprocess.PIPE)
    while first.poll() is None and not any(r.status == 429 for r in internet.log()):
        time.sleep(0.05)
    time.sleep(0.7)
    first.send_signal(signal.SIGINT)
    _, said = first.communicate(timeout=30)
    assert first.returncode == 1
    assert "goes on from here" in said
    crawled(run, internet, policy=policy)
    requests = by_host(internet.log())["pausing.test"]
    paused = next(i for i, request in enumerate(requests) if request.status == 429)
    assert len(requests) > paused + 1
    resumed = next(
        r for r in requests[paused + 1 :] if r.monotonic_s > requests[paused].monotonic_s
    )
    assert resumed.monotonic_s - requests[paused].monotonic_s >= PausingHost.pause_s - CLOCK_S
    assert {row["outcome"] for row in finals(run).values()} == {"ok"}
    assert sorted(row["attempt"] for row in finals(run).values()) == [1, 1, 2]


def test_one_final_observation_a_link_however_often_it_is_killed(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Killed again and again, a crawl ends complete; meanwhile SQL never fails or loses a row."""
    hosts = [PictureHost(f"host-{n}.test", pictures=12, body_bytes=2000) for n in range(16)]
    internet = make_internet(*hosts)
    urls = [url for host in hosts for url in host.urls()]
    run = planned(tmp_path, urls, shards=4)
    policy = QUICK_POLICY.replace("min_delay_s = 0.01", "min_delay_s = 0.2")
    command = [*STILLUP, *map(str, crawl_arguments(run, internet, "--workers", 2, policy=policy))]
    counts = [0]
    chance = random.Random(7)
    for round_ in range(2):
        crawl = subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True
        )
        ends_at = time.monotonic() + 2.5 + 3 * chance.random()
        while time.monotonic() < ends_at and crawl.poll() is None:
            done = stillup_here("sql", run, "select count(*) from observations", "--format", "csv")
            assert done.returncode == 0, done.stderr
            counts.append(int(done.stdout.split()[1]))
            time.sleep(0.5)
        _kill(crawl, workers=round_ == 0)
        crawl.wait()
    crawled(run, internet, "--workers", 2)
    assert counts == sorted(counts)
    assert set(finals(run)) == set(urls)
    assert {row["outcome"] for row in finals(run).values()} == {"ok"}


def _kill(crawl: "subprocess.Popen[bytes]", *, workers: bool) -> None:
    """Kill -9 the workers of a crawl; or the crawl itself, whose workers end at their next report."""
    pids = children(crawl.pid)
    if workers and pids:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return
    crawl.kill()
    ends_at = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < ends_at:
        time.sleep(0.1)


def test_a_shard_is_the_same_by_stillup_and_by_scrapy(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """`stillup crawl --shard 1` and `scrapy crawl liveness -a shard=1` see the same."""
    hosts = [PictureHost(f"host-{n}.test", pictures=3) for n in range(6)]
    internet = make_internet(*hosts)
    urls = [url for host in hosts for url in host.urls()]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    ours, theirs = (planned(tmp_path / name, urls, shards=2) for name in "ab")
    crawled(ours, internet, "--shard", 1)
    flags = dict.fromkeys(("--nameserver", "--allow-network", "--ca-file"), "")
    given = internet.flags()
    flags = {flag: given[given.index(flag) + 1] for flag in flags}
    rules = [given[i + 1] for i, flag in enumerate(given) if flag == "--connect-to"]
    settings = {
        "STILLUP_CONTACT": "https://example.org/test",
        "STILLUP_DELAY": "0.01",
        "STILLUP_NAMESERVERS": flags["--nameserver"],
        "STILLUP_CONNECT_TO": ",".join(rules),
        "STILLUP_ALLOW_NETWORKS": flags["--allow-network"],
        "STILLUP_CA_FILE": flags["--ca-file"],
    }
    options = [part for name, text in settings.items() for part in ("-s", f"{name}={text}")]
    command = [sys.executable, "-m", "scrapy", "crawl", "liveness", "-a", f"run={theirs}"]
    subprocess.run([*command, "-a", "shard=1", *options], cwd=ROOT, check=True, timeout=60)
    kept = ("outcome", "status", "sha256", "media_type", "final_url", "shard")
    looks = [
        {url: [row[name] for name in kept] for url, row in finals(run).items()}
        for run in (ours, theirs)
    ]
    assert looks[0] == looks[1]
    assert looks[0]
    assert {row["shard"] for row in rows(ours)} == {1}


@pytest.mark.parametrize(
    ("options", "status", "text"),
    [
        ((), 2, "say who is asking"),
        (("--contact", "nobody"), 2, "--contact must be a URL or a mail address"),
        (("--contact", "a@b.org\nX-Evil: 1"), 2, "--contact must be"),
        (("--contact", "a@b.org", "--shard", 9), 2, "there is no shard 9"),
        (("--contact", "a@b.org", "--delay", -1), 2, "--delay must be zero or more"),
        (("--contact", "a@b.org", "--policy", "/nowhere"), 2, "there is no file /nowhere"),
        (("--contact", "a@b.org", "--connect-to", "a:b"), 2, "is not HOST:PORT:CONNECT-HOST"),
        (("--contact", "a@b.org", "--allow-network", "moon"), 2, "--allow-network"),
        (("--contact", "a@b.org", "--fingerprint", "--mode", "head"), 2, "needs whole pictures"),
    ],
)
def test_wrong_use_is_one_line(
    tmp_path: Path, options: tuple[object, ...], status: int, text: str
) -> None:
    """What cannot work is refused before anything is asked, in one line that says what to do."""
    run = planned(tmp_path, ["http://example.test/"])
    done = stillup_here("crawl", run, *options)
    assert done.returncode == status
    assert text in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_no_run_is_a_failed_run(tmp_path: Path) -> None:
    """A crawl of a folder that holds no run says how to make one."""
    done = stillup_here("crawl", tmp_path, "--contact", "a@b.org")
    assert done.returncode == 1
    assert "stillup plan" in done.stderr


def test_without_a_contact_only_opened_networks_are_asked(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """A crawl that says nobody's name may ask servers of its own, and no public address."""
    internet = make_internet(PictureHost("own.test", pictures=1))
    run = planned(tmp_path, ["http://own.test/0.jpg", "http://93.184.216.34/0.jpg"])
    arguments = ["crawl", run, "--shard", "0", *internet.flags(), "--delay", "0", "--timeout", "2"]
    done = stillup(*arguments)
    assert done.returncode == 0, done.stderr
    assert finals(run)["http://own.test/0.jpg"]["outcome"] == "ok"
    assert finals(run)["http://93.184.216.34/0.jpg"]["outcome"] == "address_blocked"
