"""Which shard a registered domain's links go to.

Room: pure rules. Biggest first into the least loaded shard (Graham's LPT, 1969), since the big
domains decide how long a shard takes; the long tail is placed by hash, elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

Domain = TypeVar("Domain")  # a plan has numbers, a forecast names

# Without --shards: one shard for so many links. 250,000 links are about a day at one link a
# second over three hosts at a time; they fit in memory to be ordered.
LINKS_PER_SHARD = 250_000
# A part of a split domain has at least so many links, or its robots.txt would cost more.
LEAST_PART = 100
# So many domains are placed one by one.
HEAD = 10_000


@dataclass(frozen=True, slots=True)
class DomainPart(Generic[Domain]):
    """A part of a registered domain: the links whose id leaves `part` modulo `domain_shards`."""

    domain: Domain
    part: int
    domain_shards: int
    shard: int


def shard_count(links: int, wanted: int | None) -> int:
    """Return how many shards a run has."""
    return wanted or max(1, -(-links // LINKS_PER_SHARD))


def place(
    domains: Iterable[tuple[Domain, int]], links: int, shards: int
) -> list[DomainPart[Domain]]:
    """Place domains (each with its links, biggest first) of a run of `links` links.

    A domain that is larger than a shard's fair share is split over as many shards as it fills.
    """
    share = max(-(-links // shards), LEAST_PART)
    loads = [(0, shard) for shard in range(shards)]
    heapify(loads)
    placed: list[DomainPart[Domain]] = []
    for domain, size in domains:
        parts = min(shards, -(-size // share))
        lightest = [heappop(loads) for _ in range(parts)]
        for part, (load, shard) in enumerate(lightest):
            placed.append(DomainPart(domain, part, parts, shard))
            heappush(loads, (load + -(-size // parts), shard))
    return placed
