"""What is told of each shard: its size, and the host and the domain that will take longest.

Room: pure rules. A part of a split domain takes as long as its links times the parts.
"""

from collections.abc import Iterator

import numpy as np

from crawler.plan.ranks import Ranks
from crawler.plan.slots import NO_RANK, Parts, Slots
from crawler.rundir import ShardPlan


def shard_plans(ranks: Ranks, parts: Parts, slots: Slots) -> Iterator[ShardPlan]:
    """Yield the shards that have links, in order. Where two take as long, the first name is told."""
    for shard, which in slots.by_shard():
        yield _plan(ranks, parts, slots, shard, which)


def _plan(ranks: Ranks, parts: Parts, slots: Slots, shard: int, which: slice) -> ShardPlan:
    rank, links = slots.rank_of[which], slots.links_of(which)
    whole = int(links.sum())
    valid = int(np.count_nonzero(rank != NO_RANK))  # those without come last
    invalid_links = int(links[valid:].sum())
    if not valid:
        return ShardPlan(shard=shard, links=whole, invalid_links=invalid_links)
    rank, links = rank[:valid], links[:valid]
    domain = ranks.domain_of[rank]
    times = parts.count[domain].astype(np.uint64)
    slowest = np.flatnonzero(links * times == (links * times).max())
    host = min(slowest.tolist(), key=lambda at: ranks.hosts[int(rank[at])].as_py())
    starts = np.flatnonzero(np.diff(domain, prepend=-1))
    of_domain = np.add.reduceat(links, starts)
    largest = int(np.argmax(of_domain * times[starts]))
    name = ranks.domains[int(domain[starts[largest]])].as_py()
    return ShardPlan(
        shard=shard,
        links=whole,
        invalid_links=invalid_links,
        hosts=valid,
        largest_host=ranks.hosts[int(rank[host])].as_py(),
        largest_host_links=int(links[host]),
        largest_host_shards=int(times[host]),
        largest_domain=name,
        largest_domain_links=int(of_domain[largest]),
        largest_domain_shards=int(times[starts[largest]]),
    )
