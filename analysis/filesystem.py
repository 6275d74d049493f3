"""The only way DuckDB reaches a run's files: a closed list of names, and reading only.

Room: disk. DuckDB's own `allowed_paths` opens a file for writing too, and a COPY can hide in a
CTE or behind EXPLAIN ANALYZE; here there is no way to write. Names are never patterns, so a run
directory called `run[1]` is no trouble, and a symbolic link is not followed. What a seal covers is
proved before DuckDB sees it: DuckDB itself would answer from a flipped bit without a word.
"""

import errno
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import fsspec

from crawler.records.seal import BLOCK_BYTES, Seal
from storage.folder import OpenFile
from storage.open import as_store
from storage.store import NotAFileError, Opened, Store

SCHEME = "run"


class Segment(threading.local):
    """An open segment. DuckDB's threads share it and seek before they read: a position each.

    DuckDB drops files unclosed: what is open lets go of itself.
    """

    def __init__(self, file: Opened, proof: Seal | None, damage: Callable[[], None]) -> None:
        self._file = file
        self._proof = proof
        self._damage = damage
        self._position = 0

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        """Move this thread's position; return it."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._file.size}
        self._position = origin[whence] + position
        return self._position

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes from this thread's position, fewer only at the end.

        Raises OSError where they are not what was written.
        """
        start, end = self._position, self._position + size
        if self._proof is None or start >= self._proof.body_bytes:
            found = self._file.read_at(start, size)
        else:
            first = start - start % BLOCK_BYTES
            last = -(-end // BLOCK_BYTES) * BLOCK_BYTES
            blocks = self._file.read_at(first, last - first)
            self._prove(self._proof, first, blocks)
            found = blocks[start - first : end - first]
        self._position += len(found)
        return found

    def _prove(self, proof: Seal, first: int, blocks: bytes) -> None:
        body = memoryview(blocks)[: proof.body_bytes - first]
        for at in range(0, len(body), BLOCK_BYTES):
            if not proof.proves((first + at) // BLOCK_BYTES, body[at : at + BLOCK_BYTES]):
                self._damage()
                raise OSError(errno.EIO, "a segment was changed after it was written")

    def tell(self) -> int:
        """Return this thread's position."""
        return self._position

    def close(self) -> None:
        """Close the file for every thread."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Kept:
    """An open file whose owner is another: who closes it here lets go of nothing."""

    file: Opened

    @property
    def size(self) -> int:
        """Return its bytes."""
        return self.file.size

    @property
    def modified_ns(self) -> int:
        """Return when it was written."""
        return self.file.modified_ns

    def read_at(self, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start` on, fewer only at the end."""
        return self.file.read_at(start, size)

    def close(self) -> None:
        """Leave it open."""


class Nothing:
    """An open file of no bytes."""

    size = 0
    modified_ns = 0

    def read_at(self, _start: int, _size: int) -> bytes:
        """Return nothing."""
        return b""

    def close(self) -> None:
        """Nothing is open."""


class ReadOnlyRun(fsspec.AbstractFileSystem):  # type: ignore[misc] # fsspec is untyped
    """The segments of a listing as `run://observations/shard=00003/00000001.parquet`.

    What is found damaged while it is read is noted in `damaged`: name → why. `beside` are files
    that lie elsewhere, by the name that they are read under. `kept` are open for as long as this is.
    """

    protocol = SCHEME
    cachable = False

    def __init__(
        self,
        place: Store | Path,
        names: Iterable[str],
        seals: Mapping[str, Seal],
        damaged: dict[str, str],
        beside: Mapping[str, Path] = MappingProxyType({}),
        kept: Mapping[str, Opened] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._store = as_store(place)
        self._names = frozenset(names) | frozenset(beside) | frozenset(kept)
        self._beside = beside
        self._kept = kept
        self._seals = seals
        self._damaged = damaged
        self._told: dict[str, tuple[int, int]] = {}

    def _opened(self, path: str) -> Opened:
        name = self._strip_protocol(path)
        if name not in self._names:
            raise PermissionError(f"{path} is not a segment of this run")
        if name in self._kept:
            return Kept(self._kept[name])
        try:
            beside = self._beside.get(name)
            return self._store.open(name) if beside is None else OpenFile(beside)
        except NotAFileError as error:
            raise PermissionError(f"{path} is not a regular file") from error

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.removeprefix(f"{SCHEME}://")

    def open(self, path: str, mode: str = "rb", **_: Any) -> Segment:
        """Open a segment for reading; every other mode is a PermissionError."""
        if mode != "rb":
            raise PermissionError("a run is only read here")
        name = self._strip_protocol(path)

        def damage() -> None:
            self._damaged[name] = "was changed after it was written"

        file = self._opened(path)
        self._told[name] = (file.size, file.modified_ns)
        return Segment(file, self._seals.get(name), damage)

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Return size and time of a segment."""
        return {"name": path, "size": self._tell(path)[0], "type": "file"}

    def modified(self, path: str) -> datetime:
        """Return when a segment was last written, UTC."""
        return datetime.fromtimestamp(self._tell(path)[1] / 1e9, UTC)

    def _tell(self, path: str) -> tuple[int, int]:
        """Return size and time, once for all: DuckDB asks for both whenever it opens a file."""
        name = self._strip_protocol(path)
        if name not in self._told:
            with closing(self._opened(path)) as file:
                self._told[name] = (file.size, file.modified_ns)
        return self._told[name]

    def exists(self, path: str, **_: Any) -> bool:
        """Tell whether a name is one of the segments."""
        return self._strip_protocol(path) in self._names

    def glob(self, path: str, **_: Any) -> list[str]:
        """Return the path itself: a name is never a pattern."""
        return [path] if self.exists(path) else []
