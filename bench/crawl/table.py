"""Medians, spreads and ratios as a table, and the numbers to hold. Pure: values in, text out."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from bench.crawl.peers import PEERS
from bench.crawl.rounds import Result, Walk

VISITS = "50 links a host"
SINGLES = "one link a host"


@dataclass(frozen=True, slots=True)
class Hold:
    """A ratio that must hold: stillup's links/s to a peer's, in one workload."""

    workload: str
    peer: str
    least: float


HOLDS = (
    Hold(VISITS, "bare", 0.6),
    Hold(VISITS, "img2dataset", 5.0),
    Hold(SINGLES, "scrapy-aiohttp", 1.5),
)
# Less of its core than this, and the machine was busy with something else.
_OWN_CORE = 0.9
_COLUMNS = (
    "peer",
    "links/s",
    "CPU µs a link",
    "start-up s",
    "× bare",
    "× img2dataset",
    "× Scrapy aiohttp",
)
_AGAINST = ("bare", "img2dataset", "scrapy-aiohttp")


def ratio(result: Result, peer: str, other: str) -> float | None:
    """The median over the rounds of `peer`'s links/s to `other`'s, or None without both."""
    pairs = zip(result.walks.get(peer, []), result.walks.get(other, []), strict=False)
    ratios = [one.links_per_s / two.links_per_s for one, two in pairs]
    return median(ratios) if ratios else None


def rows(result: Result) -> list[tuple[str, ...]]:
    """One row a peer: median (least–most) over the rounds."""
    return [_row(result, name, walks) for name, walks in result.walks.items()]


def _row(result: Result, name: str, walks: list[Walk]) -> tuple[str, ...]:
    if not walks:
        return (PEERS[name].title, "lost in start-up's noise", *("–" for _ in _COLUMNS[2:]))
    ratios = [ratio(result, name, other) for other in _AGAINST]
    return (
        PEERS[name].title,
        spread([walk.links_per_s for walk in walks], ",.0f"),
        spread([walk.cpu_us_per_link for walk in walks], ",.0f"),
        f"{median(walk.start_s for walk in walks):.1f}",
        *("–" if value is None else f"{value:.2f}" for value in ratios),
    )


def spread(values: list[float], form: str) -> str:
    """`median (least–most)`."""
    return f"{median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def markdown(result: Result) -> str:
    """The table of one workload, which also reads well on a terminal."""
    lines = [_COLUMNS, *rows(result)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_COLUMNS))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(
        [_line(_COLUMNS, widths), _line(rule, widths), *(_line(row, widths) for row in lines[1:])]
    )


def _line(cells: Iterable[str], widths: list[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
    return "| " + " | ".join(padded) + " |"


def verdicts(results: list[Result]) -> list[tuple[bool, str]]:
    """Of each hold whose two peers were walked: whether it holds, and a sentence that says so."""
    return [
        _judge(hold, ratio(result, "stillup", hold.peer))
        for hold in HOLDS
        for result in results
        if result.workload.name == hold.workload and {"stillup", hold.peer} <= result.walks.keys()
    ]


def busy(result: Result) -> str | None:
    """Say so when the bare loop, which never waits, was kept from its core by something else."""
    shares = [walk.cpu_s / walk.wall_s for walk in result.walks.get("bare", [])]
    if not shares or median(shares) >= _OWN_CORE:
        return None
    share = f"{median(shares):.0%}"
    return f"{result.workload.name}: the bare loop had {share} of its core: do not trust the rates"


def _judge(hold: Hold, value: float | None) -> tuple[bool, str]:
    to_hold = f"stillup at least {hold.least:.1f} × {PEERS[hold.peer].title}"
    if value is None:
        return False, f"{hold.workload}: {to_hold}: cannot be told, walk more links"
    word = "holds" if value >= hold.least else "DOES NOT HOLD"
    return value >= hold.least, f"{hold.workload}: {to_hold}: {word}, at {value:.2f}"
