"""The pace of a host, in virtual time."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.options import load_policy, with_delay
from crawler.politeness import (
    LONGEST_PAUSE_S,
    HostPace,
    answered,
    asked,
    delay_s,
    gives_up,
    learned,
    longest_retry_after_s,
    may_be_forgotten,
    ready_at,
    retry_after_s,
    slowed,
    troubled,
)

POLICY = load_policy()
PACE = POLICY.pace
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

latencies = st.floats(0.0, 120.0)
answers = st.lists(
    st.one_of(
        st.tuples(st.just("good"), latencies),
        st.tuples(st.just("slow down"), st.none() | st.floats(0.0, 1000.0)),
    ),
    max_size=60,
)


@given(answers, st.integers(1, 4), st.floats(0.0, 30.0))
def test_requests_are_never_closer_than_the_delay(
    history: list[tuple[str, float | None]], shards: int, crawl_delay_s: float
) -> None:
    """Whatever a host answers, its next request waits for the delay and for a Retry-After."""
    host, now = HostPace(crawl_delay_s=crawl_delay_s), 0.0
    for kind, seconds in history:
        left_at = now = max(now, ready_at(host))
        host = asked(host, PACE, now, shards)
        if kind == "good":
            now += seconds or 0.0
            host = answered(host, POLICY, PACE, now=now, latency_s=seconds or 0.0, shards=shards)
            assert ready_at(host) >= now + delay_s(host, PACE, shards)
        else:
            host = slowed(host, POLICY, PACE, now=now, retry_after_s=seconds, shards=shards)
            assert ready_at(host) >= now + max(seconds or 0.0, delay_s(host, PACE, shards))
        assert ready_at(host) >= left_at + shards * max(PACE.min_delay_s, crawl_delay_s)


def test_a_slowed_host_recovers_and_not_at_once() -> None:
    """After a 429 the delay has grown, and after enough good answers it is the minimum again."""
    host = slowed(HostPace(), POLICY, PACE, now=0.0, retry_after_s=None)
    slow = delay_s(host, PACE)
    assert slow >= POLICY.slowdown_factor * PACE.min_delay_s
    delays = []
    for now in range(100):
        host = answered(host, POLICY, PACE, now=float(now), latency_s=0.01)
        delays.append(delay_s(host, PACE))
    assert slow > delays[0] > delays[3]
    assert delays[-1] == PACE.min_delay_s


def test_slowdowns_multiply_up_to_a_limit() -> None:
    """Each further 429 multiplies the delay, and no host is slowed beyond the maximum."""
    host, delays = HostPace(), []
    for now in range(12):
        host = slowed(host, POLICY, PACE, now=float(now), retry_after_s=None)
        delays.append(delay_s(host, PACE))
    assert delays[1] == POLICY.slowdown_factor * delays[0]
    assert delays[-1] == PACE.max_delay_s


@given(st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_a_longer_pause_than_a_round_waits_is_given_up(now: float, pause_s: float) -> None:
    """A host is waited for exactly as long as the policy says."""
    host = slowed(HostPace(), POLICY, PACE, now=now, retry_after_s=pause_s)
    waits_s = max(pause_s, delay_s(host, PACE))
    assert gives_up(host, POLICY, now) == (host.blocked_until - now > POLICY.max_retry_after_s)
    assert abs(host.blocked_until - now - waits_s) < 1e-3


def test_no_delay_means_none() -> None:
    """With `--delay 0` a host that never complains is never waited for."""
    policy = with_delay(POLICY, 0.0)
    host = answered(HostPace(), policy, policy.pace, now=5.0, latency_s=3.0)
    assert delay_s(host, policy.pace) == 0.0


@given(st.integers(0, 10**9))
def test_retry_after_takes_seconds(seconds: int) -> None:
    """Retry-After in seconds is taken to the second, with or without spaces around."""
    assert retry_after_s(f" {seconds} ", NOW) == float(seconds)


@given(st.integers(-(10**8), 10**8))
def test_retry_after_takes_a_date(seconds: int) -> None:
    """Retry-After as a date is the time until then, and never less than nothing."""
    header = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after_s(header, NOW) == max(0.0, float(seconds))


@given(st.text(max_size=40))
def test_retry_after_survives_nonsense(header: str) -> None:
    """No Retry-After header raises, and what comes out is no negative number."""
    seconds = retry_after_s(header, NOW)
    assert seconds is None or seconds >= 0


def test_retry_after_may_be_missing() -> None:
    """Without the header there is nothing to wait for."""
    assert retry_after_s(None, NOW) is None
    assert retry_after_s("soon", NOW) is None
    assert retry_after_s("-5", NOW) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("1" + "0" * 30, LONGEST_PAUSE_S),
        ("9" * 5000, LONGEST_PAUSE_S),
        ("120.5", 120.5),
        ("1e3", None),
        ("nan", None),
        ("inf", None),
        ("-0", None),
        ("\u0661\u0662", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_PAUSE_S),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Fri, 02 Jan 2026 03:05:05 -0000", 60.0),
        ("Friday, 02-Jan-26 03:05:05 GMT", 60.0),
        ("Fri Jan  2 03:05:05 2026", 60.0),
    ],
)
def test_retry_after_of_odd_servers(header: str, seconds: float | None) -> None:
    """Absurd numbers are a century at most, all three forms of dates are read, the rest is none."""
    assert retry_after_s(header, NOW) == seconds


def test_the_longest_retry_after_counts() -> None:
    """Of several headers the longest pause is obeyed, and nonsense among them is passed over."""
    assert longest_retry_after_s(["5", "soon", "60", "7"], NOW) == 60.0
    assert longest_retry_after_s(["soon"], NOW) is None


@given(
    st.floats(0.1, 60.0),
    st.floats(0.0, 0.99),
    st.floats(0.0, 3600.0),
)
def test_every_slowdown_recovers_within_a_bound(
    first_s: float, recovery: float, slowdown_s: float
) -> None:
    """However slow a host was made, so many good answers make it as fast as it was, and stay so."""
    policy = replace(POLICY, first_slowdown_s=first_s, recovery_factor=recovery)
    least_s = max(first_s / 10, 0.001)
    bound = 1
    if recovery and slowdown_s > least_s:
        bound += math.ceil(math.log(least_s / slowdown_s) / math.log(recovery))
    host = HostPace(slowdown_s=slowdown_s)
    for number in range(min(bound, 20_000)):
        host = answered(host, policy, PACE, now=float(number), latency_s=0.0)
    assert bound > 20_000 or host.slowdown_s == 0.0


def test_trouble_does_not_count_as_recovery() -> None:
    """A host that fails is not asked faster for it; the delay counts from the failure."""
    slow = slowed(HostPace(), POLICY, PACE, now=0.0, retry_after_s=None)
    after = troubled(slow, PACE, now=100.0, latency_s=0.1)
    assert after.slowdown_s == slow.slowdown_s
    assert ready_at(after) == 100.0 + delay_s(after, PACE)


@given(st.integers(1, 5), st.floats(0.0, 30.0), st.floats(0.0, 10.0))
def test_a_refusal_is_followed_by_the_new_delay(
    shards: int, crawl_delay_s: float, late_s: float
) -> None:
    """After a 429 the next request waits for the slower pace, in every shard of its domain."""
    host = asked(HostPace(crawl_delay_s=crawl_delay_s), PACE, 0.0, shards)
    host = slowed(host, POLICY, PACE, now=late_s, retry_after_s=None, shards=shards)
    assert ready_at(host) >= late_s + delay_s(host, PACE, shards)


def test_a_crawl_delay_holds_from_the_answer_that_brought_it() -> None:
    """The first request after robots.txt waits as long as robots.txt says."""
    host = answered(HostPace(), POLICY, PACE, now=10.0, latency_s=0.0)
    assert ready_at(learned(host, PACE, 20.0, 10.0, 1)) == 30.0
    assert ready_at(learned(host, PACE, 1e9, 10.0, 1)) == 10.0 + PACE.max_crawl_delay_s


@given(st.floats(0.0, 1e6), st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_no_slowdown_is_forgotten_soon(now: float, slowdown_s: float, ready: float) -> None:
    """Nothing is forgotten of a host that may not be asked yet, or that was slowed down lately."""
    host = HostPace(ready_at=now + ready, slowdown_s=slowdown_s)
    assert not may_be_forgotten(host, now - 1.0)
    assert may_be_forgotten(host, now + ready + 60 * slowdown_s + 1.0)


@pytest.mark.parametrize(
    "rule",
    [
        {"recovery_factor": 1.0},
        {"recovery_factor": -0.1},
        {"slowdown_factor": 0.5},
        {"max_attempts": 0},
        {"hosts_at_a_time": 0},
        {"visit_links": 0},
        {"address_delay_s": -1.0},
        {"max_retry_after_s": math.inf},
        {"first_slowdown_s": math.nan},
    ],
)
def test_a_policy_that_nobody_can_keep_is_refused(rule: dict[str, float]) -> None:
    """Rules under which a pace never recovers, or nobody is asked, are wrong use."""
    with pytest.raises(ValueError, match=next(iter(rule))):
        replace(POLICY, **rule)  # type: ignore[arg-type]
