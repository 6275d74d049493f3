"""How far a crawl is, and how long it will still take at the least.

Room: sql. The time left knows about politeness: however fast we are, the slowest host decides.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analysis.session import Session, Terms
from crawler.records import layout

DELAY_S = 1.0  # data/politeness.toml, min_delay_s: the pace of a host that was not visited yet
_MANY = 1_000  # segments, which take some five seconds to be asked
_MANY_OF_SHARD = 100  # what a compaction leaves are some ten


TERMS = Terms(tables=("progress", "pace", "hosts_left"))


@dataclass(frozen=True, slots=True)
class ShardProgress:
    """A shard in this round; counts of links, `attempts` of observations."""

    shard: int
    links: int
    invalid: int
    done: int
    left: int
    attempts: int


@dataclass(frozen=True, slots=True)
class SlowHost:
    """The host whose links left over take longest at its own pace."""

    host: str
    left: int
    delay_s: float

    @property
    def time_s(self) -> float:
        """Return how long its links take, one after the other."""
        return self.left * self.delay_s


@dataclass(frozen=True, slots=True)
class Progress:
    """A run's progress in one round. `links_per_s` is of its last five busy minutes.

    `segments` are the files of observations and hosts, of all rounds.
    """

    shards: tuple[ShardProgress, ...]
    last_at: datetime | None
    links_per_s: float | None
    slowest: SlowHost | None
    segments: int = 0

    def total(self) -> ShardProgress:
        """Return the sum of all shards, numbered -1."""
        return ShardProgress(
            -1,
            sum(shard.links for shard in self.shards),
            sum(shard.invalid for shard in self.shards),
            sum(shard.done for shard in self.shards),
            sum(shard.left for shard in self.shards),
            sum(shard.attempts for shard in self.shards),
        )

    def time_left_s(self) -> float | None:
        """Return the larger of what our pace and what politeness will take; None before a pace."""
        if self.slowest is None:
            return 0.0
        if self.links_per_s is None:
            return None
        return max(self.total().left / self.links_per_s, self.slowest.time_s)

    def is_scattered(self) -> bool:
        """Tell whether there are so many segments, most of them small, that merging them pays."""
        return self.segments > max(_MANY, _MANY_OF_SHARD * len(self.shards))

    def host_decides(self) -> bool:
        """Tell whether the slowest host, not our pace, sets the time left."""
        return self.slowest is not None and self.time_left_s() in {None, self.slowest.time_s}


def read_progress(session: Session) -> Progress:
    """Read the progress of the round that the run is in."""
    asked = session.connection
    shards = asked.execute(
        "select shard, links, invalid, done, left_over, attempts from progress order by shard"
    ).fetchall()
    pace = asked.execute("select epoch_us(last_at), links, span_s from pace").fetchone()
    slowest = asked.execute(
        "select host, left_over, coalesce(delay_s, $delay_s) from hosts_left "
        "order by left_over * coalesce(delay_s, $delay_s) desc, host limit 1",
        {"delay_s": DELAY_S},
    ).fetchone()
    last_us, links, span_s = pace or (None, 0, None)
    return Progress(
        tuple(ShardProgress(*row) for row in shards),
        _moment(last_us),
        (links - 1) / span_s if span_s else None,
        SlowHost(*slowest) if slowest else None,
        sum(len(session.listing.files[table]) for table in (layout.OBSERVATIONS, layout.HOSTS)),
    )


def _moment(epoch_us: int | None) -> datetime | None:
    if epoch_us is None:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=epoch_us)
