"""Rule 10: when our own network fails in the middle of a crawl, no host is blamed for it."""

import math
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.doubt import JUMP_DOMAINS, Failure, Layer, Outage, failure_of, jumps
from crawler.records import Outcome
from tests.ageing import let_days_pass
from tests.conftest import MakeInternet
from tests.internet import Cut, FakeInternet, PictureHost
from tests.runs import (
    QUICK_POLICY,
    begun,
    crawl_arguments,
    crawled,
    finals,
    planned,
    rows,
    stillup_here,
)

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

QUICKLY = ("--timeout", 1, "--shard", 0)
HOSTS, PICTURES = 24, 6
# Few at a time, so that some hosts are not begun when the plug is pulled.
POLICY = (
    QUICK_POLICY.replace("min_delay_s = 0.01", "min_delay_s = 0.1")
    + "hosts_at_a_time = 6\nnames_ahead = 4\n"
)
DEAD = ["http://nowhere.test/1.jpg", "http://refused.test/1.jpg", "http://h0.test/99.jpg"]


def _hosts(count: int = HOSTS, pictures: int = PICTURES) -> list[PictureHost]:
    return [PictureHost(f"h{n}.test", pictures=pictures) for n in range(count)]


def _urls(hosts: list[PictureHost]) -> list[str]:
    return [url for host in hosts for url in host.urls()] + DEAD


def _crawled_through_an_outage(
    run: Path,
    internet: FakeInternet,
    cuts: tuple[Cut, ...],
    *,
    away_s: float,
    timeout_s: float = 2,
    **where: Any,
) -> str:
    """Crawl with the plug pulled for a while in the middle; return what was printed."""
    options = ("--timeout", timeout_s, *where.pop("options", ()))
    arguments = crawl_arguments(run, internet, *options, policy=POLICY)
    crawl = begun(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    before = len(internet.log())
    while len(internet.log()) - before < HOSTS * PICTURES // 3:
        assert crawl.poll() is None, crawl.communicate()[0]
        time.sleep(0.02)
    internet.unplug(*cuts, **where)
    time.sleep(away_s)
    internet.plug_in()
    printed, _ = crawl.communicate(timeout=100)
    assert crawl.returncode == 0, printed
    return printed


def _seen(run: Path) -> dict[str, str]:
    assert not any(row["suspect"] for row in finals(run).values())
    return {url: row["outcome"] for url, row in finals(run).items()}


def _undisturbed() -> dict[str, str]:
    pictures = dict.fromkeys((url for host in _hosts() for url in host.urls()), "ok")
    return pictures | dict(zip(DEAD, ["dns_not_found", "connect_refused", "gone"], strict=True))


@pytest.mark.parametrize(
    ("cuts", "layer", "away_s"),
    [
        pytest.param((Cut.NAMES,), Layer.NAMES, 8, id="names"),
        pytest.param((Cut.NAMES, Cut.SERVERS), None, 3, id="everything is refused"),
        pytest.param((Cut.NAMES, Cut.ANSWERS), None, 60, id="a minute", marks=pytest.mark.slow),
    ],
)
def test_an_outage_of_ours_changes_no_verdict(
    tmp_path: Path,
    make_internet: MakeInternet,
    cuts: tuple[Cut, ...],
    layer: Layer | None,
    away_s: float,
) -> None:
    """With the plug pulled in the middle, every link ends as without, and the crawl says why."""
    hosts = _hosts()
    internet = make_internet(*hosts, "refused")
    run = planned(tmp_path, _urls(hosts))
    printed = _crawled_through_an_outage(run, internet, cuts, away_s=away_s)
    assert _seen(run) == _undisturbed()
    assert "this machine's network had no" in printed
    assert layer is None or str(layer) in printed


@pytest.mark.parametrize(
    ("cuts", "away_s"), [((Cut.ANSWERS,), 1.0), ((Cut.NAMES, Cut.ANSWERS), 4.0)]
)
def test_an_outage_that_is_over_before_it_is_noticed_changes_no_outcome(
    tmp_path: Path, make_internet: MakeInternet, cuts: tuple[Cut, ...], away_s: float
) -> None:
    """Looks that an outage took the answer from wait longer than it lasts, and are looked at again."""
    hosts = _hosts(count=6, pictures=24)
    internet = make_internet(*hosts)
    urls = [url for host in hosts for url in host.urls()]
    run = planned(tmp_path, urls)
    printed = _crawled_through_an_outage(run, internet, cuts, away_s=away_s, timeout_s=6)
    assert _seen(run) == dict.fromkeys(urls, "ok")
    assert {row["outcome"] for row in rows(run) if row["suspect"]} == {"timeout"}
    assert "this machine's network had no answers" in printed


@pytest.mark.slow
def test_only_the_worker_that_was_cut_off_waits(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """With one worker of two cut off, both end as without, and only one tells of an outage."""
    hosts = _hosts()
    internet = make_internet(*hosts, "refused")
    run = planned(tmp_path, _urls(hosts), shards=2)
    of_shard_0 = {row["registered_domain"] for row in rows(run, "links") if row["shard"] == 0}
    names = tuple(sorted(name for name in of_shard_0 if name))
    printed = _crawled_through_an_outage(
        run,
        internet,
        (Cut.NAMES, Cut.ANSWERS),
        away_s=8,
        suffixes=names,
        options=("--workers", 2),
    )
    outcomes = [row["outcome"] for url, row in finals(run).items() if url not in DEAD]
    assert outcomes == ["ok"] * HOSTS * PICTURES
    assert "shard 0: this machine's network had no" in printed
    assert "shard 1: this machine's network had no" not in printed


@pytest.mark.slow
def test_what_was_seen_in_an_outage_is_kept_as_suspect(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Looks that an outage spoiled are rows that are suspect and not final."""
    hosts = _hosts()
    internet = make_internet(*hosts, "refused")
    run = planned(tmp_path, _urls(hosts))
    _crawled_through_an_outage(run, internet, (Cut.NAMES, Cut.ANSWERS), away_s=8)
    spoiled = [row for row in rows(run) if row["suspect"]]
    assert spoiled
    assert not any(row["final"] for row in spoiled)
    again = {row["url"]: row["attempt"] for row in rows(run) if row["final"]}
    assert all(again[row["url"]] > row["attempt"] for row in spoiled)


def _again(run: Path, internet: FakeInternet, *options: object) -> list[dict[str, Any]]:
    """Plan and walk a second round of what is not alive; return what it saw."""
    let_days_pass(run, 4)
    soon = ("--sample-alive", 0, "--as-of", "2100-01-01")
    assert stillup_here("recheck", run, *soon, *options).returncode == 0
    crawled(run, internet, *QUICKLY)
    return [row for row in rows(run) if row["round"] == 2]


def test_a_round_of_hosts_that_are_down_is_no_outage_of_ours(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Where only silent hosts are due, a host that answered in an earlier round vouches for us."""
    up, silent = _hosts(2), [PictureHost(f"s{n}.test", pictures=2) for n in range(12)]
    internet = make_internet(*up, *silent)
    internet.unplug(Cut.ANSWERS, suffixes=tuple(host.names[0] for host in silent))
    urls = [url for host in silent for url in host.urls()]
    answering = [url for host in up for url in host.urls()]
    run = crawled(planned(tmp_path, [*urls, *answering]), internet, *QUICKLY)
    before = len(internet.log())
    seen = _again(run, internet)
    assert {row["url"] for row in seen if row["final"]} == set(urls)
    assert not any(row["suspect"] for row in seen)
    asked = [one for one in internet.log()[before:] if one.host in {host.names[0] for host in up}]
    assert {(one.method, one.target) for one in asked} == {("HEAD", "/robots.txt")}


def test_a_round_that_begins_in_an_outage_blames_nobody(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Where eight hosts that had answered are silent as well, what a round sees is suspect."""
    up, silent = _hosts(9, 1), [PictureHost(f"s{n}.test", pictures=1) for n in range(5)]
    internet = make_internet(*up, *silent)
    internet.unplug(Cut.ANSWERS, suffixes=tuple(host.names[0] for host in silent))
    run = planned(tmp_path, [url for host in (*up, *silent) for url in host.urls()])
    crawled(run, internet, *QUICKLY)
    internet.unplug(Cut.ANSWERS)
    seen = _again(run, internet)
    assert len({row["link_id"] for row in seen}) == len(silent)
    assert all(row["suspect"] for row in seen)


def test_every_outcome_says_what_of_the_network_it_rests_on() -> None:
    """An outcome that is new cannot be forgotten: failure_of knows every one of them."""
    for outcome in Outcome:
        failure_of(outcome, "example.org", 0.0, 1.0)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_an_outage_covers_what_was_under_way_in_it(
    began: float, lasted_s: float, outage_began: float, outage_lasted_s: float
) -> None:
    """A failure is covered exactly when some moment lies in both."""
    failure = Failure(Layer.NAMES, "example.org", began, began + lasted_s, was_said=False)
    outage = Outage(Layer.NAMES, outage_began, outage_began + outage_lasted_s)
    common = min(failure.ended, outage.ended) - max(failure.began, outage.began)
    assert outage.covers(failure) == (common >= 0)
    lasting = Outage(Layer.NAMES, outage_began)
    assert lasting.ended == math.inf
    assert lasting.covers(failure) == (failure.ended >= outage_began)


@given(st.lists(st.sampled_from([f"d{n}.org" for n in range(2 * JUMP_DOMAINS)])))
def test_one_domain_never_is_a_jump(domains: list[str]) -> None:
    """Failures jump when enough different domains fail, however often each of them does."""
    failures = [
        Failure(Layer.ANSWERS, domain, n, n, was_said=False) for n, domain in enumerate(domains)
    ]
    assert jumps(failures) == (len(set(domains)) >= JUMP_DOMAINS)
