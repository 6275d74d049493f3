"""How long a host, a shard and a crawl take at the least, by the rules of politeness.

Room: pure rules. The same rules that a crawl goes by (`crawler/politeness.py`) say how far apart two
requests are; what is added here is counting. A worker visits many hosts at a time and may break a
visit off and go on later, so the least time that its hosts take together is the larger of the longest
host and of all their time shared among the places (McNaughton, 1959).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from statistics import NormalDist

from crawler.politeness import HostPace, Pace, Policy, delay_s, host_retry_at
from crawler.simulation.host import Costs, Fate, HostPlan, Kind

CONNECT_TIMEOUT_S = 10.0
FIRST_BYTE_TIMEOUT_S = 20.0
_QUANTILES = 200


class Bound(StrEnum):
    """What a shard or a crawl waits for."""

    HOST = "one host"
    DOMAIN = "one registered domain"
    PLACES = "hosts at a time"
    PROCESSOR = "processor"
    LINE = "line"
    SHARDS = "shards in turn"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a forecast goes by. `connections` to a host at a time is one in every crawl."""

    policy: Policy
    costs: Costs
    spread: float = 0.0
    connections: int = 1


@dataclass(slots=True)
class Load:
    """What some hosts ask for: counts, bytes of bodies, and seconds of places and processor."""

    links: float = 0.0
    hosts: float = 0.0
    requests: float = 0.0
    lookups: float = 0.0
    handshakes: float = 0.0
    tls_handshakes: float = 0.0
    body_bytes: float = 0.0
    cpu_s: float = 0.0
    place_s: float = 0.0

    def add(self, other: "Load", times: float = 1.0) -> None:
        """Add another load so many times."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + times * getattr(other, name))


@dataclass(frozen=True, slots=True)
class HostTime:
    """One host of a shard: how long it takes alone, and what it asks for."""

    seconds: float
    load: Load


@dataclass(slots=True)
class ShardTime:
    """The least time of a shard by each of its bounds, and the host and domain that take longest."""

    load: Load = field(default_factory=Load)
    host: tuple[float, str] = (0.0, "")
    domain: tuple[float, str] = (0.0, "")

    def bounds(self, rules: Rules) -> dict[Bound, float]:
        """Return the seconds that each bound alone would take."""
        return {
            Bound.HOST: self.host[0],
            Bound.DOMAIN: self.domain[0],
            **shared(self.load, rules, 1),
        }

    def seconds(self, rules: Rules) -> float:
        """Return the least time of the shard, its worker's start included."""
        return rules.costs.shard_start_s + max(self.bounds(rules).values())


def shared(load: Load, rules: Rules, workers: int) -> dict[Bound, float]:
    """Return the least seconds that a load takes of what workers share out."""
    return {
        Bound.PLACES: load.place_s / rules.policy.hosts_at_a_time / workers,
        Bound.PROCESSOR: load.cpu_s / workers,
        Bound.LINE: load.body_bytes / rules.costs.bytes_per_s / workers,
    }


def cycle_s(fate: Fate, rules: Rules, domain: str, shards: int) -> float:
    """Return the mean seconds from one request to a host to the next, of one shard."""
    return _cycle_s(fate, rules, rules.policy.pace_of(domain), shards)


@lru_cache(maxsize=4096)
def _cycle_s(fate: Fate, rules: Rules, pace: Pace, shards: int) -> float:
    """Do so for a pace.

    The delay counts from the first byte of an answer (decision 0020), and grows with how long that
    took to come.
    """
    waits = [
        delay_s(HostPace(crawl_delay_s=fate.crawl_delay_s, latency_s=ttfb_s), pace, shards) + ttfb_s
        for ttfb_s in _draws(fate.ttfb_s, rules.spread)
    ]
    return max(_mean(waits) / rules.connections, fate.tolerates_s)


@lru_cache(maxsize=4096)
def _draws(median: float, sigma: float) -> tuple[float, ...]:
    """Return evenly spaced quantiles of a log-normal distribution."""
    if not sigma or not median:
        return (median,)
    normal = NormalDist(math.log(median), sigma)
    return tuple(math.exp(normal.inv_cdf((n + 0.5) / _QUANTILES)) for n in range(_QUANTILES))


def host_time(host: HostPlan, fate: Fate, rules: Rules) -> HostTime:
    """Return how long a host takes, and what it asks for."""
    if fate.kind is Kind.NO_NAME:
        load = Load(host.links, 1, lookups=1, place_s=fate.lookup_s)
        return HostTime(fate.lookup_s, load)
    if fate.kind is not Kind.ANSWERS:
        return _unreachable(host, fate, rules)
    cycle = cycle_s(fate, rules, host.registered_domain, host.domain_shards)
    hanging = fate.hanging_share * host.links
    slow_s = _after_hanging_s(host, rules) - cycle
    requests = host.links + host.origins + (fate.served_share > 0)
    mean_ttfb_s = _mean(_draws(fate.ttfb_s, rules.spread))
    seconds = (requests - 1) * cycle + mean_ttfb_s + fate.body_s + hanging * slow_s + fate.lookup_s
    load = Load(
        links=host.links,
        hosts=1,
        requests=requests,
        lookups=max(1.0, seconds / 60.0),
        handshakes=host.origins,
        tls_handshakes=host.secure_links > 0,
        body_bytes=fate.served_share * host.links * fate.body_bytes,
        cpu_s=requests * rules.costs.request_cpu_s
        + host.origins * rules.costs.host_cpu_s
        + fate.served_share * host.links * rules.costs.picture_cpu_s,
        place_s=hanging * FIRST_BYTE_TIMEOUT_S
        + _place_s(requests, cycle, mean_ttfb_s, rules.policy),
    )
    connect_s = fate.connect_s * (host.origins + 2 * (host.secure_links > 0))
    load.place_s += connect_s
    return HostTime(seconds + connect_s, load)


def _after_hanging_s(host: HostPlan, rules: Rules) -> float:
    """Return how long a request that hangs takes, with the delay that so long a wait brings."""
    pace = rules.policy.pace_of(host.registered_domain)
    slow = HostPace(latency_s=FIRST_BYTE_TIMEOUT_S)
    return FIRST_BYTE_TIMEOUT_S + delay_s(slow, pace, host.domain_shards)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _place_s(requests: float, cycle: float, ttfb_s: float, policy: Policy) -> float:
    """Return how long a host takes up one of a worker's places: its visits, not what lies between."""
    a_visit = max(1, min(policy.visit_links, math.floor(policy.visit_s / max(cycle, 1e-9)) + 1))
    visits = math.ceil(requests / a_visit)
    return (requests - visits) * cycle + visits * ttfb_s


def _unreachable(host: HostPlan, fate: Fate, rules: Rules) -> HostTime:
    """Return what a host takes that nobody can connect to: so many tries, and rests between them."""
    tries = rules.policy.max_host_failures
    try_s = CONNECT_TIMEOUT_S if fate.kind is Kind.SILENT else fate.connect_s
    rests_s = sum(host_retry_at(rules.policy, failures, 0.0) for failures in range(1, tries))
    place_s = tries * try_s * host.origins + fate.lookup_s
    cpu_s = tries * host.origins * rules.costs.request_cpu_s
    load = Load(host.links, 1, lookups=1, handshakes=tries * host.origins, cpu_s=cpu_s)
    load.place_s = place_s
    return HostTime(place_s + rests_s, load)


def shard_time(hosts: Iterable[tuple[HostPlan, Fate]], rules: Rules) -> ShardTime:
    """Return the least time of some hosts on one worker."""
    shard = ShardTime()
    domains: dict[str, float] = {}
    for host, fate in hosts:
        add_host(shard, domains, host, host_time(host, fate, rules), rules)
    if domains:
        shard.domain = max((seconds, name) for name, seconds in domains.items())
    return shard


def add_host(
    shard: ShardTime, domains: dict[str, float], host: HostPlan, took: HostTime, rules: Rules
) -> None:
    """Add a host to a shard, and its requests to those of its domain."""
    shard.load.add(took.load)
    shard.host = max(shard.host, (took.seconds, host.host))
    name = host.registered_domain
    every_s = rules.policy.pace_of(name).domain_delay_s * host.domain_shards
    domains[name] = domains.get(name, 0.0) + took.load.requests * every_s
