"""Where the links of a host lie in the run: in one slot, or in one for each part of its domain.

Room: pure rules. A slot holds the links of a host in a shard; what is invalid has a slot of its own
in each shard. Slots are numbered in the order of ranks. In the run they follow each other shard by
shard and there by rank, what is invalid last, which is the order in which a crawl walks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from crawler.plan.positions import SlotNumbers
from crawler.plan.ranks import Ranks
from crawler.plan.shards import DomainPart
from crawler.plan.staged import Numbers

NO_RANK = -1


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of all domains: how many a domain has, the number of its first, their shards."""

    count: Numbers
    first: Numbers
    shards: Numbers

    def lists(self) -> pa.ListArray:
        """Return the shards that each domain has links in, in order."""
        shards = self.shards.copy()
        for domain in np.flatnonzero(self.count > 1):
            shards[self.first[domain] : self.first[domain] + self.count[domain]].sort()
        ends = np.r_[self.first, len(shards)].astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(ends), pa.array(shards))


def parts_of(ranks: Ranks, placed: Sequence[DomainPart[int]], shards: int) -> Parts:
    """Give every domain its shards: those `placed`, and the others one each, by their draw."""
    count = np.ones(len(ranks.draws), np.uint16)
    for part in placed:
        count[part.domain] = part.domain_shards
    first = np.cumsum(count, dtype=np.int64) - count
    tail = (ranks.draws % np.uint64(shards)).astype(np.uint32)
    of_part = np.repeat(tail, count)
    for part in placed:
        of_part[first[part.domain] + part.part] = part.shard
    return Parts(count, first, of_part)


def numbered(ranks: Ranks, parts: Parts, shards: int) -> tuple[Numbers, SlotNumbers]:
    """Return the first slot of each rank, and the same by the codes of hosts."""
    of_rank = parts.count[ranks.domain_of]
    first = (np.cumsum(of_rank, dtype=np.uint64) - of_rank).astype(np.uint64)
    by_code = np.zeros(len(of_rank) + 1, np.uint64)
    counts = np.ones(len(of_rank) + 1, np.uint16)
    by_code[ranks.codes], counts[ranks.codes] = first, of_rank
    return first, SlotNumbers(by_code, counts, int(of_rank.sum(dtype=np.int64)), shards)


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots that have links, in the order of the run. `starts` has one more: where all end."""

    numbers: Numbers
    starts: Numbers
    rank_of: Numbers  # NO_RANK where what is invalid lies
    shards: Numbers

    def links_of(self, which: slice) -> Numbers:
        """Return how many links some slots have."""
        return np.diff(self.starts[which.start : which.stop + 1])

    def by_shard(self) -> Iterator[tuple[int, slice]]:
        """Yield the shards that have links, in order, and which slots are theirs."""
        edges = np.flatnonzero(np.diff(self.shards, prepend=-1, append=-1))
        for first, end in pairwise(edges.tolist()):
            yield int(self.shards[first]), slice(first, end)

    def between(self, first: int, end: int) -> slice:
        """Return which slots have links at positions from `first` to before `end`."""
        start = int(np.searchsorted(self.starts, first, side="right")) - 1
        return slice(start, int(np.searchsorted(self.starts, end, side="left")))

    def in_order(self) -> pa.Table:
        """Return `slot` and `start` in the order of numbers."""
        order = np.argsort(self.numbers)
        columns = {"slot": self.numbers[order], "start": self.starts[:-1][order]}
        return pa.table(columns)


def slots_of(
    ranks: Ranks,
    parts: Parts,
    first_slots: Numbers,
    counted: Sequence[tuple[Numbers, Numbers]],
    invalid_slot: int,
) -> Slots:
    """Put the slots that have links in order. `counted` has numbers of slots and of links there.

    A slot that is counted several times has the sum.
    """
    slots, at = np.unique(np.concatenate([slots for slots, _ in counted]), return_inverse=True)
    links = np.zeros(len(slots), np.uint64)
    np.add.at(links, at, np.concatenate([links for _, links in counted]).astype(np.uint64))
    valid = int(np.searchsorted(slots, invalid_slot))
    rank = np.searchsorted(first_slots, slots[:valid], side="right") - 1
    part = slots[:valid].astype(np.int64) - first_slots[rank].astype(np.int64)
    shard = parts.shards[parts.first[ranks.domain_of[rank]] + part]
    of_invalid = (slots[valid:] - np.uint64(invalid_slot)).astype(np.uint32)
    shards = np.concatenate([shard, of_invalid]).astype(np.uint32)
    rank_of = np.concatenate([rank, np.full(len(of_invalid), NO_RANK)]).astype(np.int64)
    order = np.lexsort((np.where(rank_of == NO_RANK, len(first_slots), rank_of), shards))
    starts = np.cumsum(np.r_[np.uint64(0), links[order]], dtype=np.uint64)
    return Slots(slots[order], starts, rank_of[order], shards[order])
