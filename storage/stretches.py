"""A small memory of stretches of files that are far away: each is fetched once, whoever asks.

Room: disk. A request costs tens of milliseconds and a stretch hardly more than its first byte, so
files are read by whole stretches, neighbours in one request, and the last few are kept.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import Future

STRETCH_BYTES = 256 * 1024
_KEPT = 256  # stretches: 64 MiB

# Returns just so many bytes of a file from an offset on: (start, size).
Fetch = Callable[[int, int], bytes]
_Key = tuple[Hashable, int]


class Stretches:
    """What was read lately of many files. Threads that want the same wait for one request."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, Future[bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, file: Hashable, size: int, start: int, end: int, fetch: Fetch) -> bytes:
        """Return the bytes from `start` to `end` of a file of `size` bytes. Raises OSError."""
        end = min(end, size)
        if start >= end:
            return b""
        first = start // STRETCH_BYTES
        wanted, missing = self._claim(file, range(first, -(-end // STRETCH_BYTES)))
        for run in _neighbours(missing):
            self._fill(file, size, run, fetch)
        content = b"".join(future.result() for future in wanted)
        return content[start - first * STRETCH_BYTES : end - first * STRETCH_BYTES]

    def _claim(
        self, file: Hashable, numbers: Iterable[int]
    ) -> tuple[list[Future[bytes]], dict[int, Future[bytes]]]:
        """Return every stretch that is wanted, and those that it is for the caller to fetch."""
        wanted: list[Future[bytes]] = []
        missing: dict[int, Future[bytes]] = {}
        with self._lock:
            for number in numbers:
                key = (file, number)
                if key not in self._kept:
                    missing[number] = self._kept[key] = Future()
                self._kept.move_to_end(key)
                wanted.append(self._kept[key])
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return wanted, missing

    def _fill(self, file: Hashable, size: int, run: dict[int, Future[bytes]], fetch: Fetch) -> None:
        """Fetch neighbouring stretches in one request; what failed is asked for anew next time."""
        first, last = min(run), max(run)
        start, end = first * STRETCH_BYTES, min((last + 1) * STRETCH_BYTES, size)
        try:
            content = fetch(start, end - start)
        except BaseException as error:
            with self._lock:
                for number in run:
                    self._kept.pop((file, number), None)
            for future in run.values():
                future.set_exception(error)
            raise
        for number, future in run.items():
            at = (number - first) * STRETCH_BYTES
            future.set_result(content[at : at + STRETCH_BYTES])


def _neighbours(missing: dict[int, Future[bytes]]) -> Iterator[dict[int, Future[bytes]]]:
    """Cut what is missing into runs without a gap."""
    run: dict[int, Future[bytes]] = {}
    for number, future in missing.items():
        if run and number - 1 not in run:
            yield run
            run = {}
        run[number] = future
    if run:
        yield run
