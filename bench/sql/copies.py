"""The copies of a run that questions are put to: small segments, compacted ones, and run.duckdb."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from analysis.publish import write_database
from analysis.runfile import read_run
from bench.sql.ways import COMPACTED, SMALL
from bench.sql.world import make_run
from crawler.commands.compact import FILE_MB, FILE_ROWS
from crawler.compaction.blocks import Limits
from crawler.compaction.folder import Terms as Compaction
from crawler.compaction.run import compact_run
from crawler.records.layout import DATABASE, OBSERVATIONS, RUN_FILE
from storage.folder import Folder


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the run: its files of observations, and their bytes."""

    title: str
    files: int
    size_bytes: int


def make_copies(work: Path, observations: int, *, publish: bool) -> list[Copy]:
    """Make what is not there yet, and tell of each copy. What it takes is said on stderr."""
    small, compacted = work / SMALL, work / COMPACTED
    if not (small / RUN_FILE).exists():
        _timed("a run", lambda: make_run(small, observations))
    if not (compacted / RUN_FILE).exists():
        _linked(small, compacted)
        terms = Compaction(Limits(FILE_ROWS, FILE_MB * 1_000_000), timedelta(0), _now)
        _timed("compacting", lambda: compact_run(Folder(compacted), terms))
        os.link(small / RUN_FILE, compacted / RUN_FILE)
    if publish and not (compacted / DATABASE).exists():
        _timed(DATABASE, lambda: _publish(compacted))
    copies = [_of_segments("small segments", small), _of_segments("compacted", compacted)]
    if publish:
        copies.append(Copy(DATABASE, 1, (compacted / DATABASE).stat().st_size))
    return copies


def _linked(small: Path, compacted: Path) -> None:
    for path in small.glob(f"{OBSERVATIONS}/*/*.parquet"):
        target = compacted / path.relative_to(small)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, target)


def _publish(run: Path) -> None:
    """Make the table of observations as `stillup publish` does, and no other."""
    write_database(read_run(run), (OBSERVATIONS,))


def _timed(what: str, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    click.echo(f"bench: {what}: {time.perf_counter() - began:,.0f} s", err=True)


def _of_segments(title: str, run: Path) -> Copy:
    sizes = [path.stat().st_size for path in run.glob(f"{OBSERVATIONS}/*/*.parquet")]
    return Copy(title, len(sizes), sum(sizes))


def _now() -> datetime:
    return datetime.now(UTC)
