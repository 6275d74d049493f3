"""What every place that holds a run can do.

Room: disk. A name is relative to the run, with slashes: `observations/shard=00003/00000007.parquet`.
Whatever cannot be done is an OSError, so that callers need not know which library was underneath.
"""

from pathlib import Path, PurePosixPath
from typing import Protocol


class NotAFileError(OSError):
    """What has a file's name is a link, a pipe or a folder."""


class ReplacedError(OSError):
    """A file was replaced since it was listed."""


class Opened(Protocol):
    """An open file, for many threads at once. It is let go with its last owner, if not before."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    @property
    def modified_ns(self) -> int:
        """When it was written, in nanoseconds of Unix time."""

    def read_at(self, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start` on, fewer only at the end. Raises OSError.

        ValueError after `close`.
        """

    def close(self) -> None:
        """Let go of it; a second time does nothing."""


class Store(Protocol):
    """A run's files by name. Every write is whole or not at all, and outlives a power cut.

    `at_once` is how many calls it takes at a time to be quick. `scratch` is a folder of this machine
    on the same file system, where something large can be made that `take` is to take; None: the
    system's temporary files.
    """

    @property
    def location(self) -> str:
        """The run as a person wrote it."""

    @property
    def at_once(self) -> int:
        """How many threads it keeps busy."""

    @property
    def scratch(self) -> Path | None:
        """Where to make what `take` takes."""

    def names(self, folder: str) -> list[str]:
        """Return what lies directly in a folder, files and folders, sorted; none if it is missing."""

    def below(self, folder: str) -> dict[str, str]:
        """Return what lies in a folder and in its folders, by name relative to it; not deeper.

        Beside each name a text that changes when the file is replaced; it is empty where an open
        file stays as it was.
        """

    def size(self, name: str) -> int:
        """Return the bytes of a file. Raises FileNotFoundError."""

    def open(self, name: str) -> Opened:
        """Open a file to be read here and there. Raises FileNotFoundError, NotAFileError."""

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """Return a file's bytes from `start` on, fewer only at its end. Raises FileNotFoundError."""

    def create(self, name: str, content: bytes | Path) -> None:
        """Write a file that nobody has written before. Raises FileExistsError.

        `content` is bytes, or a file of this machine, which is left where it is. The same worker
        that calls again after an answer was lost gets FileExistsError as well: who must know whose
        the file is puts that into it (`storage.once`).
        """

    def replace(self, name: str, content: bytes | Path) -> None:
        """Write a file, whether or not there is one; its readers see the old or the new one whole."""

    def take(self, name: str, path: Path) -> None:
        """Replace a file by one of `scratch`, which is not there afterwards."""

    def move(self, name: str, to: str) -> None:
        """Give a file another name, which nothing has. Raises FileExistsError where it can be told."""

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""


def checked(name: str) -> str:
    """Return a name that stays inside the run. Raises ValueError for any other."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        text = f"{name!r} does not lie in the run"
        raise ValueError(text)
    return str(path)
