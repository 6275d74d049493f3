"""What was found, kept in RUN/matches for the questions of later: one file, replaced as a whole.

Room: disk. A list is known by the digest of its file: matching it again replaces what it matched
before. The new file's name says that it covers the old one, so readers see the one or the other.
"""

import contextlib
import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.matching.shape import MATCHES, MATCHES_SCHEMA, PROMISED
from analysis.whole_file import sync
from crawler.records import layout
from crawler.records.errors import RunFailed, disk_failure

_TEMPORARY = ".writing-"


def keep_matches(root: Path, found: pa.Table, lists: Collection[str], *, blind: bool) -> None:
    """Put what lists (their digests) matched in the place of what they matched before.

    `blind`: only the promises were looked at, so what was observed stays. Raises RunFailed where
    the run cannot be written.
    """
    folder = root / MATCHES
    try:
        with _alone(root):
            names = sorted(os.listdir(folder)) if folder.is_dir() else []  # noqa: PTH208 - names are all that is wanted
            before = _before(folder, names)
            kept = before.filter(pc.invert(_replaced(before, lists, blind=blind)))
            if found.num_rows or before.num_rows:
                _write(folder, names, pa.concat_tables([kept, found]))
    except OSError as error:
        raise disk_failure(f"cannot write {folder}", error) from error


def _before(folder: Path, names: list[str]) -> pa.Table:
    """Return the rows that are kept by now; a file that cannot be read is none of ours."""
    tables = [MATCHES_SCHEMA.empty_table()]
    for name in layout.live(names):
        try:
            tables.append(pq.read_table(folder / name, schema=MATCHES_SCHEMA))
        except (pa.ArrowException, OSError) as error:
            text = f"{folder / name} is damaged; delete it, then match its lists again"
            raise RunFailed(text) from error
    return pa.concat_tables(tables)


def _replaced(rows: pa.Table, lists: Collection[str], *, blind: bool) -> pa.Array:
    of_lists = pc.is_in(rows["list_digest"], value_set=pa.array(sorted(lists), pa.string()))
    return pc.and_(of_lists, pc.equal(rows["source"], PROMISED)) if blind else of_lists


def _write(folder: Path, names: list[str], rows: pa.Table) -> None:
    folder.mkdir(exist_ok=True)
    number = layout.next_number(names)
    target = folder / layout.segment_name(0, number or None)
    aside = folder / f"{_TEMPORARY}{os.getpid()}-{target.name}"
    try:
        with aside.open("wb") as file:
            pq.write_table(rows, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, target)
    finally:
        aside.unlink(missing_ok=True)
    sync(folder)
    for name in names:
        if layout.segment_range(name) is not None:
            (folder / name).unlink(missing_ok=True)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the lock of the run's matches, which the system lets go when the process dies."""
    folder = root / layout.LOCKS
    folder.mkdir(exist_ok=True)
    with (folder / MATCHES).open("w") as lock:
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
