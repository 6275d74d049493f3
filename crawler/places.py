"""Until when a free place may be had, so that hosts that take longer find theirs when they are due.

Room: pure rules. A worker visits so many hosts at a time: it has so many places. A host whose visit
has ended is due again after its delay, and by then every place may be taken for a whole visit.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence

LEAST_LENT_S = 0.5  # a place that is wanted sooner is left free until then
_TIMES = 2.0


def goes_before_s(takes_s: float, visit_s: float) -> float:
    """Return how long a host must take for a place to be kept for it from one that takes so long.

    Of hosts that take about as long, none waits for another: they would all wait.
    """
    return _TIMES * takes_s + visit_s


def free_until(free: int, ends: Sequence[float], now: float, dues: Sequence[float]) -> float:
    """Return until when one of the free places may be had, so that those due find one each.

    `ends` are when the visits under way will likely end, `dues` when hosts come back that go before;
    both are sorted. A visit that should have ended may last: its place is not counted on.
    """
    overdue = bisect_right(ends, now)
    for wanted, due in enumerate(dues, 1):
        if free - 1 + bisect_right(ends, due) - overdue < wanted:
            return due
    return math.inf
