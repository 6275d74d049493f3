"""The only way DuckDB reaches a run's files: a closed list of names, and reading only.

Room: disk. DuckDB's own `allowed_paths` opens a file for writing too, and a COPY can hide in a
CTE or behind EXPLAIN ANALYZE; here there is no way to write. Names are never patterns, so a run
directory called `run[1]` is no trouble, and a symbolic link is not followed. What a seal covers is
proved before DuckDB sees it: DuckDB itself would answer from a flipped bit without a word.
"""

import errno
import os
import stat
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import fsspec

from crawler.records.seal import BLOCK_BYTES, Seal

SCHEME = "run"


class Handle:
    """An open file descriptor that is closed with its last owner: DuckDB drops files unclosed."""

    def __init__(self, path: Path) -> None:
        self.number: int | None = None
        self.number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)

    def close(self) -> None:
        """Close it; a second time does nothing."""
        if self.number is not None:
            number, self.number = self.number, None
            os.close(number)

    def __del__(self) -> None:
        self.close()


class Segment(threading.local):
    """An open segment. DuckDB's threads share it and seek before they read: a position each."""

    def __init__(self, handle: Handle, proof: Seal | None, damage: Callable[[], None]) -> None:
        self._handle = handle
        self._proof = proof
        self._damage = damage
        self._position = 0

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        """Move this thread's position; return it."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size()}[whence]
        self._position = origin + position
        return self._position

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes from this thread's position, fewer only at the end.

        Raises OSError where they are not what was written.
        """
        start, end = self._position, self._position + size
        if self._proof is None or start >= self._proof.body_bytes:
            found = os.pread(self._number(), size, start)
        else:
            first = start - start % BLOCK_BYTES
            last = -(-end // BLOCK_BYTES) * BLOCK_BYTES
            blocks = os.pread(self._number(), last - first, first)
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
        self._handle.close()

    def _size(self) -> int:
        return os.fstat(self._number()).st_size

    def _number(self) -> int:
        if self._handle.number is None:
            raise ValueError("the segment is closed")
        return self._handle.number


class ReadOnlyRun(fsspec.AbstractFileSystem):  # type: ignore[misc] # fsspec is untyped
    """The segments of a listing as `run://observations/shard=00003/00000001.parquet`.

    What is found damaged while it is read is noted in `damaged`: name → why. `beside` are files
    that lie elsewhere, by the name that they are read under.
    """

    protocol = SCHEME
    cachable = False

    def __init__(
        self,
        root: Path,
        names: Iterable[str],
        seals: Mapping[str, Seal],
        damaged: dict[str, str],
        beside: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._root = root
        self._names = frozenset(names) | frozenset(beside)
        self._beside = beside
        self._seals = seals
        self._damaged = damaged

    def _real(self, path: str) -> Path:
        name = self._strip_protocol(path)
        if name not in self._names:
            raise PermissionError(f"{path} is not a segment of this run")
        return self._beside.get(name, self._root / name)

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

        return Segment(Handle(self._real(path)), self._seals.get(name), damage)

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Return size and time of a segment."""
        status = self._real(path).lstat()
        if not stat.S_ISREG(status.st_mode):
            raise PermissionError(f"{path} is not a regular file")
        return {"name": path, "size": status.st_size, "type": "file"}

    def modified(self, path: str) -> datetime:
        """Return when a segment was last written, UTC."""
        return datetime.fromtimestamp(self._real(path).lstat().st_mtime, UTC)

    def exists(self, path: str, **_: Any) -> bool:
        """Tell whether a name is one of the segments."""
        return self._strip_protocol(path) in self._names

    def glob(self, path: str, **_: Any) -> list[str]:
        """Return the path itself: a name is never a pattern."""
        return [path] if self.exists(path) else []
