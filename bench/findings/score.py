"""What a ranking is worth to somebody who works it from the top. Pure: values in, numbers out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

DEPTHS = (10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Score:
    """`precision` at each of DEPTHS; `recall` in the first 100, and `recall_at_all` anywhere."""

    precision: tuple[float, ...]
    recall: float
    recall_at_all: float
    average_precision: float


def score(ranking: Sequence[str], leaks: Collection[str]) -> Score:
    """Measure a ranking of places, best first, that need not name all of them."""
    hits = [place in leaks for place in ranking]
    found = [sum(hits[:depth]) for depth in DEPTHS]
    precisions = [sum(hits[: at + 1]) / (at + 1) for at, hit in enumerate(hits) if hit]
    return Score(
        precision=tuple(count / depth for count, depth in zip(found, DEPTHS, strict=True)),
        recall=sum(hits[:100]) / len(leaks),
        recall_at_all=sum(hits) / len(leaks),
        average_precision=sum(precisions) / len(leaks),
    )
