"""Until when hosts, domains and addresses are taken: in this process, or for all workers of a crawl.

Room: disk. Keys are texts such as `address 192.0.2.1`, moments are of the machine's monotonic
clock, which every process shares. Whether to wait, and in which order, is decided by whoever asks.
"""

import fcntl
import mmap
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import xxhash

_KEEP = 2_500
_FORGET_TRIES = 4
_SLOTS = 1 << 16
_SLOT_BYTES = 24  # digest, moment, slowdown
_WORDS = 3
_PROBES = 8

Wanted = Sequence[tuple[str, float]]  # keys, and until when each is to be taken


class Turns(Protocol):
    """What `LocalTurns` and `SharedTurns` both are."""

    def free_at(self, key: str) -> float:
        """Return when a key is free."""

    def take(self, wanted: Wanted, now: float) -> float:
        """Take every key until its moment, or none: then return when to try again, else 0."""

    def hold(self, key: str, until: float, now: float, slowdown_s: float = 0.0) -> None:
        """Take a key until a moment, whoever held it: that is to say, who took it knows better.

        `slowdown_s` is what whoever takes it next has to know of the host that it stands for.
        """

    def slowdown_s(self, key: str) -> float:
        """Return the slowdown that a key was held with last, as far as others may have held it."""


class LocalTurns:
    """The turns of one process."""

    def __init__(self) -> None:
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def free_at(self, key: str) -> float:
        """Return when a key is free."""
        return self._free_at.get(key, 0.0)

    def take(self, wanted: Wanted, now: float) -> float:
        """Take all or none; return 0, or when to try again."""
        free_at = self._free_at
        if any(free_at.get(key, 0.0) > now for key, _ in wanted):
            return max(free_at.get(key, 0.0) for key, _ in wanted)
        for key, until in wanted:
            self.hold(key, until, now)
        return 0.0

    def hold(self, key: str, until: float, now: float, slowdown_s: float = 0.0) -> None:  # noqa: ARG002
        """Take a key until a moment, and drop a few that are free again."""
        self._free_at[key] = until
        self._free_at.move_to_end(key)
        for _ in range(_FORGET_TRIES):
            if len(self._free_at) <= _KEEP:
                return
            oldest, free_at = next(iter(self._free_at.items()))
            if free_at > now:
                self._free_at.move_to_end(oldest)
            else:
                del self._free_at[oldest]

    def slowdown_s(self, key: str) -> float:  # noqa: ARG002
        """Return 0: there are no others."""
        return 0.0


class SharedTurns:
    """The turns of every process that opened the same file: a table of 65,536 keys in memory.

    A key may be in one of eight places. Where all of them are taken by others it waits for the
    first to be free again: too many keys make the crawl slower, and never less polite.
    """

    def __init__(self, path: Path) -> None:
        """Open a file of `create`."""
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), _SLOTS * _SLOT_BYTES)
        self._keys = memoryview(self._map).cast("Q")
        self._values = memoryview(self._map).cast("d")

    @staticmethod
    def create(path: Path) -> None:
        """Make the table in a new file: it takes up 1.5 megabytes at most."""
        with path.open("xb") as file:
            file.truncate(_SLOTS * _SLOT_BYTES)

    def free_at(self, key: str) -> float:
        """Return when a key is free."""
        return self._place(_digest(key))[1]

    def take(self, wanted: Wanted, now: float) -> float:
        """Take all or none; return 0, or when to try again. Nobody else takes any meanwhile."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            listed = [(_digest(key), until) for key, until in wanted]
            if (free_at := max(self._place(digest)[1] for digest, _ in listed)) > now:
                return free_at
            for digest, until in listed:
                self._write(digest, until, now)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        return 0.0

    def hold(self, key: str, until: float, now: float, slowdown_s: float = 0.0) -> None:
        """Take a key until a moment, and tell everybody how slow its host is by now."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            place = self._write(_digest(key), until, now)
            self._values[place + 2] = slowdown_s
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def slowdown_s(self, key: str) -> float:
        """Return the slowdown that a key was held with last, by any process."""
        digest = _digest(key)
        place, _ = self._place(digest)
        return self._values[place + 2] if self._keys[place] == digest else 0.0

    def close(self) -> None:
        """Let go of the file."""
        self._keys.release()
        self._values.release()
        self._map.close()
        self._file.close()

    def _write(self, digest: int, until: float, now: float) -> int:
        """Take a key until a moment; return its place."""
        place, taken_until = self._place(digest)
        if self._keys[place] != digest:
            if taken_until > now:
                until = max(until, taken_until)  # somebody else's, who must not be asked sooner
            else:
                self._keys[place] = digest
                self._values[place + 2] = 0.0
        self._values[place + 1] = until
        return place

    def _place(self, digest: int) -> tuple[int, float]:
        """Return where a key is or may be put, and when that place is free."""
        places = [_WORDS * ((digest + probe) % _SLOTS) for probe in range(_PROBES)]
        for place in places:
            if self._keys[place] == digest:
                return place, self._values[place + 1]
        soonest = min(places, key=lambda place: self._values[place + 1])
        return soonest, self._values[soonest + 1]


def _digest(key: str) -> int:
    return int(xxhash.xxh3_64_intdigest(key.encode()))
