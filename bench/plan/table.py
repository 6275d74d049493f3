"""The table of a run, what it comes to for LAION-5B, and what has to hold. Pure: text out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.plan.measure import Spent

LEAST_RATE = 300_000
# What DuckDB's PARTITION_BY did, in rows a second, on the machine that the goal was set on.
PEER, PEER_RATE = "DuckDB PARTITION_BY", 759_000
MOST_BYTES = 4e9
LAION_ROWS = 5_850_000_000
_COLUMNS = (
    "rows", "what", "rows/s", "× DuckDB", "CPU µs a row", "peak memory MB", "peak disk GB", "left GB",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """One program on one list."""

    rows: int
    what: str
    spent: Spent

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.spent.wall_s

    @property
    def cpu_us(self) -> float:
        """CPU of the program and its children, in µs a row."""
        return self.spent.cpu_s / self.rows * 1e6


def markdown(measured: Sequence[Measured]) -> str:
    """One row a list and program."""
    rule = ("--:", "---", *["--:"] * (len(_COLUMNS) - 2))
    rows = [_COLUMNS, rule, *(_cells(one, _ratio(one, measured)) for one in measured)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _ratio(one: Measured, measured: Sequence[Measured]) -> float | None:
    """Return how many times as fast as the peer it was on the same list, None where that did not run."""
    peers = (peer for peer in measured if (peer.what, peer.rows) == (PEER, one.rows))
    return next((one.rate / peer.rate for peer in peers), None)


def _cells(one: Measured, ratio: float | None) -> tuple[str, ...]:
    spent = one.spent
    return (
        f"{one.rows:,}",
        one.what,
        f"{one.rate:,.0f}",
        "–" if ratio is None else f"{ratio:.2f}",
        f"{one.cpu_us:.1f}",
        f"{spent.peak_bytes / 1e6:,.0f}" if spent.peak_bytes else "–",
        f"{spent.peak_disk_bytes / 1e9:.2f}",
        f"{spent.left_bytes / 1e9:.2f}",
    )


def extrapolated(plans: Sequence[Measured]) -> str:
    """What LAION-5B would take if every row cost what those of the longest list did."""
    last = plans[-1]
    times = LAION_ROWS / last.rows
    return (
        f"Extrapolated, not measured: at what a row of the longest list cost, the"
        f" {LAION_ROWS / 1e9:.2f} billion rows of LAION-5B take {times * last.spent.cpu_s / 3600:,.0f}"
        f" hours of CPU, {times * last.spent.wall_s / 3600:,.0f} hours on this machine as it was,"
        f" {times * last.spent.peak_disk_bytes / 1e12:.1f} TB of disk meanwhile and"
        f" {times * last.spent.left_bytes / 1e12:.1f} TB in the end."
    )


def verdicts(
    plans: Sequence[Measured], peers: Sequence[Measured], cores: int
) -> list[tuple[bool, str]]:
    """What has to hold, and whether it does, a sentence each."""
    last = plans[-1]
    could = cores / last.cpu_us * 1e6
    most = max(one.spent.peak_bytes for one in plans)
    return [
        _judged(last.rate >= LEAST_RATE, f"{last.rows:,} rows at {LEAST_RATE:,} a second or more",
                f"{last.rate:,.0f}; its CPU alone allows {could:,.0f} on {cores} cores"),
        *_against_peer(last, peers),
        _judged(0 < most < MOST_BYTES, "under 4 GB, all processes together", f"{most / 1e9:.2f} GB"),
    ]  # fmt: skip


def _against_peer(plan: Measured, peers: Sequence[Measured]) -> Iterator[tuple[bool, str]]:
    """Judge the pace by what is the same on every machine, its ratio to the peer's."""
    ratio, least = _ratio(plan, peers), LEAST_RATE / PEER_RATE
    if ratio is not None:
        what = f"{plan.rows:,} rows at {least:.3f} × the pace of {PEER} or more"
        yield _judged(ratio >= least, what, f"{ratio:.3f}")


def _judged(holds: bool, what: str, value: str) -> tuple[bool, str]:
    return holds, f"{what}: {'holds' if holds else 'DOES NOT HOLD'}, at {value}"
