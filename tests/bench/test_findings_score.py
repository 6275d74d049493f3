"""How a ranking is measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.findings.score import score


def test_by_hand() -> None:
    """Two leaks, found first and third: a half of the points of a textbook."""
    found = score(["a", "x", "b", *(f"y{n}" for n in range(7))], {"a", "b"})
    assert found.precision[0] == pytest.approx(0.2)
    assert found.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert found.recall == 1


@given(st.permutations(range(30)), st.integers(1, 10))
def test_the_best_order_has_all_of_it(order: list[int], leaks: int) -> None:
    """No order beats leaks first, which scores 1."""
    names, bad = list(map(str, order)), {str(n) for n in range(leaks)}
    best = sorted(names, key=lambda name: name not in bad)
    assert score(best, bad).average_precision == pytest.approx(1)
    assert score(names, bad).average_precision <= 1
