"""The order of the run → buckets that fit in memory, and parts that can be written on their own.

Room: pure rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_BUCKET_BYTES = 128 << 20
_BUCKET_ROWS = 250_000
_MOST_BUCKETS = 400  # so many files are open at a time


@dataclass(frozen=True, slots=True)
class Bucket:
    """The links from position `first` to before `end`."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive buckets that hold all links of some shards, and nothing else."""

    buckets: tuple[Bucket, ...]


def bucket_rows(links: int, row_bytes: int) -> int:
    """Return how many links a bucket may hold, from the mean size of a staged row unpacked."""
    wanted = max(1000, min(_BUCKET_ROWS, _BUCKET_BYTES // max(1, row_bytes)))
    return max(wanted, -(-2 * links // _MOST_BUCKETS))


def cut(shard_links: Sequence[int], most: int) -> list[Part]:
    """Cut the run into parts: a shard that is larger than `most` links is one of several buckets.

    Smaller ones share a bucket as long as they fit.
    """
    parts: list[Part] = []
    first = end = 0
    for links in shard_links:
        if end > first and end + links - first > most:
            parts.append(_part(first, end, most))
            first = end
        end += links
    return [*parts, _part(first, end, most)] if end > first else parts


def _part(first: int, end: int, most: int) -> Part:
    count = -(-(end - first) // most)
    edges = [first + (end - first) * at // count for at in range(count + 1)]
    return Part(tuple(map(Bucket, edges, edges[1:])))
