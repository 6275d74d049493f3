"""A file of a store as libraries want one: with a position, to be read from it on.

Room: disk.
"""

import io
import os

import pyarrow as pa

from storage.store import Opened


class _Positioned(io.RawIOBase):
    """Reads an open file of a store, which stays its opener's to close."""

    def __init__(self, file: Opened) -> None:
        super().__init__()
        self._file = file
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._file.size}
        self._position = origin[whence] + position
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        wanted = self._file.size if size is None or size < 0 else size
        found = self._file.read_at(self._position, wanted)
        self._position += len(found)
        return found


def as_file(file: Opened) -> pa.PythonFile:
    """Return an open file for Arrow to read."""
    return pa.PythonFile(_Positioned(file), mode="r")
