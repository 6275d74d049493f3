"""Politeness as a whole, in virtual time: whatever servers do, nobody is ever asked rudely."""

import itertools
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.options import load_policy
from crawler.politeness import Policy
from crawler.turns import SharedTurns
from crawler.visit.hosts import PATIENCE_S
from tests.crawler.simulation import Crawled, Response, SimHost, promise, simulate
from tests.politeness_log import rude

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

POLICY = load_policy()
RETRY_AFTERS = st.one_of(
    st.none(),
    st.integers(0, 900).map(str),
    st.integers(-1000, 900),  # written as a date
    st.sampled_from(["1" + "0" * 30, "-5", "nan", "1e3", "soon", "", "99999999999"]),
)
REFUSALS = st.builds(
    Response,
    status=st.sampled_from([429, 503]),
    latency_s=st.sampled_from([0.0, 0.05, 3.0]),
    retry_after=RETRY_AFTERS,
)
OTHERS = st.builds(
    Response,
    status=st.sampled_from([200, 404, 403, 500, None]),
    latency_s=st.sampled_from([0.0, 0.05, 0.7, 8.0, 45.0]),
    body_s=st.sampled_from([0.0, 2.0]),
    retry_after=st.none() | RETRY_AFTERS,
)


def redirects(names: list[str]) -> st.SearchStrategy[Response]:
    """Return redirects to one of the hosts, some of which say when to follow."""
    return st.builds(
        Response,
        status=st.sampled_from([301, 302, 307]),
        location=st.sampled_from([f"http://{name}/moved.jpg" for name in names]),
        retry_after=RETRY_AFTERS,
    )


@st.composite
def hosts_of(draw: st.DrawFn, domain: str, names: list[str]) -> list[SimHost]:
    """Draw the hosts of one registered domain, on few addresses."""
    shards = draw(st.sampled_from([1, 1, 3]))
    count = draw(st.integers(1, 3))
    pool = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    return [
        SimHost(
            name=f"h{number}.{domain}",
            domain=domain,
            shards=shards,
            addresses=tuple(draw(st.permutations(pool))[: draw(st.integers(1, 3))]),
            dead=draw(st.sampled_from([0, 0, 0, 1])),
            links=draw(st.integers(1, 6)),
            crawl_delay_s=draw(st.sampled_from([None, None, 5.0, 600.0])),
            responses=draw(st.lists(REFUSALS | OTHERS | redirects(names), max_size=8)),
            transit_s=draw(st.sampled_from([0.0, 0.3])),
        )
        for number in range(count)
    ]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[SimHost], tuple[SimHost, ...]]:
    """Draw a few domains, and two hosts that are only ever redirected to."""
    others = tuple(
        SimHost(
            name=f"elsewhere{number}.example",
            domain="elsewhere.example" if number else "elsewhere0.example",
            addresses=("192.0.2.1",),
            responses=draw(st.lists(REFUSALS | OTHERS, max_size=4)),
        )
        for number in range(2)
    )
    names = [host.name for host in others]
    hosts = [
        host
        for number in range(draw(st.integers(1, 4)))
        for host in draw(hosts_of(f"domain{number}.example", names))
    ]
    return hosts, others


policies = st.builds(
    lambda pace, **rules: replace(POLICY, pace=pace, **rules),
    st.builds(
        lambda **rules: replace(POLICY.pace, **rules),
        min_delay_s=st.sampled_from([0.0, 0.2, 1.0, 7.0]),
        latency_factor=st.sampled_from([0.0, 2.0]),
        domain_delay_s=st.sampled_from([0.0, 0.25, 2.0]),
    ),
    address_delay_s=st.sampled_from([0.0, 0.05, 1.0]),
    visit_s=st.sampled_from([1.0, 5.0]),
    visit_links=st.sampled_from([2, 50]),
    hosts_at_a_time=st.sampled_from([2, 512]),
)


def longest_visit_s(policy: Policy, hosts: list[SimHost]) -> float:
    """Return a bound on how long a visit may last, whatever servers say.

    After `visit_s` at most one link and a canary are still looked at: each with its robots.txt and
    redirects at most 2 × 12 requests. Each of those waits at most for a pause, for those before it
    at its host, domain and address, and for its own answer.
    """
    pace, shards = policy.pace, max(host.shards for host in hosts)
    own_s = shards * max(pace.min_delay_s, pace.max_crawl_delay_s, pace.max_delay_s)
    lines_s = len(hosts) * (shards * pace.domain_delay_s + policy.address_delay_s)
    return policy.visit_s + 2 * 12 * (2 * PATIENCE_S + 2 * own_s + lines_s + 30.0)


def check(
    crawled: Crawled, policy: Policy, hosts: list[SimHost], others: tuple[SimHost, ...]
) -> None:
    """Hold a crawl to everything that is promised."""
    assert rude(crawled.log, promise(policy, [*hosts, *others])) == []
    assert crawled.most_at_once <= 1
    finals = Counter(seen.url for seen in crawled.observations if seen.final)
    assert set(finals.values()) == {1}
    assert sum(finals.values()) == sum(host.links for host in hosts)
    longest_s = longest_visit_s(policy, hosts)
    assert all(ended - began <= longest_s for _, began, ended in crawled.visits)
    if policy.hosts_at_a_time >= len(hosts):
        assert max(crawled.waits) <= 1e-6


@pytest.mark.parametrize("examples", [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_nobody_is_asked_rudely(examples: int) -> None:
    """Paces, caps, slowdowns and pauses hold; every link is looked at once; every visit ends."""

    @settings(max_examples=examples)
    @given(worlds(), policies)
    def crawl(world: tuple[list[SimHost], tuple[SimHost, ...]], policy: Policy) -> None:
        hosts, others = world
        check(simulate([hosts], policy, others=others), policy, hosts, others)

    crawl()


@settings(max_examples=15)
@given(worlds(), worlds(), policies)
def test_workers_of_one_machine_share_their_turns(
    one: tuple[list[SimHost], tuple[SimHost, ...]],
    two: tuple[list[SimHost], tuple[SimHost, ...]],
    policy: Policy,
) -> None:
    """Two workers whose links lead to the same hosts and addresses are as polite as one."""
    mine, others = one
    theirs = [
        replace(host, name=host.name.replace("domain", "their"), domain=f"their-{host.domain}")
        for host in two[0]
    ]
    with TemporaryDirectory() as folder:
        table = Path(folder) / "turns"
        SharedTurns.create(table)
        opened: list[SharedTurns] = []

        def turns() -> SharedTurns:
            opened.append(SharedTurns(table))
            return opened[-1]

        crawled = simulate([mine, theirs], policy, others=others, turns=turns)
        for each in opened:
            each.close()
    check(crawled, policy, [*mine, *theirs], others)


def test_a_split_domain_has_its_rate_once() -> None:
    """Four workers that each ask a quarter of a domain ask it as often as one would."""
    host = SimHost(
        name="big.example", domain="big.example", addresses=("192.0.2.1",), links=40, shards=4
    )
    workers = [[replace(host, links=40)] for _ in range(4)]
    logs = [simulate([worker], POLICY).log for worker in workers]
    requests = sorted(seen.at for log in logs for seen in log)
    rate = (len(requests) - 1) / (requests[-1] - requests[0])
    assert rate <= 1.15 / POLICY.pace.min_delay_s


def test_a_refusing_host_recovers_within_a_bound() -> None:
    """After refusals to the limit, so many good answers bring the pace back, and no more."""
    pace = POLICY.pace
    answers = math.ceil(
        math.log(POLICY.first_slowdown_s / 10 / pace.max_delay_s) / math.log(POLICY.recovery_factor)
    )
    refusals = [Response(status=503) for _ in range(7)]  # without Retry-After: each is final
    host = SimHost(
        name="tired.example",
        domain="tired.example",
        addresses=("192.0.2.1",),
        links=len(refusals) + answers + 20,
        responses=refusals,
    )
    log = simulate([[host]], POLICY).log
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(log)]
    assert max(gaps) >= pace.max_delay_s
    assert all(gap <= pace.min_delay_s + 0.2 for gap in gaps[len(refusals) + answers + 3 :])
    assert gaps[len(refusals) + 5] > 10 * pace.min_delay_s
