"""The next thing is made while the last one is used: two steps of a plan on two cores.

Room: disk. One thread, one thing ahead; what goes wrong there is raised here.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_DONE = object()


def ahead(things: Iterable[T]) -> Iterator[T]:
    """Yield what `things` yields, made one ahead in a thread of its own."""
    source = iter(things)
    with ThreadPoolExecutor(1, "plan-ahead") as thread:
        coming = thread.submit(next, source, _DONE)
        while (thing := coming.result()) is not _DONE:
            coming = thread.submit(next, source, _DONE)
            yield thing  # type: ignore[misc]
