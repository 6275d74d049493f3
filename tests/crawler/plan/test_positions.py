"""Links get their place in the order of the run as they come by."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from crawler.plan.positions import Positions

_SLOTS = st.lists(st.integers(0, 5).map(lambda at: at * 7), max_size=60)


@given(_SLOTS, st.permutations(range(6)), st.integers(1, 9))
def test_positions_are_those_of_a_sort(slots: list[int], ranks: list[int], step: int) -> None:
    """Told a stretch at a time, positions are those of a sort by the slot's place, then by row."""
    by_place = sorted(range(len(slots)), key=lambda row: (ranks[slots[row] // 7], row))
    wanted = {row: position for position, row in enumerate(by_place)}
    present = sorted(set(slots))
    starts = [sum(ranks[other // 7] < ranks[slot // 7] for other in slots) for slot in present]
    numbers = {"slot": pa.array(present, pa.uint64()), "start": pa.array(starts, pa.uint64())}
    positions = Positions(pa.table(numbers))
    found: dict[int, int] = {}
    for first in range(0, len(slots), step):
        order, at = positions.next(np.array(slots[first : first + step], np.uint64))
        assert list(at) == sorted(at)
        found |= {
            first + row: place for row, place in zip(order.tolist(), at.tolist(), strict=True)
        }
    assert found == wanted
