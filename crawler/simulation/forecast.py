"""How long a crawl takes and what it asks for, beside the least that it could take.

Room: pure rules. The shards are handed out as a crawl does it, the one that will take longest first;
what each takes is computed from below (`bounds.py`), or was simulated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crawler.simulation.bounds import Bound, Load, Rules, ShardTime, shared
from crawler.simulation.schedule import ShardWalk, busy, in_turn, makespan_s


@dataclass(frozen=True, slots=True)
class ShardLoad:
    """A shard of a crawl: its least time, and the sort key by which shards are handed out."""

    shard: int
    slowness: tuple[float, float]
    time: ShardTime


@dataclass(frozen=True, slots=True)
class Whole:
    """A list as a whole, whatever its shards: what it asks for, and who takes longest. Seconds, name."""

    load: Load
    hosts: tuple[tuple[float, str], ...]  # the slowest ones
    domain: tuple[float, str]

    def bounds(self, rules: Rules, workers: int) -> dict[Bound, float]:
        """Return the seconds that no crawl with so many workers can stay below, by what bounds it."""
        host_s = self.hosts[0][0] if self.hosts else 0.0
        return {
            Bound.HOST: host_s,
            Bound.DOMAIN: self.domain[0],
            **shared(self.load, rules, workers),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A crawl with so many workers. `exact` tells whether it was simulated or computed."""

    workers: int
    shards: int
    exact: bool
    makespan_s: float
    lower_bounds: Mapping[Bound, float]
    load: Load
    slowest: tuple[tuple[float, str], ...]
    walks: Sequence[ShardWalk]

    @property
    def bound(self) -> tuple[Bound, float]:
        """Return what bounds the crawl most, and its seconds."""
        return max(self.lower_bounds.items(), key=lambda item: item[1])

    @property
    def ratio(self) -> float:
        """Return how many times the least time the crawl takes."""
        least_s = self.bound[1]
        return self.makespan_s / least_s if least_s else 1.0

    @property
    def held_by(self) -> Bound:
        """Return what the crawl waits for: a bound, or shards that wait for a worker."""
        return self.bound[0] if self.ratio < _NEAR else Bound.SHARDS

    def busy(self) -> list[tuple[float, int]]:
        """Return how many workers have a shard, over time."""
        return busy(self.walks)


_NEAR = 1.5


def forecast(shards: Sequence[ShardLoad], whole: Whole, rules: Rules, workers: int) -> Forecast:
    """Hand out the shards to workers, and say what comes of it."""
    order = sorted(shards, key=lambda shard: shard.slowness, reverse=True)
    walks = in_turn([(shard.shard, shard.time.seconds(rules)) for shard in order], workers)
    return Forecast(
        workers=workers,
        shards=len(shards),
        exact=False,
        makespan_s=makespan_s(walks),
        lower_bounds=whole.bounds(rules, workers),
        load=whole.load,
        slowest=whole.hosts,
        walks=walks,
    )
