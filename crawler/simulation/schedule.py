"""Shards among workers: each takes the next one when it is done with its last (Graham, 1966).

Room: pure rules.
"""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace


@dataclass(frozen=True, slots=True)
class ShardWalk:
    """When a worker had a shard, in seconds from the crawl's beginning."""

    shard: int
    worker: int
    began_s: float
    ended_s: float


def in_turn(shards: Sequence[tuple[int, float]], workers: int) -> list[ShardWalk]:
    """Hand out shards and their seconds in the order given, as an engine does."""
    free = [(0.0, worker) for worker in range(workers)]
    heapify(free)
    walks = []
    for shard, seconds in shards:
        began_s, worker = free[0]
        heapreplace(free, (began_s + seconds, worker))
        walks.append(ShardWalk(shard, worker, began_s, began_s + seconds))
    return walks


def makespan_s(walks: Sequence[ShardWalk]) -> float:
    """Return when the last shard ends."""
    return max((walk.ended_s for walk in walks), default=0.0)


def busy(walks: Sequence[ShardWalk], steps: int = 200) -> list[tuple[float, int]]:
    """Return how many workers have a shard at so many moments, evenly spaced."""
    end = makespan_s(walks)
    began = sorted(walk.began_s for walk in walks)
    ended = sorted(walk.ended_s for walk in walks)
    moments = [end * step / steps for step in range(steps + 1)]
    return [(at, bisect(began, at) - bisect(ended, at)) for at in moments]
