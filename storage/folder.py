"""A run in a folder of this machine, or of a file server.

Room: disk. A file becomes visible by: temporary name, write, fsync, then `os.link` to a name of
its own or a rename over the old one, and fsync of the folder.
"""

import errno
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage.aside import aside
from storage.store import NotAFileError, checked


class OpenFile:
    """An open file descriptor that is closed with its last owner: DuckDB drops files unclosed."""

    def __init__(self, path: Path) -> None:
        self._number: int | None = None
        if not stat.S_ISREG(path.lstat().st_mode):
            raise NotAFileError(f"{path} is not a regular file")
        self._number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        status = os.fstat(self._number)
        self.size = status.st_size
        self.modified_ns = status.st_mtime_ns

    def read_at(self, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start` on, fewer only at the end."""
        if self._number is None:
            raise ValueError("the file is closed")
        return os.pread(self._number, size, start)

    def close(self) -> None:
        """Close it; a second time does nothing."""
        if self._number is not None:
            number, self._number = self._number, None
            os.close(number)

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Folder:
    """A store in a folder, which need not exist before something is written."""

    root: Path

    @property
    def at_once(self) -> int:
        """Return 1: a disk is not waited for."""
        return 1

    @property
    def scratch(self) -> Path:
        """Return the folder itself, so that what is made in it need only be renamed."""
        return self.root

    @property
    def location(self) -> str:
        """Return the folder's path."""
        return str(self.root)

    def names(self, folder: str) -> list[str]:
        """Return what lies directly in a folder, sorted."""
        try:
            return sorted(os.listdir(self._path(folder)))  # noqa: PTH208 - names are all that is wanted
        except (FileNotFoundError, NotADirectoryError):
            return []

    def below(self, folder: str) -> dict[str, str]:
        """Return what lies in a folder and in its folders."""
        found: dict[str, str] = {}
        for name in self.names(folder):
            inside = [] if "." in name else self.names(f"{folder}/{name}")
            found |= {f"{name}/{inner}": "" for inner in inside} or {name: ""}
        return found

    def size(self, name: str) -> int:
        """Return the bytes of a file."""
        return self._path(name).stat().st_size

    def open(self, name: str) -> OpenFile:
        """Open a file; no symbolic link is followed."""
        return OpenFile(self._path(name))

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """Return a file's bytes from `start` on."""
        with self._path(name).open("rb") as file:
            file.seek(start)
            return file.read() if length is None else file.read(length)

    def create(self, name: str, content: bytes | Path) -> None:
        """Write a file that nobody has written before."""
        self._write(name, content, os.link)

    def replace(self, name: str, content: bytes | Path) -> None:
        """Write a file over the old one, if there is one."""
        self._write(name, content, os.replace)

    def take(self, name: str, path: Path) -> None:
        """Rename a file of the same file system to its name."""
        target = self._path(name)
        sync(path)
        path.replace(target)
        sync(target.parent)

    def move(self, name: str, to: str) -> None:
        """Rename a file, or whatever has its name."""
        target = self._path(to)
        if os.path.lexists(target):
            raise FileExistsError(f"{target} is there already")
        self._path(name).rename(target)
        sync(target.parent)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        self._path(name).unlink(missing_ok=True)

    def _write(
        self, name: str, content: bytes | Path, give_name: Callable[[Path, Path], None]
    ) -> None:
        target = self._path(name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, "a folder's name is taken", name) from error
        with aside(target) as (path, file):
            _fill(file, content)
            give_name(path, target)
            sync(target.parent)

    def _path(self, name: str) -> Path:
        return self.root / checked(name)


def _fill(file: BinaryIO, content: bytes | Path) -> None:
    if isinstance(content, bytes):
        file.write(content)
    else:
        with content.open("rb") as source:
            shutil.copyfileobj(source, file, 1 << 20)
    file.flush()
    os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Have a file or the names in a folder outlive a power cut. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
