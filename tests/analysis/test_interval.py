"""The interval of the share that is up: known values, the SQL that feeds it, and its coverage."""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.interval import ShareSums, Z, effective_size, share_of, student_t, wilson
from tests.analysis.asking import rows_of
from tests.analysis.runs import crawl, link, look, plan


@dataclass(frozen=True, slots=True)
class Drawn:
    """A link in a sample: its domain, weight, worth in rows, and whether it is up, if judged."""

    domain: int
    weight: float
    worth: float
    up: bool | None


def test_wilson_is_the_textbook_s() -> None:
    """8 of 10 gives 49.0 % to 94.3 %, as Newcombe (1998) and every calculator have it."""
    low, high = wilson(0.8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


@pytest.mark.parametrize(("freedom", "exact"), [(2, 4.303), (5, 2.571), (30, 2.042), (1e9, Z)])
def test_student_t_is_the_table_s(freedom: float, exact: float) -> None:
    """The series is within 3.5 % of the table at 2 degrees of freedom and within 0.2 % from 5."""
    assert math.isclose(student_t(freedom), exact, rel_tol=0.035 if freedom < 5 else 0.002)


sizes = st.floats(0, 1e9, allow_subnormal=False)


@given(sizes, sizes, sizes, st.floats(1, 1e9), st.floats(0, 0.3), st.floats(0, 1e6))
def test_bounds_are_in_order(
    up: float, down: float, unjudged: float, size: float, variance: float, freedom: float
) -> None:
    """Low, share and high are in order and between 0 and 1, and so are the worst cases."""
    share = share_of(
        ShareSums(
            up=up,
            down=down,
            unjudged=unjudged,
            kish_size=size,
            variance=variance,
            degrees_of_freedom=freedom,
        )
    )
    if up + down == 0:
        assert share is None
        return
    assert share is not None
    assert 0 <= share.low <= share.share + 1e-9
    assert share.share - 1e-9 <= share.high <= 1
    assert 0 <= share.if_all_down <= share.share + 1e-9
    assert share.share - 1e-9 <= share.if_all_up <= 1 + 1e-9


def test_equal_weights_are_plain_wilson() -> None:
    """Where every link is in the run, the interval is Wilson's with the number of links."""
    links = [Drawn(number % 9, 1.0, 1, number % 3 > 0) for number in range(90)]
    assert math.isclose(effective_size(sums_of(links, 1.0)), 90, rel_tol=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_sql_sums_are_these(seed: int, tmp_path: Path) -> None:
    """share_up.sql computes what a loop over the links computes, for links and for rows."""
    rng = random.Random(seed)
    kept = draw(rng, population(rng, 60, 0.6, 1.0, unjudged=0.2, rows=True), 0.5, 4)
    outcomes = {True: "ok", False: "gone", None: "denied"}
    links = [
        link(i, f"d{one.domain}.example", weight=one.weight, row_count=int(one.worth))
        for i, one in enumerate(kept)
    ]
    run = plan(tmp_path, links, "round = 1\n[options]\nsample = 0.5\n")
    crawl(run, [look(i, outcomes[one.up]) for i, one in enumerate(kept)])
    by_links = [Drawn(one.domain, one.weight, 1, one.up) for one in kept]
    for row, given_links in zip(
        rows_of(run, "from share_up order by counted"), (by_links, kept), strict=True
    ):
        wanted = sums_of(given_links, 2.0)
        for name in ("up", "down", "unjudged", "kish_size", "variance", "degrees_of_freedom"):
            assert math.isclose(row[name], getattr(wanted, name), rel_tol=1e-9), name


POPULATIONS: dict[str, Callable[[random.Random], list[Drawn]]] = {
    "alike": lambda rng: population(rng, 300, 0.6, None),
    "domains differ": lambda rng: population(rng, 300, 0.6, 3.0),
    "domains of one mind": lambda rng: population(rng, 300, 0.6, 0.1),
    "few are up": lambda rng: population(rng, 300, 0.03, None),
    "some are not judged": lambda rng: population(rng, 300, 0.6, 1.0, unjudged=0.3),
}
DESIGNS: dict[str, tuple[float, int | None]] = {
    "all": (1.0, None),
    "--sample 0.1": (0.1, None),
    "--max-per-domain 3": (1.0, 3),
    "--max-per-domain 10": (1.0, 10),
    "--sample 0.3 --max-per-domain 5": (0.3, 5),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_coverage(design: str) -> None:
    """Over every population together, at least 93 % of a design's intervals hold the true share.

    200 draws a design: a true coverage of 95 % falls below 91.5 % once in a hundred times; the
    seed is fixed. docs/decisions/0012 has the long run, population by population.
    """
    rng = random.Random(f"coverage of {design}")
    held = [
        holds(rng, everything, *DESIGNS[design])
        for make in POPULATIONS.values()
        for everything in (make(rng) for _ in range(4))
        for _ in range(10)
    ]
    assert sum(held) / len(held) >= 0.93


def holds(rng: random.Random, everything: list[Drawn], fraction: float, cap: int | None) -> bool:
    """Draw once, and tell whether the interval holds the share of everything."""
    judged = [one for one in everything if one.up is not None]
    truth = sum(one.worth for one in judged if one.up) / sum(one.worth for one in judged)
    share = share_of(sums_of(draw(rng, everything, fraction, cap), 1 / fraction))
    return share is not None and share.low <= truth <= share.high


def population(
    rng: random.Random,
    domains: int,
    share: float,
    likeness: float | None,
    unjudged: float = 0.0,
    *,
    rows: bool = False,
) -> list[Drawn]:
    """Return links on domains of Pareto sizes; the smaller `likeness`, the more a domain is of one mind."""
    everything = []
    for domain in range(domains):
        up = (
            share if likeness is None else rng.betavariate(share * likeness, (1 - share) * likeness)
        )
        for _ in range(min(3000, int(rng.paretovariate(1.1)))):
            alive = rng.random() < up
            known = rng.random() >= unjudged * (0.5 if alive else 1.5)
            worth = min(50, int(rng.paretovariate(1.5))) if rows else 1
            everything.append(Drawn(domain, 1.0, worth, alive if known else None))
    return everything


def draw(
    rng: random.Random, everything: list[Drawn], fraction: float, cap: int | None
) -> list[Drawn]:
    """Draw as `plan` does: each link with `fraction`, then at most `cap` of a domain."""
    by_domain = defaultdict(list)
    for one in everything:
        if rng.random() < fraction:
            by_domain[one.domain].append(one)
    kept = []
    for found in by_domain.values():
        chosen = found if cap is None or len(found) <= cap else rng.sample(found, cap)
        weight = len(found) / len(chosen) / fraction
        kept += [Drawn(one.domain, weight, one.worth, one.up) for one in chosen]
    return kept


def sums_of(links: Iterable[Drawn], first_weight: float) -> ShareSums:
    """Return the sums of share_up.sql, by the definitions of docs/decisions/0012."""
    links = list(links)
    up = sum(one.weight * one.worth for one in links if one.up)
    down = sum(one.weight * one.worth for one in links if one.up is False)
    judged = [one for one in links if one.up is not None]
    share = up / (up + down) if judged else 0.0
    strata: dict[Any, list[Drawn]] = defaultdict(list)
    for one in links:
        strata[one.domain, one.weight].append(one)
    first, seconds = 0.0, []
    for (_, weight), members in strata.items():
        residuals = [one.worth * (one.up - share) for one in members if one.up is not None]
        first += first_weight * weight * sum(residual**2 for residual in residuals)
        known = [one for one in members if one.up is not None]
        square = sum(one.worth**2 for one in known) / max(1, len(known))
        n = len(members) + 2
        spread = sum(residual**2 for residual in residuals) + 2 * share * (1 - share) * square
        variance = (spread / n - (sum(residuals) / n) ** 2) * n / (n - 1)
        factor = max(0.0, 1 - first_weight / weight) * len(members) * weight**2
        seconds.append((factor * variance, n - 1))
    total = first + sum(second for second, _ in seconds)
    doubt = sum(second**2 / freedom for second, freedom in seconds) + first**2 / max(1, len(judged))
    squares = sum((one.weight * one.worth) ** 2 for one in judged)
    return ShareSums(
        up=up,
        down=down,
        unjudged=sum(one.weight * one.worth for one in links if one.up is None),
        kish_size=(up + down) ** 2 / squares if squares else 0.0,
        variance=total / (up + down) ** 2 if judged else 0.0,
        degrees_of_freedom=total**2 / doubt if doubt else 0.0,
    )
