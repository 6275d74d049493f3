"""Segments: the files that a run's truth is made of, written whole or not at all.

Room: disk. A segment becomes visible by: temporary name, write, fsync, `os.link` to its exclusive
name, fsync of the folder. The link fails if another worker was there first: that is the fence.
Whoever opens a folder for writing proves every segment in it, and sets aside what is not whole.
Of a run in a bucket the folder is a copy, and what is written goes to the bucket, where `create`
is the fence.
"""

import contextlib
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import pyarrow as pa

from crawler.records import Hop, HostVisit, Observation
from crawler.records.errors import RunFailed, disk_failure
from crawler.records.layout import (
    LAST_NUMBER,
    WRITER,
    is_taken,
    next_number,
    segment_name,
    segment_range,
    set_aside_from,
    shard_folder,
)
from crawler.records.layout import set_aside_names as names_aside
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA
from crawler.rundir import RunDirectory, try_to_write
from crawler.sealed import fault, write_sealed
from storage.folder import sync
from storage.once import create_once
from storage.store import Store

_TEMPORARY = ".writing-"
_COMPRESSION_LEVEL = 3

Warn = Callable[[str], None]


class FencedError(RunFailed):
    """Another worker has written the segment that this one was about to write."""


@dataclass(slots=True)
class SegmentWriter:
    """Writes the segments of one table of one shard, numbered on from what is there."""

    folder: Path
    schema: pa.Schema
    number: int = 0
    home: Store | None = None  # where the run lies of which `folder` is a copy
    name: str = ""  # of the folder, there

    @property
    def _shown(self) -> str:
        return str(self.folder) if self.home is None else f"{self.home.location}/{self.name}"

    def open(self, warn: Warn = lambda _: None) -> None:
        """Make the folder writable and whole, and find the next number. Raises RunFailed.

        Drops what a killed writer left half-written, and sets aside every segment that is not what
        was written; `warn` is told of each.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _sweep(self.folder)
            try_to_write(self.folder)
            before = set(_names(self.folder))
            set_aside_faulty(self.folder, self.schema, warn)
            self._set_aside_at_home(before)
            self.number = next_number(_names(self.folder))
        except OSError as error:
            raise disk_failure(f"cannot write in {self._shown}", error) from error
        if self.number > LAST_NUMBER:
            text = f"{self._shown} holds a segment of the last number there is; move it away"
            raise RunFailed(text)

    def write(self, columns: dict[str, Sequence[Any]], footer: dict[str, str]) -> Path:
        """Write one segment and return its path. Raises FencedError, and RunFailed on a full disk."""
        table = pa.table(columns, schema=self.schema)
        target = self.folder / segment_name(self.number)
        aside = self.folder / f"{_TEMPORARY}{os.getpid()}-{target.name}"
        try:
            own = {} if self.home is None else {WRITER: secrets.token_hex(16)}
            schema = self.schema.with_metadata(footer | own)
            write_sealed(aside, schema, [table], compression_level=_COMPRESSION_LEVEL)
            if self.home is None:
                self._link(aside, target)
                sync(self.folder)
                self._refuse_taken(target)
            else:
                self._put(self.home, aside, f"{self.name}/{target.name}")
        except OSError as error:
            raise disk_failure(f"cannot write {self._shown}/{target.name}", error) from error
        finally:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
        self.number += 1
        return target

    def _put(self, home: Store, aside: Path, name: str) -> None:
        """Put a written segment where the run lies. Raises FencedError."""
        try:
            create_once(home, name, aside)
        except FileExistsError as error:
            raise FencedError(_fenced(self._shown)) from error
        if is_taken(self.number, home.names(self.name)):  # as `_refuse_taken`
            home.remove(name)
            raise FencedError(_fenced(self._shown))

    def _set_aside_at_home(self, before: set[str]) -> None:
        """Give the faulty segments of the copy their new names where the run lies as well."""
        for name in set(_names(self.folder)) - before if self.home is not None else ():
            old = set_aside_from(name)
            if old is not None and self.home is not None:
                self.home.move(f"{self.name}/{old}", f"{self.name}/{name}")

    def _link(self, aside: Path, target: Path) -> None:
        """Give a written segment its name, if nobody else has taken it. Raises FencedError."""
        try:
            os.link(aside, target)
        except FileExistsError as error:
            if not _is_same(aside, target):  # a file server may answer a repeated call
                raise FencedError(_fenced(self._shown)) from error
        except FileNotFoundError as error:
            if not self.folder.is_dir():
                raise
            # Another worker began after us and took our temporary file for a dead one's.
            raise FencedError(_fenced(self._shown)) from error

    def _refuse_taken(self, target: Path) -> None:
        """Drop a segment whose name was free only because another's was compacted or set aside.

        Raises FencedError. The range is there before what it covers is gone (docs/decisions/0093).
        """
        if is_taken(self.number, _names(self.folder)):
            target.unlink(missing_ok=True)
            raise FencedError(_fenced(self._shown))


def writer_of(
    run: RunDirectory, table: str, schema: pa.Schema, shard: int | None = None
) -> SegmentWriter:
    """Return the writer of a run's table, or of one shard of it."""
    name = table if shard is None else shard_folder(table, shard)
    return SegmentWriter(run.folder(table, shard), schema, home=run.home, name=name)


def set_aside_faulty(folder: Path, schema: pa.Schema, warn: Warn) -> None:
    """Rename every segment of a folder that is not whole, so that nobody reads it.

    What it held is as if it had never been seen: its links are looked at again. Raises RunFailed
    where a segment cannot be read, and OSError.
    """
    for name in sorted(_names(folder)):
        why = _fault(folder / name, schema) if segment_range(name) is not None else None
        if why is None:
            continue
        aside = next(new for new in names_aside(name) if not os.path.lexists(folder / new))
        (folder / name).rename(folder / aside)
        sync(folder)
        warn(f"{folder / name} {why}; it is now {aside}, and its links are looked at again")


def observation_columns(rows: Sequence[Observation]) -> dict[str, Sequence[Any]]:
    """Return observations as columns for Arrow."""
    columns = _columns(rows, OBSERVATIONS_SCHEMA.names)
    columns["hops"] = [_hops(row.hops) for row in rows]
    return columns


def host_columns(rows: Sequence[HostVisit]) -> dict[str, Sequence[Any]]:
    """Return host visits as columns for Arrow."""
    return _columns(rows, HOSTS_SCHEMA.names)


def _columns(rows: Sequence[Any], names: list[str]) -> dict[str, Sequence[Any]]:
    return {name: list(map(attrgetter(name), rows)) for name in names}


def _hops(hops: tuple[Hop, ...]) -> list[dict[str, Any]] | None:
    return [{"status": hop.status, "url": hop.url} for hop in hops] if hops else None


def _names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


def _sweep(folder: Path) -> None:
    """Drop the temporary files of writers that are dead."""
    for name in _names(folder):
        if name.startswith(_TEMPORARY):
            with contextlib.suppress(OSError):
                (folder / name).unlink()


def _fault(path: Path, schema: pa.Schema) -> str | None:
    try:
        return fault(path, schema)
    except OSError as error:
        raise disk_failure(f"cannot read {path}", error) from error


def _is_same(aside: Path, target: Path) -> bool:
    try:
        return aside.samefile(target)
    except OSError:
        return False


def _fenced(folder: str) -> str:
    return (
        f"another worker writes {folder} as well, so this one has stopped and what it had "
        "not written is dropped; let only one walk a shard, and run it again to go on"
    )
