"""A run in a folder of this machine, or of a file server.

Room: disk. A file becomes visible by: temporary name, write, fsync, then `os.link` to a name of
its own or a rename over the old one, and fsync of the folder.
"""

import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from storage.store import checked

TEMPORARY = ".writing-"


@dataclass(frozen=True, slots=True)
class Folder:
    """A store in a folder, which need not exist before something is written."""

    root: Path

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

    def size(self, name: str) -> int:
        """Return the bytes of a file."""
        return self._path(name).stat().st_size

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

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        self._path(name).unlink(missing_ok=True)

    def _write(
        self, name: str, content: bytes | Path, give_name: Callable[[Path, Path], None]
    ) -> None:
        target = self._path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f"{TEMPORARY}{uuid.uuid4().hex}-{target.name}")
        try:
            _fill(aside, content)
            give_name(aside, target)
            _sync(target.parent)
        finally:
            aside.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.root / checked(name)


def _fill(path: Path, content: bytes | Path) -> None:
    with path.open("xb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            with content.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
