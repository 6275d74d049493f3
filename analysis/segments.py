"""Which files of a run count right now: whole, live segments, by table.

Room: disk. Knows names, folders and the outermost bytes of a Parquet file, not what is in it. A
crawl may add segments and a compaction may delete covered ones while we look, so a folder is read
until two readings agree.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from crawler.records import layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SEGMENT_TABLES = (layout.LINKS, layout.DATASET_ROWS, layout.OBSERVATIONS, layout.HOSTS)

_MAGIC = b"PAR1"
_FOOTER_BYTES = 8  # the length of the metadata, four bytes, and the magic
_READINGS = 1000


@dataclass(frozen=True, slots=True)
class SetAside:
    """A segment that is not read, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The segments of a run at one moment: table → paths relative to `root`, in order."""

    root: Path
    files: "Mapping[str, tuple[str, ...]]"
    set_aside: tuple[SetAside, ...] = ()

    def has_vanished(self) -> bool:
        """Tell whether a listed file is gone by now, which means that it was compacted."""
        return any(
            not (self.root / path).exists() for paths in self.files.values() for path in paths
        )


def list_segments(root: Path) -> Listing:
    """Return the whole, live segments of the run at `root`; a folder that is not there has none."""
    files: dict[str, tuple[str, ...]] = {}
    set_aside: list[SetAside] = []
    for table in SEGMENT_TABLES:
        paths: list[str] = []
        for folder in _folders(root, table):
            live, torn = _read_folder(root, folder)
            paths += live
            set_aside += torn
        files[table] = tuple(paths)
    return Listing(root, MappingProxyType(files), tuple(set_aside))


def _folders(root: Path, table: str) -> "Iterator[str]":
    """Yield the table's folder and its shards' folders, relative to the run."""
    yield table
    shards = [name for name in _names(root / table) if layout.shard_of(name) is not None]
    yield from (f"{table}/{name}" for name in sorted(shards))


def _read_folder(root: Path, folder: str) -> tuple[list[str], list[SetAside]]:
    for _ in range(_READINGS):
        names = _names(root / folder)
        faults = {name: _fault(root / folder / name) for name in _segments(names)}
        if names == _names(root / folder):
            break
    whole = layout.live(name for name, fault in faults.items() if fault is None)
    torn = [SetAside(f"{folder}/{name}", fault) for name, fault in faults.items() if fault]
    return [f"{folder}/{name}" for name in whole], torn


def _names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))  # noqa: PTH208 - names are all that is wanted
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def _segments(names: frozenset[str]) -> list[str]:
    return sorted(name for name in names if layout.segment_range(name) is not None)


def _fault(path: Path) -> str | None:
    """Return why a file cannot be a whole segment, or None; a vanished file has no fault."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return "is not a regular file"
        with path.open("rb") as file:
            return None if _is_whole(file.fileno()) else "is torn"
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _is_whole(handle: int) -> bool:
    """Tell whether a file has Parquet's magic at both ends and room for its metadata."""
    size = os.fstat(handle).st_size
    if size < len(_MAGIC) + _FOOTER_BYTES:
        return False
    footer = os.pread(handle, _FOOTER_BYTES, size - _FOOTER_BYTES)
    metadata_bytes = int.from_bytes(footer[:4], "little")
    fits = len(_MAGIC) + metadata_bytes + _FOOTER_BYTES <= size
    return fits and footer[4:] == _MAGIC and os.pread(handle, len(_MAGIC), 0) == _MAGIC
