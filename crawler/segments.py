"""Segments: the files that a run's truth is made of, written whole or not at all.

Room: disk. A segment becomes visible by: temporary name, write, fsync, `os.link` to its exclusive
name, fsync of the folder. The link fails if another worker was there first: that is the fence.
"""

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.records import Hop, HostVisit, Observation
from crawler.records.errors import RunFailed
from crawler.records.layout import segment_name, segment_range
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA
from crawler.rundir import sync_folder

_TEMPORARY = ".writing-"


class FencedError(RunFailed):
    """Another worker has written the segment that this one was about to write."""


@dataclass(slots=True)
class SegmentWriter:
    """Writes the segments of one table of one shard, numbered on from what is there."""

    folder: Path
    schema: pa.Schema
    number: int = 0

    def open(self) -> None:
        """Make the folder, drop what a killed writer left half-written, find the next number."""
        self.folder.mkdir(parents=True, exist_ok=True)
        names = [entry.name for entry in self.folder.iterdir()]
        for name in names:
            if name.startswith(_TEMPORARY):
                (self.folder / name).unlink(missing_ok=True)
        taken = [span[1] for name in names if (span := segment_range(name)) is not None]
        self.number = max(taken, default=-1) + 1

    def write(self, columns: dict[str, Sequence[Any]], footer: dict[str, str]) -> Path:
        """Write one segment and return its path. Raises FencedError, and RunFailed on a full disk."""
        table = pa.table(columns, schema=self.schema).replace_schema_metadata(footer)
        target = self.folder / segment_name(self.number)
        aside = self.folder / f"{_TEMPORARY}{os.getpid()}-{target.name}"
        try:
            _write_synced(table, aside)
            os.link(aside, target)
        except FileExistsError as error:
            text = f"{target} was written by another worker; let only one walk a shard"
            raise FencedError(text) from error
        except OSError as error:
            text = f"cannot write {target}: {error.strerror}; make room, then crawl again to go on"
            raise RunFailed(text) from error
        finally:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
        sync_folder(self.folder)
        self.number += 1
        return target


def observation_columns(rows: Sequence[Observation]) -> dict[str, Sequence[Any]]:
    """Return observations as columns for Arrow."""
    columns = _columns(rows, OBSERVATIONS_SCHEMA.names)
    columns["hops"] = [_hops(row.hops) for row in rows]
    return columns


def host_columns(rows: Sequence[HostVisit]) -> dict[str, Sequence[Any]]:
    """Return host visits as columns for Arrow."""
    return _columns(rows, HOSTS_SCHEMA.names)


def readable(paths: Iterable[Path], warn: Callable[[str], None]) -> list[Path]:
    """Return the segments whose footers can be read; `warn` is told of each that cannot."""
    kept = []
    for path in paths:
        try:
            pq.read_metadata(path)
        except (OSError, pa.ArrowException) as error:
            warn(f"{path} is no whole segment and is left out: {error}")
        else:
            kept.append(path)
    return kept


def _columns(rows: Sequence[Any], names: list[str]) -> dict[str, Sequence[Any]]:
    return {name: [getattr(row, name) for row in rows] for name in names}


def _hops(hops: tuple[Hop, ...]) -> list[dict[str, Any]] | None:
    return [{"status": hop.status, "url": hop.url} for hop in hops] if hops else None


def _write_synced(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        pq.write_table(table, file, compression="zstd", compression_level=3)
        file.flush()
        os.fsync(file.fileno())
