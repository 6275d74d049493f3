"""Judges a log of requests: which of them were rude, by the rules that docs/guide/politeness.md promises.

Room: pure rules. Knows nothing of the crawler: it reads what servers saw, and what they had asked
for. A log of a real crawl and one of a simulation are judged alike.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

ROBOTS = "/robots.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as its server saw it. Moments are in seconds of one clock.

    `answered_s` is how long its answer took to begin, `status` None where there was none, `pause_s`
    the Retry-After that came with it. `left_at` is when it was sent, where that is known.
    """

    at: float
    host: str
    domain: str
    address: str
    target: str
    status: int | None = 200
    answered_s: float = 0.0
    pause_s: float = 0.0
    left_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What was promised to whoever is asked. Delays are in seconds.

    `crawl_delay_s` is by host, `shards` by registered domain. `clock_s` is how much too early a
    request may seem for the sake of clocks; `jitter_s` how much closer together requests to a
    domain or an address may arrive than they left.
    """

    host_delay_s: float
    domain_delay_s: float
    address_delay_s: float
    first_slowdown_s: float
    slowdown_factor: float
    recovery_factor: float = 0.9
    max_delay_s: float
    max_crawl_delay_s: float = 30.0
    crawl_delay_s: Mapping[str, float] = field(default_factory=dict)
    shards: Mapping[str, int] = field(default_factory=dict)
    clock_s: float = 0.0
    jitter_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Rude:
    """A request that should not have been sent then, and by how many seconds it was too early."""

    why: str
    request: Seen
    early_s: float


def rude(log: Iterable[Seen], promise: Promise) -> list[Rude]:
    """Return every rude request of a log, in order; none is what a polite crawler leaves behind."""
    ordered = sorted(log, key=lambda seen: seen.at)
    found = []
    for requests in _by(ordered, lambda seen: seen.host).values():
        found += _without_robots(requests)
        found += _too_close(requests, promise)
        found += _within_a_pause(requests, promise)
    for domain, requests in _by(ordered, lambda seen: seen.domain).items():
        delay_s = promise.domain_delay_s * promise.shards.get(domain, 1)
        found += _over_the_rate("domain", requests, delay_s, promise.jitter_s)
    for requests in _by(ordered, lambda seen: seen.address).values():
        found += _over_the_rate("address", requests, promise.address_delay_s, promise.jitter_s)
    return sorted(found, key=lambda one: one.request.at)


def _by(log: Iterable[Seen], key: Callable[[Seen], str]) -> dict[str, list[Seen]]:
    groups: dict[str, list[Seen]] = defaultdict(list)
    for seen in log:
        groups[key(seen)].append(seen)
    return groups


def _without_robots(requests: Sequence[Seen]) -> list[Rude]:
    """A host's first request is for its robots.txt, or follows a redirect from another's there."""
    first = requests[0]
    return [] if first.target == ROBOTS else [Rude("robots.txt was not asked first", first, 0.0)]


def _too_close(requests: Sequence[Seen], promise: Promise) -> list[Rude]:
    """The delay counts from the beginning of an answer to the next request."""
    host = requests[0].host
    shards = promise.shards.get(requests[0].domain, 1)
    found, slowdown_s, crawl_delay_s = [], 0.0, 0.0
    for earlier, later in itertools.pairwise(requests):
        if earlier.target == ROBOTS and earlier.status == 200:
            crawl_delay_s = min(promise.crawl_delay_s.get(host, 0.0), promise.max_crawl_delay_s)
        if earlier.status in {429, 503}:
            slowdown_s = _slower_s(max(slowdown_s, crawl_delay_s), promise)
        elif earlier.status is not None and earlier.status < 500:
            slowdown_s *= promise.recovery_factor
            if slowdown_s < max(promise.first_slowdown_s / 10, 0.001):
                slowdown_s = 0.0
        delay_s = shards * max(promise.host_delay_s, crawl_delay_s, slowdown_s)
        early_s = earlier.at + earlier.answered_s + delay_s - later.at - promise.clock_s
        if early_s > 0:
            found.append(Rude(f"closer than {delay_s:g} s to the one before", later, early_s))
    return found


def _slower_s(delay_s: float, promise: Promise) -> float:
    wanted_s = promise.slowdown_factor * max(delay_s, promise.host_delay_s)
    return min(max(promise.first_slowdown_s, wanted_s), promise.max_delay_s)


def _departure(seen: Seen) -> float:
    return seen.at if seen.left_at is None else seen.left_at


def _within_a_pause(requests: Sequence[Seen], promise: Promise) -> list[Rude]:
    found, until = [], 0.0
    for request in requests:
        early_s = until - request.at - promise.clock_s
        if early_s > 0:
            found.append(Rude("within a Retry-After", request, early_s))
        until = max(until, request.at + request.answered_s + request.pause_s)
    return found


def _over_the_rate(
    what: str, requests: Sequence[Seen], delay_s: float, jitter_s: float
) -> list[Rude]:
    """Of any requests in a row, each is a delay after the one before, but for jitter."""
    found = []
    latest = -float("inf")  # of every request so far, when one more would have been due
    for request in sorted(requests, key=_departure):
        at = _departure(request)
        early_s = latest - at - jitter_s
        if early_s > 0:
            found.append(Rude(f"more to a {what} than one in {delay_s:g} s", request, early_s))
        latest = max(latest, at) + delay_s
    return found
