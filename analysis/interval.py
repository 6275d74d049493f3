"""How sure the share that is up can be: a Wilson interval with an effective sample size.

Room: pure rules. Knows numbers, not tables. The sums come from `analysis/sql/share_up.sql`; the
design and its measured coverage are in docs/decisions/0012.
"""

from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054  # the two-sided 95 % point of the normal distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareSums:
    """What a sample tells of a share. `up`, `down`, `unjudged` are weighted to the dataset."""

    up: float
    down: float
    unjudged: float
    kish_size: float
    variance: float
    degrees_of_freedom: float


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval, and what it would be if all unjudged were down, or up."""

    share: float
    low: float
    high: float
    if_all_down: float
    if_all_up: float


def share_of(sums: ShareSums) -> Share | None:
    """Return the share that is up among what is up or down, or None where nothing is judged."""
    judged = sums.up + sums.down
    if judged <= 0:
        return None
    share = sums.up / judged
    low, high = wilson(share, effective_size(sums))
    everything = judged + sums.unjudged
    return Share(share, low, high, sums.up / everything, (sums.up + sums.unjudged) / everything)


def effective_size(sums: ShareSums) -> float:
    """Return how many equal, independent draws would tell as much as this sample does.

    The smaller of Kish's size (unequal weights) and Korn and Graubard's (p(1-p) over the design
    variance, shortened by Student's t; Survey Methodology 24, 1998).
    """
    share = sums.up / (sums.up + sums.down)
    spread = share * (1 - share)
    if spread <= 0 or sums.variance <= 0:
        return sums.kish_size
    shortened = spread / sums.variance * (Z / student_t(sums.degrees_of_freedom)) ** 2
    return min(sums.kish_size, shortened)


def wilson(share: float, size: float) -> tuple[float, float]:
    """Return Wilson's score interval (1927) of `share` among `size` draws at 95 %."""
    square = Z * Z / size
    middle = share + square / 2
    reach = Z * sqrt(share * (1 - share) / size + square / (4 * size))
    return max(0.0, (middle - reach) / (1 + square)), min(1.0, (middle + reach) / (1 + square))


def student_t(freedom: float) -> float:
    """Return the two-sided 95 % point of Student's t (Abramowitz and Stegun 26.7.5).

    Freedom below 2 counts as 2, where the series is 3 % short of the exact 4.30.
    """
    v, z = max(2.0, freedom), Z
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / v + second / v**2 + third / v**3
