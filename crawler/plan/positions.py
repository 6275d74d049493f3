"""Where each link stands in the order of the run, told as the links come by in source order.

Room: pure rules. A slot (`slots.py`) has a place in the order; its links follow each other
there in the order of their rows, so counting what has come by is all that is needed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class SlotNumbers:
    """Which slot a link belongs to, by number: `first_slot` and `domain_shards` by the code of its host.

    Links without a host are spread over all shards, in slots of their own from `invalid_slot` on.
    """

    first_slot: Numbers
    domain_shards: Numbers
    invalid_slot: int
    shards: int

    def of(self, link_ids: Numbers, codes: Numbers, has_host: Numbers) -> Numbers:
        """Return the slot of each link; what `codes` says of a link without a host is not read."""
        slots = self.first_slot[codes]
        parts = self.domain_shards[codes]
        split = np.flatnonzero((parts > 1) & has_host)
        slots[split] += link_ids[split] % parts[split].astype(np.uint64)
        homeless = np.flatnonzero(~has_host)
        slots[homeless] = link_ids[homeless] % np.uint64(self.shards) + np.uint64(self.invalid_slot)
        return slots

    def is_shared(self, codes: Numbers, has_host: Numbers) -> Numbers:
        """Tell whose slot does not hold all links of its host."""
        return (self.domain_shards[codes] > 1) | ~has_host


class Positions:
    """Hands out positions. Holds two numbers a slot: 100 MB for six million."""

    def __init__(self, starts: pa.Table) -> None:
        """Begin at the `start` of each `slot`, given in the order of slots."""
        self._slots: Numbers = starts["slot"].to_numpy()
        self._next: Numbers = starts["start"].to_numpy().astype(np.uint64)

    def next(self, slots: Numbers) -> tuple[Numbers, Numbers]:
        """Return the order of the next links by position, and the positions in that order.

        `slots` has the slot of each link, in source order.
        """
        if not len(slots):
            return np.zeros(0, np.int64), np.zeros(0, np.uint64)
        ordered, order = _sorted(slots)
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        sizes = np.diff(np.r_[starts, len(ordered)])
        at = np.searchsorted(self._slots, ordered[starts])
        first = self._next[at]
        self._next[at] += sizes.astype(np.uint64)
        by_position = np.argsort(first)
        starts, sizes, first = starts[by_position], sizes[by_position], first[by_position]
        within = np.arange(len(slots)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        positions = np.repeat(first, sizes) + within.astype(np.uint64)
        return order[np.repeat(starts, sizes) + within], positions


def _sorted(slots: Numbers) -> tuple[Numbers, Numbers]:
    """Return slots in order and where each was: sorted as one number, since that is quick."""
    bits = len(slots).bit_length()
    if int(slots.max()) >> (64 - bits):
        order = np.argsort(slots, kind="stable")
        return slots[order], order
    both = np.sort(slots << np.uint64(bits) | np.arange(len(slots), dtype=np.uint64))
    return both >> np.uint64(bits), (both & np.uint64((1 << bits) - 1)).astype(np.int64)
