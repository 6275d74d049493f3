"""Which shard a registered domain's links go to.

Room: pure rules. Biggest first into the least loaded shard (Graham's LPT, 1969), since the big
domains decide how long a shard takes; the long tail is placed by hash, elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

# Without --shards: one shard for so many links. 250,000 links are about a day at one link a
# second over three hosts at a time; they fit in memory to be ordered.
LINKS_PER_SHARD = 250_000
# A part of a split domain has at least so many links, or its robots.txt would cost more.
LEAST_PART = 100
# So many domains are placed one by one.
HEAD = 10_000


@dataclass(frozen=True, slots=True)
class DomainPart:
    """A part of a registered domain: the links whose id leaves `part` modulo `domain_shards`."""

    registered_domain: str
    part: int
    domain_shards: int
    shard: int


def shard_count(links: int, wanted: int | None) -> int:
    """Return how many shards a run has."""
    return wanted or max(1, -(-links // LINKS_PER_SHARD))


def place(domains: Sequence[tuple[str, int]], links: int, shards: int) -> list[DomainPart]:
    """Place domains (name and links, biggest first) of a run of `links` links.

    A domain that is larger than a shard's fair share is split over as many shards as it fills.
    """
    share = max(-(-links // shards), LEAST_PART)
    loads = [(0, shard) for shard in range(shards)]
    heapify(loads)
    placed: list[DomainPart] = []
    for name, size in domains:
        parts = min(shards, -(-size // share))
        lightest = [heappop(loads) for _ in range(parts)]
        for part, (load, shard) in enumerate(lightest):
            placed.append(DomainPart(name, part, parts, shard))
            heappush(loads, (load + -(-size // parts), shard))
    return placed
