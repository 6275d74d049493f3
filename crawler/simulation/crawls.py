"""Forecasts of a run, by its own hosts: simulated where its links are few, else computed.

Room: network (it runs the simulation; no socket is opened).
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from crawler.simulation.bounds import Load, Rules, host_time, shard_time
from crawler.simulation.exact import Simulated, World, simulate
from crawler.simulation.forecast import Forecast, ShardLoad, Whole, forecast
from crawler.simulation.host import Fate, HostPlan
from crawler.simulation.scenario import Scenario
from crawler.simulation.synthetic import SLOWEST

Shards = Mapping[int, Sequence[HostPlan]]


def of_hosts(
    shards: Shards, seen: Mapping[str, Fate], scenario: Scenario, workers: int, seed: int
) -> Forecast:
    """Compute the forecast of a run from below. `seen` is how hosts answered before."""
    rules, fates = _rules(scenario, seen), fates_of(shards, seen, scenario, seed)
    loads = []
    for shard, hosts in shards.items():
        time = shard_time(((host, fates[host.host]) for host in hosts), rules)
        loads.append(ShardLoad(shard, slowness(hosts), time))
    return forecast(loads, whole(shards, fates, rules), rules, workers)


def simulated(
    shards: Shards, seen: Mapping[str, Fate], scenario: Scenario, workers: int, seed: int
) -> Forecast:
    """Simulate the crawl of a run with the crawl's own code."""
    fates = fates_of(shards, seen, scenario, seed)
    order = sorted(shards, key=lambda shard: slowness(shards[shard]), reverse=True)
    rules = _rules(scenario, seen)
    world = World(shards, fates, scenario.costs, rules.spread)
    done = simulate(world, order, workers, scenario.policy, seed)
    of_it = whole(shards, fates, rules)
    return Forecast(
        workers=workers,
        shards=len(shards),
        exact=True,
        makespan_s=done.makespan_s,
        lower_bounds=of_it.bounds(rules, workers),
        load=_load(of_it.load, done),
        slowest=of_it.hosts,
        walks=done.walks,
    )


def _rules(scenario: Scenario, seen: Mapping[str, Fate]) -> Rules:
    """Return the rules of a forecast; what was seen of hosts is a mean, and does not vary."""
    return replace(scenario.rules, spread=0.0) if seen else scenario.rules


def _load(computed: Load, done: Simulated) -> Load:
    """Return what was counted in a simulation; the rest is what was computed."""
    usage = done.usage
    return replace(
        computed,
        requests=usage.requests,
        lookups=usage.lookups,
        handshakes=usage.connections,
        tls_handshakes=usage.tls_handshakes,
        body_bytes=usage.body_bytes,
        cpu_s=usage.cpu_s,
    )


def slowness(hosts: Sequence[HostPlan]) -> tuple[float, float]:
    """Return the sort key by which an engine hands shards out (`ShardPlan.slowness`)."""
    largest = max((host.links * host.domain_shards for host in hosts), default=0)
    return largest, sum(host.links for host in hosts)


def fates_of(
    shards: Shards, seen: Mapping[str, Fate], scenario: Scenario, seed: int
) -> dict[str, Fate]:
    """Return how every host will answer: as it did, or as is likely."""
    names = {host.host for hosts in shards.values() for host in hosts}
    return {name: seen.get(name) or scenario.mix.fate_of(name, seed) for name in names}


def whole(shards: Shards, fates: Mapping[str, Fate], rules: Rules) -> Whole:
    """Return a run as a whole, as if no domain were split."""
    merged: dict[str, HostPlan] = {}
    for hosts in shards.values():
        for host in hosts:
            one = merged.get(host.host)
            links = host.links + (one.links if one else 0)
            secure = host.secure_links + (one.secure_links if one else 0)
            merged[host.host] = HostPlan(host.host, host.registered_domain, 1, links, secure)
    load, slowest, domains = Load(), [], defaultdict[str, float](float)
    for host in merged.values():
        took = host_time(host, fates[host.host], rules)
        load.add(took.load)
        slowest.append((took.seconds, host.host))
        delay_s = rules.policy.pace_of(host.registered_domain).domain_delay_s
        domains[host.registered_domain] += took.load.requests * delay_s
    slowest.sort(reverse=True)
    domain = max(((value, name) for name, value in domains.items()), default=(0.0, ""))
    return Whole(load, tuple(slowest[:SLOWEST]), domain)


def capped(shards: Shards, most: int) -> dict[int, list[HostPlan]]:
    """Return the hosts of a run of which at most so many links of each domain were kept."""
    sizes: defaultdict[str, int] = defaultdict(int)
    for hosts in shards.values():
        for host in hosts:
            sizes[host.registered_domain] += host.links
    return {
        shard: [_share(host, min(1.0, most / sizes[host.registered_domain])) for host in hosts]
        for shard, hosts in shards.items()
    }


def _share(host: HostPlan, share: float) -> HostPlan:
    links = math.ceil(host.links * share)
    return replace(host, links=links, secure_links=min(links, round(host.secure_links * share)))
