"""The tables of docs/findings.md. Pure: values in, text out."""

from collections import Counter
from collections.abc import Sequence

from bench.findings.score import DEPTHS, Score, score
from bench.findings.worlds import FINDINGS, HITS, MEANING, PUNSAFE, Ranked

_WAYS = (FINDINGS, MEANING, HITS, PUNSAFE)
_HEAD = (
    "ranking",
    *(f"P@{depth}" for depth in DEPTHS),
    "recall in 100",
    "recall",
    "average precision",
)


def table(worlds: Sequence[Ranked]) -> str:
    """One row a way of ranking: the mean over the worlds, and the worst of them in brackets."""
    lines = [_line(_HEAD), _line(("---", *["---:"] * (len(_HEAD) - 1)))]
    for way in (way for way in _WAYS if way in worlds[0].rankings):
        scores = [score(world.rankings[way], world.leaks) for world in worlds]
        columns = zip(*map(_numbers, scores), strict=True)
        lines.append(_line((way, *(_mean_and_worst(column) for column in columns))))
    return "\n".join(lines)


def missed(worlds: Sequence[Ranked]) -> str:
    """One row a kind of leak that is not always among the first 100."""
    there = Counter(place.kind for world in worlds for place in world.leaks.values())
    found: Counter[str] = Counter()
    for world in worlds:
        found.update(world.ranks())
    kinds = sorted(there, key=lambda kind: (found[kind] / there[kind], kind))
    rows = [
        (kind, str(found[kind]), str(there[kind])) for kind in kinds if found[kind] < there[kind]
    ]
    head = ("kind of leak", "in the first 100", "of")
    return "\n".join(map(_line, (head, ("---", "---:", "---:"), *rows)))


def _numbers(one: Score) -> tuple[float, ...]:
    return (*one.precision, one.recall, one.recall_at_all, one.average_precision)


def _mean_and_worst(column: Sequence[float]) -> str:
    return f"{sum(column) / len(column):.2f} ({min(column):.2f})"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
