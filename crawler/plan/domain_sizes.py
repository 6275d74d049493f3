"""How much there is of each registered domain, and what one of its links stands for.

Room: pure rules. Arrays are by the numbers of domains (`ranks`); a domain without a link of the run
has zeros.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from crawler.plan.ranks import Ranks
from crawler.plan.staged import Numbers


@dataclass(frozen=True, slots=True)
class DomainSizes:
    """Links, hosts and origins of the run, and weights: links of the dataset for one of the run."""

    links: Numbers
    hosts: Numbers
    origins: Numbers
    weights: Numbers

    def largest(self, most: int) -> list[tuple[int, int]]:
        """Return the numbers of the domains with the most links, and their links."""
        numbers = self.by_size()[:most]
        return list(zip(numbers.tolist(), self.links[numbers].tolist(), strict=True))

    def by_size(self) -> Numbers:
        """Return the numbers of the domains of the run, largest first and then by name."""
        numbers = np.flatnonzero(self.links)
        return numbers[np.argsort(-self.links[numbers].astype(np.int64), kind="stable")]


def sizes_of(
    ranks: Ranks, links: Numbers, origins: Numbers, drawn: Numbers, sample: float, most: int | None
) -> DomainSizes:
    """Sum up what hosts have, by their ranks.

    `drawn` are the links of each domain before those above `most` were left out.
    """
    of_domain = per_domain(ranks, links)
    least = drawn if most is None else np.minimum(drawn, most)
    with np.errstate(invalid="ignore"):  # nothing was drawn of some
        weights = drawn / least / sample
    return DomainSizes(of_domain, per_domain(ranks, links > 0), per_domain(ranks, origins), weights)


def per_domain(ranks: Ranks, of_rank: Numbers) -> Numbers:
    """Sum up numbers of hosts, by rank, over each domain."""
    until = np.cumsum(np.r_[np.uint64(0), of_rank], dtype=np.uint64)
    return np.diff(until[np.r_[ranks.starts(), len(of_rank)]])


def table(ranks: Ranks, sizes: DomainSizes, shards: pa.ListArray) -> pa.Table:
    """Return one row per registered domain of the run, largest first. `shards` are of each number."""
    numbers = sizes.by_size()
    return pa.table({
        "registered_domain": ranks.domains.take(pa.array(numbers)).cast(pa.string()),
        "links": sizes.links[numbers],
        "hosts": sizes.hosts[numbers],
        "origins": sizes.origins[numbers],
        "shards": shards.take(pa.array(numbers)),
    })  # fmt: skip
