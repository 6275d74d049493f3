"""The same is done to many things, some of them at the same time: a plan's steps on all cores.

Room: disk. What is done spends its time in Arrow, which lets other threads work meanwhile.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_MOST_THREADS = 4  # each holds a part of the text in memory


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def at_once(do: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """Yield what `do` makes of each thing, in order; what goes wrong is raised in its place."""
    threads = min(cores(), _MOST_THREADS)
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(threads, "plan") as pool:
        try:
            for thing in things:
                waiting.append(pool.submit(do, thing))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
