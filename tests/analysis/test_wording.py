"""Numbers as a person reads them."""

import pytest

from analysis.wording import count, duration, percent


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.8129, "81.3 %"),
        (1, "100.0 %"),
        (0.99999, ">99.9 %"),
        (0.00001, "<0.1 %"),
        (0, "0.0 %"),
        (None, "–"),
    ],
)
def test_percent(share: float | None, words: str) -> None:
    """Nearly all is not all, and next to nothing is not nothing."""
    assert percent(share) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.6, "1 min 0 s"), (4980, "1 h 23 min"), (90_000, "1 d 1 h")],
)
def test_duration(seconds: float, words: str) -> None:
    """A duration has the two largest units that matter."""
    assert duration(seconds) == words


def test_count() -> None:
    """Thousands are set apart."""
    assert count(1234567) == "1,234,567"
