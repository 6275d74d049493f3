"""A forecast as a person reads it, and as a program does.

Room: pure rules. Values in, lines out; names from outside are neutralised.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from crawler.records.shown import visible
from crawler.simulation.forecast import Forecast

_HOUR_S, _DAY_S = 3600.0, 86_400.0
_COLUMNS = ("scenario", "workers", "makespan", "× least", "what it waits for", "least", "busy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What things cost, in one currency; None where nobody said."""

    cpu_hour: float | None = None
    gigabyte: float | None = None

    def cost(self, forecast: Forecast) -> float | None:
        """Return the cost of what was priced. A worker's hour is paid as long as it has a shard."""
        if self.cpu_hour is None and self.gigabyte is None:
            return None
        hours = worker_s(forecast) / _HOUR_S
        return hours * (self.cpu_hour or 0) + forecast.load.body_bytes / 1e9 * (self.gigabyte or 0)


def worker_s(forecast: Forecast) -> float:
    """Return the seconds that workers have shards, in all."""
    return sum(walk.ended_s - walk.began_s for walk in forecast.walks)


def lines(forecasts: Sequence[tuple[str, Forecast]], prices: Prices) -> list[str]:
    """Return the table of the forecasts, and what the first one asks for."""
    rows = [_COLUMNS, *(_row(name, one) for name, one in forecasts)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_COLUMNS))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
             for row in rows]  # fmt: skip
    return [*table, "", *_load(forecasts[0][1]), *_costs(forecasts, prices)]


def _row(name: str, one: Forecast) -> tuple[str, ...]:
    spent = worker_s(one) / (one.workers * one.makespan_s) if one.makespan_s else 0.0
    least = f"{duration(one.bound[1])} ({one.bound[0]})"
    return (
        name,
        f"{one.workers:,}",
        duration(one.makespan_s),
        f"{one.ratio:.2f}",
        str(one.held_by),
        least,
        f"{spent:.0%}",
    )


def _load(one: Forecast) -> list[str]:
    load = one.load
    how = "simulated with the crawl's own code" if one.exact else "computed from below"
    text = [
        f"{load.links:,.0f} links of {load.hosts:,.0f} hosts in {one.shards:,} shards; {how}",
        f"requests      {load.requests:,.0f}",
        f"DNS look-ups  {load.lookups:,.0f}",
        f"connections   {load.handshakes:,.0f}, of which TLS {load.tls_handshakes:,.0f}",
        f"bodies        {size(load.body_bytes)}",
        f"processor     {duration(load.cpu_s)}",
        "the slowest hosts, each at its own pace:",
    ]
    return text + [f"  {duration(seconds):>10}  {visible(name)}" for seconds, name in one.slowest]


def _costs(forecasts: Sequence[tuple[str, Forecast]], prices: Prices) -> list[str]:
    costs = [(name, one.workers, prices.cost(one)) for name, one in forecasts]
    return [f"cost with {workers:,} workers, {name}: {cost:,.2f}"
            for name, workers, cost in costs if cost is not None]  # fmt: skip


def record(name: str, one: Forecast, prices: Prices) -> dict[str, Any]:
    """Return a forecast as JSON has it: seconds, bytes and counts."""
    return {
        "scenario": name,
        "workers": one.workers,
        "shards": one.shards,
        "simulated": one.exact,
        "makespan_s": round(one.makespan_s, 3),
        "least_s": round(one.bound[1], 3),
        "times_least": round(one.ratio, 4),
        "waits_for": one.held_by.value,
        "lower_bounds_s": {bound.value: round(s, 3) for bound, s in one.lower_bounds.items()},
        "worker_s": round(worker_s(one), 3),
        **{key: round(value, 3) for key, value in asdict(one.load).items()},
        "slowest_hosts": [{"host": host, "seconds": round(s, 3)} for s, host in one.slowest],
        "busy_workers": [[round(at, 3), workers] for at, workers in one.busy()],
        "cost": prices.cost(one),
    }


def duration(seconds: float) -> str:
    """Return a length of time with the unit that suits it."""
    if seconds < 2 * _HOUR_S:
        return f"{seconds:,.0f} s"
    if seconds < 2 * _DAY_S:
        return f"{seconds / _HOUR_S:,.1f} h"
    days = seconds / _DAY_S
    return f"{days:,.1f} days" if days < 1000 else f"{days / 365.25:,.1f} years"


def size(count: float) -> str:
    """Return a number of bytes with the unit that suits it."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{count:,.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} PB"
