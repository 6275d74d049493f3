"""How fast a host may be asked, as pure functions of what it has answered so far.

Room: pure rules. Time comes in as an argument: `now` is in seconds of one monotonic clock. Nothing
here sleeps, reads a clock or opens a connection; `crawler/visit/hosts.py` does what this decides.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What one host, or every host of one registered domain, is owed. Delays are in seconds."""

    min_delay_s: float
    latency_factor: float
    max_crawl_delay_s: float
    max_delay_s: float
    domain_delay_s: float

    def __post_init__(self) -> None:
        """Refuse a pace that no clock can keep."""
        for name in self.__slots__:
            if not 0 <= getattr(self, name) < float("inf"):
                text = f"{name} must be zero or more, not {getattr(self, name)}"
                raise ValueError(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of politeness of a crawl: `data/politeness.toml` explains every field."""

    pace: Pace
    address_delay_s: float
    slowdown_factor: float
    first_slowdown_s: float
    recovery_factor: float
    max_retry_after_s: float
    max_attempts: int
    max_host_failures: int
    host_retry_delay_s: float
    hosts_at_a_time: int
    visit_links: int
    visit_s: float
    domains: tuple[tuple[str, Pace], ...] = ()

    def pace_of(self, registered_domain: str) -> Pace:
        """Return the pace of a registered domain: its own if the policy names it."""
        return dict(self.domains).get(registered_domain, self.pace)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPace:
    """What a host's answers so far amount to. `ready_at` is when it may be asked next."""

    ready_at: float = 0.0
    blocked_until: float = 0.0
    crawl_delay_s: float = 0.0
    latency_s: float = 0.0
    slowdown_s: float = 0.0


def delay_s(host: HostPace, pace: Pace, shards: int = 1) -> float:
    """Return the seconds between two requests to a host."""
    return _delay_s(pace, shards, host.crawl_delay_s, host.latency_s, host.slowdown_s)


def _delay_s(
    pace: Pace, shards: int, crawl_delay_s: float, latency_s: float, slowdown_s: float
) -> float:
    """Return the largest of what a host is owed, times the number of shards that ask it.

    That is the minimum, the robots delay (up to a limit), a multiple of the last latency (up to a
    limit) and the slowdown that the host has asked for.
    """
    return shards * max(
        pace.min_delay_s,
        min(crawl_delay_s, pace.max_crawl_delay_s),
        min(pace.latency_factor * latency_s, pace.max_delay_s),
        slowdown_s,
    )


def ready_at(host: HostPace) -> float:
    """Return the earliest moment at which the host may be asked."""
    return max(host.ready_at, host.blocked_until)


def asked(host: HostPace, pace: Pace, now: float, shards: int = 1) -> HostPace:
    """Note that a request leaves at `now`: the next one waits for the delay."""
    return _ready_after(host, host.latency_s, host.slowdown_s, pace, now, shards)


def answered(
    host: HostPace, policy: Policy, pace: Pace, *, now: float, latency_s: float, shards: int = 1
) -> HostPace:
    """Note an answer, begun at `now`, that did not ask us to slow down: the pace recovers, slowly.

    The delay counts from here and not from when the request left: however long that was on its
    way, the server then never sees two requests closer than the delay.
    """
    slower = host.slowdown_s * policy.recovery_factor
    slower = 0.0 if slower < policy.first_slowdown_s / 10 else slower
    return _ready_after(host, latency_s, slower, pace, now, shards)


def _ready_after(
    host: HostPace, latency_s: float, slowdown_s: float, pace: Pace, now: float, shards: int
) -> HostPace:
    """Return the host with that latency and slowdown, to be asked no sooner than a delay from now.

    It is made anew for every request; `dataclasses.replace` takes three times as long.
    """
    wait_s = _delay_s(pace, shards, host.crawl_delay_s, latency_s, slowdown_s)
    return HostPace(
        ready_at=max(host.ready_at, now + wait_s),
        blocked_until=host.blocked_until,
        crawl_delay_s=host.crawl_delay_s,
        latency_s=latency_s,
        slowdown_s=slowdown_s,
    )


def slowed(
    host: HostPace, policy: Policy, pace: Pace, *, now: float, retry_after_s: float | None
) -> HostPace:
    """Note a 429 or 503: the delay grows by a factor and Retry-After is obeyed whole."""
    wanted = max(policy.first_slowdown_s, policy.slowdown_factor * delay_s(host, pace))
    slower = min(wanted, max(pace.max_delay_s, policy.first_slowdown_s))
    pause = slower if retry_after_s is None else max(slower, retry_after_s)
    return replace(host, slowdown_s=slower, blocked_until=max(host.blocked_until, now + pause))


def gives_up(host: HostPace, policy: Policy, now: float) -> bool:
    """Tell whether the host asked for a longer pause than this round will wait."""
    return host.blocked_until - now > policy.max_retry_after_s


def host_retry_at(policy: Policy, failures: int, now: float) -> float:
    """Return when to try a host again that could not be reached `failures` times in a row."""
    return now + policy.host_retry_delay_s * 3.0 ** (failures - 1)


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds to wait that a Retry-After header asks for (RFC 9110, 10.2.3), or None.

    Takes seconds or an HTTP date; a date in the past is 0; nonsense is None.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
