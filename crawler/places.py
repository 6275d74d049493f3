"""Who has a free place, and until when, so that hosts that take longer find theirs when they are due.

Room: pure rules. A worker visits so many hosts at a time: it has so many places. A host whose visit
has ended is due again after its delay, and by then every place may be taken for a whole visit.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

LEAST_LENT_S = 0.5  # a place that is wanted sooner is left free until then
SCOUT_S = 0.5  # how long a visit lasts that only asks how slowly a host wants to be asked
_TIMES = 2.0
_LATE = 0.05  # of the time that the slowest host takes: so much later may a crawl end


def most_of_domain(places: int, visit_s: float, domain_delay_s: float) -> int:
    """Return how many places the hosts of one registered domain may have, which stand in one line.

    A quarter of all, or as many as can each send a request within a visit, if those are more.
    """
    if domain_delay_s <= 0:
        return places
    return max(1, places // 4, math.ceil(visit_s / domain_delay_s))


def goes_before_s(takes_s: float, visit_s: float) -> float:
    """Return how long a host must take for a place to be kept for it from one that takes so long.

    Of hosts that take about as long, none waits for another: they would all wait.
    """
    return _TIMES * takes_s + visit_s


def free_until(free: int, ends: Sequence[float], now: float, dues: Iterable[float]) -> float:
    """Return until when one of the free places may be had, so that those due find one each.

    `ends` are when the visits under way will likely end, `dues` when hosts come back that go before;
    both are sorted. A visit that should have ended may last: its place is not counted on.
    """
    overdue = bisect_right(ends, now)
    for wanted, due in enumerate(dues, 1):
        if free - 1 + bisect_right(ends, due) - overdue < wanted:
            return due
    return math.inf


def worth_scouting(takes_s: float, may_take_s: float, slowest_s: float, visit_s: float) -> bool:
    """Tell whether to read a host's robots.txt long before its turn comes.

    A host that takes `takes_s` as far as anybody knows is begun when others have so much left. If it
    then says that it `may_take_s`, the whole crawl waits for it: `slowest_s` are what the host takes
    that has most links. Who is done within one visit is visited once.
    """
    return takes_s > visit_s and may_take_s - takes_s > _LATE * slowest_s
