"""Places: whoever takes much longer finds one when it is due, and none is kept back for nothing."""

import math

from hypothesis import given
from hypothesis import strategies as st

from crawler.places import free_until, goes_before_s

MOMENTS = st.lists(st.integers(1, 30).map(float), max_size=6).map(sorted)


def who_finds(free: int, ends: list[float], dues: list[float]) -> list[bool]:
    """Tell who of those due finds a place, each of which is then taken for good."""
    found: list[bool] = []
    for due in dues:
        have = free + sum(end <= due for end in ends) - sum(found)
        found.append(have > 0)
    return found


@given(free=st.integers(1, 4), ends=MOMENTS, dues=MOMENTS)
def test_a_place_is_lent_as_long_as_it_is_not_wanted(
    free: int, ends: list[float], dues: list[float]
) -> None:
    """Who finds a place finds it though one is lent until then; a moment longer would cost somebody."""
    if not all(who_finds(free, ends, dues)):
        return
    until = free_until(free, ends, 0.0, dues)
    assert all(who_finds(free - 1, [*ends, until], dues))
    if until < math.inf:
        assert not all(who_finds(free - 1, [*ends, until + 0.5], dues))


@given(ends=MOMENTS, dues=MOMENTS)
def test_a_visit_that_lasts_is_not_counted_on(ends: list[float], dues: list[float]) -> None:
    """Visits that should have ended by now change nothing: they may hang."""
    overdue = [end - 100.0 for end in ends]
    assert free_until(1, sorted([*overdue, *ends]), 0.0, dues) == free_until(1, ends, 0.0, dues)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 60))
def test_of_two_hosts_at_most_one_goes_before(one: float, other: float, visit_s: float) -> None:
    """Nobody waits for a host that waits for it, and one that takes as long waits for none."""
    goes, comes = one > goes_before_s(other, visit_s), other > goes_before_s(one, visit_s)
    assert not (goes and comes)
    assert not one > goes_before_s(one, visit_s)
