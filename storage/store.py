"""What every place that holds a run can do.

Room: disk. A name is relative to the run, with slashes: `observations/shard=00003/00000007.parquet`.
Whatever cannot be done is an OSError, so that callers need not know which library was underneath.
"""

from pathlib import Path, PurePosixPath
from typing import Protocol


class Store(Protocol):
    """A run's files by name. Every write is whole or not at all, and outlives a power cut."""

    @property
    def location(self) -> str:
        """The run as a person wrote it."""

    def names(self, folder: str) -> list[str]:
        """Return what lies directly in a folder, files and folders, sorted; none if it is missing."""

    def size(self, name: str) -> int:
        """Return the bytes of a file. Raises FileNotFoundError."""

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """Return a file's bytes from `start` on, fewer only at its end. Raises FileNotFoundError."""

    def create(self, name: str, content: bytes | Path) -> None:
        """Write a file that nobody has written before. Raises FileExistsError.

        `content` is bytes, or a file of this machine, which is left where it is. The same worker
        that calls again after an answer was lost gets FileExistsError as well: who must know whose
        the file is puts that into it.
        """

    def replace(self, name: str, content: bytes | Path) -> None:
        """Write a file, whether or not there is one; its readers see the old or the new one whole."""

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""


def checked(name: str) -> str:
    """Return a name that stays inside the run. Raises ValueError for any other."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        text = f"{name!r} does not lie in the run"
        raise ValueError(text)
    return str(path)
