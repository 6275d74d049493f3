"""What a crawl has come to so far, as values: for its progress and for its end.

Room: records.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # who runs workers counts, and needs no nouns
    from crawler.records import HostVisit, Observation


@dataclass(frozen=True, slots=True)
class Seen:
    """Observations on their way to a segment, with what their visit learned of its host."""

    observations: "tuple[Observation, ...]"
    host: "HostVisit | None" = None


@dataclass(slots=True)
class Tally:
    """Links of a shard: all of them, those with a final observation, and what came out."""

    total: int
    done: int
    outcomes: Counter[str] = field(default_factory=Counter)
    requests: int = 0

    def count(self, seen: Seen) -> None:
        """Count what was seen."""
        final = [row.outcome.value for row in seen.observations if row.final]
        self.done += len(final)
        self.outcomes.update(final)
        self.requests += seen.host.requests if seen.host is not None else 0


class StopAskedError(Exception):
    """Raised by whoever takes the progress of a shard, to have it end in an orderly way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a shard is. `left_s` is the time left as far as one can tell, None while nobody can."""

    shard: int
    total: int
    done: int
    links_per_s: float
    hosts_in_flight: int
    left_s: float | None
    outcomes: dict[str, int]
    note: str = ""  # what a person should know now


def waiting(shard: int, note: str) -> Progress:
    """Return the progress of a shard that waits for somebody before it begins."""
    return Progress(
        shard=shard,
        total=0,
        done=0,
        links_per_s=0.0,
        hosts_in_flight=0,
        left_s=None,
        outcomes={},
        note=note,
    )


class Trouble(StrEnum):
    """A failure that is not the shard's own: the same shard may be walked a little later."""

    DIED = "died"  # its worker, or the node that it was on
    TAKEN = "taken"  # another process holds it


@dataclass(frozen=True, slots=True)
class ShardResult:
    """How a shard ended. `failure` is the reason in one line.

    `left` is 0 when it is done, and -1 where nobody has counted. `notes` are sentences on what
    happened meanwhile that a person should know. `trouble` is for an engine that tries again.
    """

    shard: int
    left: int
    failure: str | None = None
    notes: tuple[str, ...] = ()
    trouble: Trouble | None = None
