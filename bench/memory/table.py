"""The table of a run, and whether memory is flat. Pure: values in, text out."""

from collections.abc import Sequence

from bench.memory.worker import Walked

MOST_MB = 600.0
FLAT = 1.2  # the longest list may take so many times what the shortest does

_COLUMNS = ("links", "hosts", "asked for", "links/s", "peak MB", "second half MB")


def markdown(walks: Sequence[Walked]) -> str:
    """One row a list."""
    rows = [
        (
            f"{walk.links:,}",
            f"{walk.hosts:,}",
            walk.mode,
            f"{walk.links / walk.wall_s:,.0f}",
            f"{walk.peak_mb:,.0f}",
            f"{walk.steady_mb:,.0f}" if walk.steady_mb else "–",
        )
        for walk in walks
    ]
    widths = [max(len(row[at]) for row in (_COLUMNS, *rows)) for at in range(len(_COLUMNS))]
    rule = tuple("-" * (width - 1) + ":" for width in widths)
    lines = [_COLUMNS, rule, *rows]
    return "\n".join(
        "| " + " | ".join(c.rjust(w) for c, w in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def verdicts(walks: Sequence[Walked]) -> list[tuple[bool, str]]:
    """What has to hold, and whether it does, a sentence each."""
    peaks = [walk.peak_mb for walk in walks]
    few, many = walks[0], walks[-1]
    ratio = many.peak_mb / few.peak_mb
    return [
        _judged(max(peaks) <= MOST_MB, f"at most {MOST_MB:.0f} MB a worker", f"{max(peaks):,.0f}"),
        _judged(
            ratio <= FLAT,
            f"{many.links:,} links at most {FLAT:.1f} × the memory of {few.links:,}",
            f"{ratio:.2f}",
        ),
    ]


def _judged(holds: bool, what: str, value: str) -> tuple[bool, str]:
    return holds, f"{what}: {'holds' if holds else 'DOES NOT HOLD'}, at {value}"
