"""How fast a host may be asked, as pure functions of what it has answered so far.

Room: pure rules. Time comes in as an argument: `now` is in seconds of one monotonic clock. Nothing
here sleeps, reads a clock or opens a connection; `crawler/visit/hosts.py` does what this decides.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# A longer Retry-After is an absurd one: it is kept as a century, which is never waited for.
LONGEST_PAUSE_S = 100 * 365 * 86_400.0
# A slowdown below this is none; and one is forgotten after so many times its length without a request.
_NO_SLOWDOWN_S = 0.001
_FORGOTTEN_AFTER = 60

_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]*)?", re.ASCII)


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
    tdmrep: bool
    name_questions_per_s: float
    names_ahead: int
    domains: tuple[tuple[str, Pace], ...] = ()

    def __post_init__(self) -> None:
        """Refuse rules under which a pace would never recover, or nobody would ever be asked."""
        for name, least in _LEAST.items():
            if not least <= getattr(self, name) < float("inf"):
                text = f"{name} must be {least:g} or more, not {getattr(self, name)}"
                raise ValueError(text)
        if not isinstance(self.tdmrep, bool):
            text = f"tdmrep must be true or false, not {self.tdmrep}"
            raise ValueError(text)  # noqa: TRY004 - as every other rule that cannot be
        if not 0 <= self.recovery_factor < 1:
            text = f"recovery_factor must be from 0 to less than 1, not {self.recovery_factor}"
            raise ValueError(text)

    def pace_of(self, registered_domain: str) -> Pace:
        """Return the pace of a registered domain: its own if the policy names it."""
        return dict(self.domains).get(registered_domain, self.pace)


_LEAST = {
    "address_delay_s": 0,
    "name_questions_per_s": 1,
    "names_ahead": 0,
    "slowdown_factor": 1,
    "first_slowdown_s": 0,
    "max_retry_after_s": 0,
    "max_attempts": 1,
    "max_host_failures": 1,
    "host_retry_delay_s": 0,
    "hosts_at_a_time": 1,
    "visit_links": 1,
    "visit_s": 0,
}


@dataclass(slots=True, kw_only=True)
class HostPace:
    """What a host's answers so far amount to. `ready_at` is when it may be asked next.

    Never changed: the rules make a new one. Not frozen, for the sake of time.
    """

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
    """Note a good answer, begun at `now`: the pace recovers, slowly.

    The delay counts from here and not from when the request left: however long that was on its
    way, the server then never sees two requests closer than the delay.
    """
    slower = host.slowdown_s * policy.recovery_factor
    slower = 0.0 if slower < max(policy.first_slowdown_s / 10, _NO_SLOWDOWN_S) else slower
    return _ready_after(host, latency_s, slower, pace, now, shards)


def troubled(
    host: HostPace, pace: Pace, *, now: float, latency_s: float, shards: int = 1
) -> HostPace:
    """Note a 5xx or no answer at all, at `now`: the delay counts from here, and nothing recovers."""
    return _ready_after(host, latency_s, host.slowdown_s, pace, now, shards)


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
    host: HostPace,
    policy: Policy,
    pace: Pace,
    *,
    now: float,
    retry_after_s: float | None,
    shards: int = 1,
) -> HostPace:
    """Note a 429 or 503: the delay grows by a factor and Retry-After is obeyed whole."""
    wanted = max(policy.first_slowdown_s, policy.slowdown_factor * delay_s(host, pace))
    # A host that earned more before, under another policy or before a restart, keeps it.
    most = max(pace.max_delay_s, policy.first_slowdown_s, host.slowdown_s)
    slower = _ready_after(host, host.latency_s, min(wanted, most), pace, now, shards)
    return paused(slower, now=now, pause_s=max(slower.slowdown_s, retry_after_s or 0.0))


def paused(host: HostPace, *, now: float, pause_s: float) -> HostPace:
    """Note that a host asked to be left alone for a while."""
    return replace(host, blocked_until=max(host.blocked_until, now + pause_s))


def learned(host: HostPace, pace: Pace, crawl_delay_s: float, now: float, shards: int) -> HostPace:
    """Note a Crawl-delay: it holds from the answer that brought it, and a longer one stays."""
    slower = replace(host, crawl_delay_s=max(host.crawl_delay_s, crawl_delay_s))
    return _ready_after(slower, host.latency_s, host.slowdown_s, pace, now, shards)


def resumed(pace: Pace, *, now: float, delay_s: float, pause_s: float, shards: int = 1) -> HostPace:
    """Return the pace of a host as an earlier worker left it, to go on with at `now`.

    When that worker asked last is not known, so a whole delay is waited for. Whatever the delay
    (of one shard) came from is kept as a slowdown, and recovers like one.
    """
    slower = delay_s if delay_s > pace.min_delay_s else 0.0
    start = HostPace(blocked_until=now + max(0.0, pause_s))
    return _ready_after(start, 0.0, slower, pace, now, shards)


def may_be_forgotten(host: HostPace, now: float) -> bool:
    """Tell whether nothing is lost with what is known of a host: no waiting, no slowdown."""
    return ready_at(host) + _FORGOTTEN_AFTER * host.slowdown_s <= now


def gives_up(host: HostPace, policy: Policy, now: float) -> bool:
    """Tell whether the host asked for a longer pause than this round will wait."""
    return host.blocked_until - now > policy.max_retry_after_s


def host_retry_at(policy: Policy, failures: int, now: float) -> float:
    """Return when to try a host again that could not be reached `failures` times in a row."""
    return now + policy.host_retry_delay_s * 3.0 ** (failures - 1)


def longest_retry_after_s(headers: Iterable[str], now: datetime) -> float | None:
    """Return the longest pause that Retry-After headers ask for, or None."""
    pauses = [pause for header in headers if (pause := retry_after_s(header, now)) is not None]
    return max(pauses, default=None)


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds to wait that a Retry-After header asks for (RFC 9110, 10.2.3), or None.

    Takes seconds, also with a fraction as some servers write them, or an HTTP date; a date in the
    past is 0, more than a century is one; nonsense is None.
    """
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text[:400]), LONGEST_PAUSE_S)
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(0.0, (aware - now).total_seconds()), LONGEST_PAUSE_S)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
