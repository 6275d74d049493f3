"""A made-up list of any length: its domains, and the shards that a plan would make of them.

Room: pure rules. Sizes are counts, so that billions of links take no more room than thousands. The
largest domains are placed one by one, by the plan's own rule (`crawler/plan/shards.py`); the others
are placed by hash, so that of them every shard has its share.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from crawler.plan.shards import HEAD, DomainPart, place, shard_count
from crawler.simulation.bounds import HostTime, Rules, ShardTime, add_host, host_time
from crawler.simulation.forecast import ShardLoad, Whole
from crawler.simulation.host import Fate, HostPlan
from crawler.simulation.likely import Mix, SizeClass, Skew

SLOWEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    """What list there is, and how it is planned. `split`: large domains over several shards."""

    links: int
    shards: int | None = None
    max_per_domain: int | None = None
    split: bool = True


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A list's shards, and the list as a whole."""

    shards: tuple[ShardLoad, ...]
    whole: Whole
    links: float
    domains: float


def made_up(options: ListOptions, mix: Mix, skew: Skew, rules: Rules) -> MadeUp:
    """Make up a list and plan it."""
    classes = list(_capped(skew, options))
    links = sum(one.domains * one.links for one in classes)
    shards = shard_count(round(links), options.shards)
    head = {f"domain {rank}": one for rank, one in enumerate(classes[:HEAD], 1) if one.domains == 1}
    tail = _tail(classes[len(head) :], mix, rules)
    sizes = [(name, round(one.links)) for name, one in head.items()]
    parts = place(sizes, round(links) if options.split else sizes[0][1] * shards, shards)
    times = _shard_times(parts, head, tail, shards, mix, rules)
    loads = tuple(
        ShardLoad(shard, (time.host[0], time.load.links), time) for shard, time in times.items()
    )
    whole = _whole(head, tail, mix, rules)
    return MadeUp(loads, whole, links, sum(one.domains for one in classes))


def _capped(skew: Skew, options: ListOptions) -> Iterator[SizeClass]:
    most = options.max_per_domain or options.links
    for one in skew.classes(options.links, HEAD):
        share = min(1.0, most / one.links)
        yield SizeClass(one.domains, one.links * share, one.largest_host * share)


def _tail(classes: list[SizeClass], mix: Mix, rules: Rules) -> ShardTime:
    """Return what the small domains of a list take in all: of each size, hosts of every fate."""
    tail = ShardTime()
    for one in classes:
        host = _host("domain", one.links, 1, mix)
        for share, fate in mix.fates():
            took = host_time(host, fate, rules)
            tail.load.add(took.load, one.domains * share)
            tail.host = max(tail.host, (took.seconds, "one of the small ones"))
    return tail


def _host(domain: str, links: float, shards: int, mix: Mix) -> HostPlan:
    """Return the plan of a host; counts of a made-up list may be fractions."""
    return HostPlan(domain, domain, shards, links, links * mix.https_share)  # type: ignore[arg-type]


def _hosts_of(
    part_links: float, name: str, one: SizeClass, shards: int, mix: Mix
) -> list[HostPlan]:
    """Return the hosts of a domain's part: its largest one, and all others taken as one more."""
    largest = part_links * one.largest_host / one.links
    hosts = [_host(f"largest of {name}", largest, shards, mix)]
    rest = part_links - largest
    while rest > 0.5 and len(hosts) < 64:
        hosts.append(_host(f"host {len(hosts) + 1} of {name}", min(rest, largest), shards, mix))
        rest -= min(rest, largest)
    return [replace(host, registered_domain=name) for host in hosts]


def _shard_times(
    parts: list[DomainPart[str]],
    head: dict[str, SizeClass],
    tail: ShardTime,
    shards: int,
    mix: Mix,
    rules: Rules,
) -> dict[int, ShardTime]:
    times = {shard: ShardTime(host=tail.host) for shard in range(shards)}
    domains: dict[int, dict[str, float]] = {shard: {} for shard in range(shards)}
    for time in times.values():
        time.load.add(tail.load, 1 / shards)
    took: dict[str, list[tuple[HostPlan, HostTime]]] = {}
    for part in parts:
        name = part.domain
        if name not in took:  # the parts of a domain are alike
            links = head[name].links / part.domain_shards
            hosts = _hosts_of(links, name, head[name], part.domain_shards, mix)
            took[name] = [(host, host_time(host, mix.answering(), rules)) for host in hosts]
        for host, time_ in took[name]:
            add_host(times[part.shard], domains[part.shard], host, time_, rules)
    for shard, seconds in domains.items():
        if seconds:
            times[shard].domain = max((value, name) for name, value in seconds.items())
    return times


def _whole(head: dict[str, SizeClass], tail: ShardTime, mix: Mix, rules: Rules) -> Whole:
    """Return the list as a whole, as if no domain were split."""
    all_of_it, domains = ShardTime(), dict[str, float]()
    all_of_it.load.add(tail.load)
    slowest: list[tuple[float, str]] = []
    fate: Fate = mix.answering()
    for name, one in head.items():
        for host in _hosts_of(one.links, name, one, 1, mix):
            took = host_time(host, fate, rules)
            slowest.append((took.seconds, host.host))
            add_host(all_of_it, domains, host, took, rules)
    slowest.sort(reverse=True)
    domain = max(((value, name) for name, value in domains.items()), default=(0.0, ""))
    return Whole(all_of_it.load, tuple(slowest[:SLOWEST]), domain)
