"""What was found, kept in RUN/matches for the questions of later: one file, replaced as a whole.

Room: disk. A list is known by the digest of its file: matching it again replaces what it matched
before. The new file's name says that it covers the old one, so readers see the one or the other. A
file that is not what was written is set aside: its lists, which its footer names, are to be matched
again.
"""

import contextlib
import json
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.held import held
from analysis.matching.shape import MATCHES, MATCHES_SCHEMA, PROMISED
from analysis.sealed_file import prove, sealed_in
from analysis.segments import SetAside
from crawler.records import layout
from crawler.records.errors import disk_failure
from crawler.records.seal import TornError
from storage.open import as_store
from storage.opened import as_file
from storage.store import NotAFileError, Store

_LISTS = b"stillup.lists"


def keep_matches(
    place: Store | Path, found: pa.Table, lists: Collection[str], *, blind: bool
) -> list[SetAside]:
    """Put what lists (their digests) matched in the place of what they matched before.

    `blind`: only the promises were looked at, so what was observed stays. Return the files that were
    damaged. Raises RunFailed where the run cannot be written.
    """
    store = as_store(place)
    try:
        with held(store, MATCHES):
            before, damaged = _before(store)
            kept = before.filter(pc.invert(_replaced(before, lists, blind=blind)))
            if found.num_rows or before.num_rows:
                _write(store, pa.concat_tables([kept, found]))
    except OSError as error:
        raise disk_failure(f"cannot write {store.location}/{MATCHES}", error) from error
    return damaged


def _before(store: Store) -> tuple[pa.Table, list[SetAside]]:
    """Return the rows that are kept by now, and the files that were set aside."""
    tables, damaged = [MATCHES_SCHEMA.empty_table()], []
    for name in layout.live(store.names(MATCHES)):
        path = f"{MATCHES}/{name}"
        try:
            with contextlib.closing(store.open(path)) as file:
                prove(file)
                rows = pq.read_table(as_file(file), schema=MATCHES_SCHEMA, partitioning=None)
                tables.append(rows)
        except (TornError, NotAFileError, pa.ArrowException) as error:
            damaged.append(SetAside(path, f"{error}; {_remedy(store, path)}"))
            names = layout.set_aside_names(name)
            taken = set(store.names(MATCHES))
            store.move(path, f"{MATCHES}/{next(free for free in names if free not in taken)}")
    return pa.concat_tables(tables), damaged


def _remedy(store: Store, path: str) -> str:
    """Say what to match again, as far as a damaged file can still be asked."""
    with (
        contextlib.suppress(OSError, ValueError, pa.ArrowException),
        contextlib.closing(store.open(path)) as file,
    ):
        said = (pq.read_metadata(as_file(file)).metadata or {}).get(_LISTS, b"")
        return f"match again: {', '.join(map(str, json.loads(said)))}"
    return "match its lists again"


def _replaced(rows: pa.Table, lists: Collection[str], *, blind: bool) -> pa.Array:
    of_lists = pc.is_in(rows["list_digest"], value_set=pa.array(sorted(lists), pa.string()))
    return pc.and_(of_lists, pc.equal(rows["source"], PROMISED)) if blind else of_lists


def _write(store: Store, rows: pa.Table) -> None:
    names = store.names(MATCHES)
    number = layout.next_number(names)
    lists = sorted(pc.unique(rows["list"]).to_pylist())
    marked = MATCHES_SCHEMA.with_metadata({_LISTS: json.dumps(lists)})
    name = f"{MATCHES}/{layout.segment_name(0, number or None)}"
    with sealed_in(store, name, marked, anew=True) as sink:
        sink.write_table(rows.replace_schema_metadata(marked.metadata))
    for name in names:
        if layout.segment_range(name) is not None:
            store.remove(f"{MATCHES}/{name}")
