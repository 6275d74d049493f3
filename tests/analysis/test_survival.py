"""The survival curve: textbook figures, figures worked by hand, and what holds of every curve."""

import math
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.survival import Followed, kaplan_meier, median_days

# Remission in weeks of 21 patients who were given 6-mercaptopurine; + is still in remission. Freireich
# and others, 1963, as in Cox and Oakes, Analysis of Survival Data, 1984, table 1.1.
SIX_MP = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
# And of the 21 who were given nothing: nobody is censored.
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"

FOLLOWED = st.lists(
    st.builds(Followed, days=st.integers(1, 12).map(float), gone=st.booleans()),
    min_size=1,
    max_size=60,
)


def followed(times: str) -> list[Followed]:
    """Return times as a textbook writes them: `6 6+ 7`."""
    return [Followed(days=float(one.rstrip("+")), gone="+" not in one) for one in times.split()]


def test_freireich() -> None:
    """The curve and Greenwood's errors of the drug's arm are those of the textbooks."""
    curve = [step for step in kaplan_meier(followed(SIX_MP)) if step.gone]
    assert [(step.days, step.at_risk, step.gone) for step in curve] == [
        (6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1)
    ]  # fmt: skip
    shares = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert [step.share for step in curve] == pytest.approx(shares, abs=5e-5)
    errors = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert [step.std_error for step in curve] == pytest.approx(errors, abs=5e-5)
    assert median_days(curve) == 23
    assert median_days(kaplan_meier(followed(PLACEBO))) == 8


def test_an_interval_by_hand() -> None:
    """Two of four gone, one at a time: every figure as it is worked out on paper.

    S(1) = 3/4, Greenwood's sum 1/(4·3); width 1.95996·√0.08333/0.28768 = 1.96673, and 3/4 to the
    power of e^±1.96673 is 0.12795 and 0.96055. S(3) = 3/4 · 1/2, the sum 1/12 + 1/(2·1).
    """
    first, lost, second, last = kaplan_meier(followed("1 2+ 3 4+"))
    assert (first.share, first.low, first.high) == pytest.approx((0.75, 0.12795, 0.96055), abs=5e-6)
    assert first.std_error == pytest.approx(0.75 * math.sqrt(1 / 12))
    assert (lost.share, lost.censored, lost.gone, lost.at_risk) == (0.75, 1, 0, 3)
    assert (second.share, second.at_risk) == (0.375, 2)
    assert second.std_error == pytest.approx(0.375 * math.sqrt(1 / 12 + 1 / 2))
    assert (last.share, last.low, last.high) == (second.share, second.low, second.high)


def test_who_was_last_seen_as_another_went_was_at_risk() -> None:
    """Of a tie, what went comes first."""
    [step] = kaplan_meier(followed("5 5+"))
    assert (step.at_risk, step.gone, step.censored, step.share) == (2, 1, 1, 0.5)


def test_half_gone_is_when_no_more_than_half_are_left() -> None:
    """The median is the first time at which half or fewer are left, and none while more are."""
    assert median_days(kaplan_meier(followed("1 2+"))) == 1.0
    assert median_days(kaplan_meier(followed("1 2+ 3+"))) is None
    assert kaplan_meier([]) == ()
    assert median_days(()) is None


def test_half_of_many_is_half() -> None:
    """However many go one after the other, half are gone when half are gone."""
    for number in range(2, 400, 2):
        curve = kaplan_meier([Followed(days=day, gone=True) for day in range(1, number + 1)])
        assert median_days(curve) == number / 2


def test_before_anything_goes_there_is_no_interval() -> None:
    """Where nothing went, or everything, Greenwood has nothing to say, and nothing is made up."""
    [up] = kaplan_meier(followed("7+ 7+"))
    assert (up.share, up.std_error, up.low, up.high) == (1.0, None, None, None)
    [gone] = kaplan_meier(followed("7 7"))
    assert (gone.share, gone.std_error, gone.low, gone.high) == (0.0, None, None, None)


@given(FOLLOWED)
def test_without_censoring_it_is_the_share_that_lasts(things: list[Followed]) -> None:
    """Where everything was followed to its end, the curve is the plain share that lasted longer."""
    ended = [Followed(days=one.days, gone=True) for one in things]
    for step in kaplan_meier(ended):
        lasting = sum(one.days > step.days for one in ended) / len(ended)
        assert step.share == pytest.approx(lasting)


@given(FOLLOWED)
def test_it_is_efrons_redistribution_to_the_right(things: list[Followed]) -> None:
    """The same curve by another way: each that is lost hands its weight to those who are still there.

    Efron, 1967: the two are one estimate.
    """
    order = sorted(things, key=lambda one: (one.days, not one.gone))
    weights = [1 / len(order)] * len(order)
    for at, one in enumerate(order):
        if not one.gone and at + 1 < len(order):
            for later in range(at + 1, len(order)):
                weights[later] += weights[at] / (len(order) - at - 1)
            weights[at] = 0.0
    for step in kaplan_meier(things):
        went = sum(
            weight
            for one, weight in zip(order, weights, strict=True)
            if one.gone and one.days <= step.days
        )
        assert step.share == pytest.approx(1 - went, abs=1e-9)


@given(FOLLOWED)
def test_what_holds_of_every_curve(things: list[Followed]) -> None:
    """It never rises, everybody is counted once, and an interval holds its share."""
    curve = kaplan_meier(things)
    assert sum(step.gone + step.censored for step in curve) == len(things)
    assert [step.days for step in curve] == sorted(Counter(one.days for one in things))
    shares = [1.0, *(step.share for step in curve)]
    assert all(later <= earlier for earlier, later in pairwise(shares))
    for step in curve:
        if step.low is not None and step.high is not None:
            assert 0 <= step.low <= step.share <= step.high <= 1
