"""Where each link stands in the order of the run, told as the links come by in source order.

Room: pure rules. A slot (`sql/slots.sql`) has a place in the order; its links follow each other
there in the order of their rows, so counting what has come by is all that is needed.
"""

from typing import Any

import numpy as np
import pyarrow as pa

Numbers = np.ndarray[Any, np.dtype[Any]]


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
        order = np.argsort(slots, kind="stable")
        ordered = slots[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)])
        sizes = np.diff(np.r_[starts, len(ordered)])
        at = np.searchsorted(self._slots, ordered[starts])
        first = np.repeat(self._next[at] - starts.astype(np.uint64), sizes)
        positions = first + np.arange(len(ordered), dtype=np.uint64)
        self._next[at] += sizes.astype(np.uint64)
        by_position = np.argsort(positions)
        return order[by_position], positions[by_position]
