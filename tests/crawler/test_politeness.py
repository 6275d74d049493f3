"""The pace of a host, in virtual time."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from hypothesis import given
from hypothesis import strategies as st

from crawler.options import load_policy, with_delay
from crawler.politeness import (
    HostPace,
    answered,
    asked,
    delay_s,
    gives_up,
    ready_at,
    retry_after_s,
    slowed,
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
            host = slowed(host, POLICY, PACE, now=now, retry_after_s=seconds)
            assert ready_at(host) >= now + (seconds or 0.0)
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
