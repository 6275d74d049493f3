"""What was found, kept in RUN/matches for the questions of later: one file, replaced as a whole.

Room: disk. A list is known by the digest of its file: matching it again replaces what it matched
before. The new file's name says that it covers the old one, so readers see the one or the other. A
file that is not what was written is set aside: its lists, which its footer names, are to be matched
again.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.matching.shape import MATCHES, MATCHES_SCHEMA, PROMISED
from analysis.sealed_file import prove_file, sealed
from analysis.segments import SetAside
from analysis.whole_file import sync
from crawler.records import layout
from crawler.records.errors import disk_failure
from crawler.records.seal import TornError

_LISTS = b"stillup.lists"


def keep_matches(
    root: Path, found: pa.Table, lists: Collection[str], *, blind: bool
) -> list[SetAside]:
    """Put what lists (their digests) matched in the place of what they matched before.

    `blind`: only the promises were looked at, so what was observed stays. Return the files that were
    damaged. Raises RunFailed where the run cannot be written.
    """
    folder = root / MATCHES
    try:
        with _alone(root):
            before, damaged = _before(folder)
            kept = before.filter(pc.invert(_replaced(before, lists, blind=blind)))
            if found.num_rows or before.num_rows:
                _write(folder, pa.concat_tables([kept, found]))
    except OSError as error:
        raise disk_failure(f"cannot write {folder}", error) from error
    return damaged


def _before(folder: Path) -> tuple[pa.Table, list[SetAside]]:
    """Return the rows that are kept by now, and the files that were set aside."""
    tables, damaged = [MATCHES_SCHEMA.empty_table()], []
    for name in layout.live(_names(folder)):
        path = folder / name
        try:
            prove_file(path)
            tables.append(pq.read_table(path, schema=MATCHES_SCHEMA, partitioning=None))
        except (TornError, pa.ArrowException) as error:
            damaged.append(SetAside(f"{MATCHES}/{name}", f"{error}; {_remedy(path)}"))
            _set_aside(path)
    return pa.concat_tables(tables), damaged


def _remedy(path: Path) -> str:
    """Say what to match again, as far as a damaged file can still be asked."""
    with contextlib.suppress(OSError, ValueError, pa.ArrowException):
        said = (pq.read_metadata(path).metadata or {}).get(_LISTS, b"")
        return f"match again: {', '.join(map(str, json.loads(said)))}"
    return "match its lists again"


def _set_aside(path: Path) -> None:
    """Give a file a name that nobody reads."""
    names = layout.set_aside_names(path.name)
    path.rename(next(at for name in names if not (at := path.with_name(name)).exists()))


def _replaced(rows: pa.Table, lists: Collection[str], *, blind: bool) -> pa.Array:
    of_lists = pc.is_in(rows["list_digest"], value_set=pa.array(sorted(lists), pa.string()))
    return pc.and_(of_lists, pc.equal(rows["source"], PROMISED)) if blind else of_lists


def _write(folder: Path, rows: pa.Table) -> None:
    folder.mkdir(exist_ok=True)
    names = _names(folder)
    number = layout.next_number(names)
    lists = sorted(pc.unique(rows["list"]).to_pylist())
    marked = MATCHES_SCHEMA.with_metadata({_LISTS: json.dumps(lists)})
    with sealed(folder / layout.segment_name(0, number or None), marked, anew=True) as sink:
        sink.write_table(rows.replace_schema_metadata(marked.metadata))
    sync(folder)
    for name in names:
        if layout.segment_range(name) is not None:
            (folder / name).unlink(missing_ok=True)


def _names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder)) if folder.is_dir() else []  # noqa: PTH208 - names are all that is wanted


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the lock of the run's matches, which the system lets go when the process dies."""
    folder = root / layout.LOCKS
    folder.mkdir(exist_ok=True)
    with (folder / MATCHES).open("w") as lock:
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
