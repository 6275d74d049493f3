"""How long things last when some of them are still there: Kaplan and Meier's estimate.

Room: pure rules. Kaplan and Meier, 1958, https://doi.org/10.2307/2281868. The variance is
Greenwood's; the interval is of log(-log S), so that it stays between 0 and 1 (Kalbfleisch and
Prentice, The Statistical Analysis of Failure Time Data, 1.4).
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Z_95 = 1.959963984540054
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One thing, followed for `days`: then it was `gone`, or it was last seen."""

    days: float
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The curve from `days` on: the share that lasts longer, and its 95 % interval.

    `at_risk` were followed until then; `censored` of them were last seen then. `std_error` is
    Greenwood's. The interval is None before the first goes and when nobody is left.
    """

    days: float
    at_risk: int
    gone: int
    censored: int
    share: float
    std_error: float | None
    low: float | None
    high: float | None


def kaplan_meier(followed: Iterable[Followed], z: float = Z_95) -> tuple[Step, ...]:
    """Return the curve, a step for each time at which something went or was last seen.

    What was last seen at a time at which another went was at risk then (Kaplan and Meier's
    convention).
    """
    all_of_them = list(followed)
    gone = Counter(one.days for one in all_of_them if one.gone)
    censored = Counter(one.days for one in all_of_them if not one.gone)
    at_risk, share, greenwood = len(all_of_them), 1.0, 0.0
    steps = []
    for days in sorted(gone.keys() | censored.keys()):
        went, left = gone[days], at_risk - gone[days]
        share *= left / at_risk
        greenwood += went / (at_risk * left) if left else math.inf
        low, high = _interval(share, greenwood, z)
        steps.append(
            Step(
                days=days,
                at_risk=at_risk,
                gone=went,
                censored=censored[days],
                share=share,
                std_error=share * math.sqrt(greenwood) if 0 < share < 1 else None,
                low=low,
                high=high,
            )
        )
        at_risk -= went + censored[days]
    return tuple(steps)


def median_days(curve: Sequence[Step]) -> float | None:
    """Return when half are gone; None while more than half are still there.

    A share is a product of fractions, and a half that is made of many may be a few 10⁻¹⁶ above it.
    """
    return next((step.days for step in curve if step.share <= 0.5 + _ROUNDING), None)


def _interval(share: float, greenwood: float, z: float) -> tuple[float | None, float | None]:
    if not 0 < share < 1:
        return None, None
    logarithm = math.log(share)
    width = z * math.sqrt(greenwood) / abs(logarithm)
    return share ** math.exp(width), share ** math.exp(-width)
