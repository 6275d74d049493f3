"""Staged text and the places of links → links with their text, in the order of the run.

Room: disk. An external sort by position: every file of staged text is dealt out to buckets, each
a stretch of the final order that fits in memory, and the buckets are read one after the other.
What a slot's links have in common is not dealt, but joined where the order is.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crawler.plan.buckets import Bucket, Part
from crawler.plan.positions import Positions
from crawler.plan.rows import HTTPS
from crawler.plan.staged import PACKED, Numbers, StagedFile, read_arrow, read_text
from crawler.plan.tables import PlanTables
from crawler.plan.threads import at_once
from crawler.records.link import LINKS_SCHEMA

_STRETCH_FILES = 4  # that are dealt together: some 250,000 rows
_SCHEMES = pa.array(["http", "https"])
_OF_SLOT = ("host", "registered_domain", "shard", "domain_shards", "weight")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Some files, and the links there: their places among the rows with text, in final order."""

    files: Sequence[StagedFile]
    rows: Numbers
    link_ids: Numbers
    row_counts: Numbers
    positions: Numbers


class Dealer:
    """Deals staged text out to the files of buckets, which lie in `folder`."""

    def __init__(
        self, tables: PlanTables, staged: Sequence[StagedFile], parts: Sequence[Part], folder: Path
    ) -> None:
        """Take what there is to deal; the text of `staged` is used up by it."""
        self._tables, self._staged, self._folder = tables, staged, folder
        self._buckets = [bucket for part in parts for bucket in part.buckets]
        self._ends = np.array([bucket.end for bucket in self._buckets], np.uint64)
        self._locks = [Lock() for _ in self._buckets]
        self._writers: dict[int, pa.ipc.RecordBatchFileWriter] = {}
        self._schema = _schema(staged)

    def deal(self) -> None:
        """Write all links into their buckets, in any order."""
        self._folder.mkdir()
        with ExitStack() as self._stack:
            for _ in at_once(self._deal, self._stretches()):
                pass

    def _stretches(self) -> Iterator[_Stretch]:
        positions = Positions(self._tables.slot_starts())
        for start in range(0, len(self._staged), _STRETCH_FILES):
            yield self._stretch(self._staged[start : start + _STRETCH_FILES], positions)

    def _stretch(self, files: Sequence[StagedFile], positions: Positions) -> _Stretch:
        rows, ids, counts, slots, before = [], [], [], [], 0
        for file in files:
            firsts, of_file = self._tables.placed(file)
            drawn = self._tables.drawn(file)
            at = firsts.rows if drawn.all() else np.cumsum(drawn)[firsts.rows] - 1
            rows.append(at + before)
            before += int(np.count_nonzero(drawn))
            ids.append(firsts.link_ids)
            counts.append(firsts.row_counts)
            slots.append(of_file)
        order, at = positions.next(np.concatenate(slots))
        ordered = [np.concatenate(parts)[order] for parts in (rows, ids, counts)]
        return _Stretch(files, ordered[0], ordered[1], ordered[2], at)

    def _deal(self, stretch: _Stretch) -> None:
        text = pa.concat_tables(_aligned(read_text(file), self._schema) for file in stretch.files)
        table = text.take(pa.array(stretch.rows))
        table = table.append_column("link_id", pa.array(stretch.link_ids))
        table = table.append_column("row_count", pa.array(stretch.row_counts))
        table = table.append_column("position", pa.array(stretch.positions))
        numbers_of = np.searchsorted(self._ends, stretch.positions, side="right")
        ends = [0, *(np.flatnonzero(np.diff(numbers_of)) + 1).tolist(), len(numbers_of)]
        for first, end in pairwise(ends):
            if first < end:
                self._write(int(numbers_of[first]), table.slice(first, end - first))
        for file in stretch.files:
            file.path("text").unlink()

    def _write(self, number: int, table: pa.Table) -> None:
        with self._locks[number]:
            if number not in self._writers:
                path = bucket_path(self._folder, self._buckets[number])
                writer = pa.ipc.new_file(path, table.schema, options=PACKED)
                self._writers[number] = self._stack.enter_context(writer)
            self._writers[number].write_table(table)


def bucket_path(folder: Path, bucket: Bucket) -> Path:
    """Return the file of a bucket."""
    return folder / f"{bucket.first}.arrow"


def in_order(tables: PlanTables, part: Part, folder: Path) -> Iterator[pa.RecordBatch]:
    """Yield the links of a part of the run, with the columns of `LINKS_SCHEMA` in its order."""
    for bucket in part.buckets:
        path = bucket_path(folder, bucket)
        yield from _whole(tables, _sorted(path), bucket)
        path.unlink()


def by_shard(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Cut batches that are ordered by shard so that each holds one shard, and name it."""
    for batch in batches:
        ends = pc.run_end_encode(batch.column("shard"))
        for start, end in pairwise([0, *ends.run_ends.to_pylist()]):
            part = batch.slice(start, end - start)
            yield part.column("shard")[0].as_py(), part


def _schema(staged: Sequence[StagedFile]) -> pa.Schema:
    """Return the columns that there is something in, in any file."""
    schemas = []
    for file in staged:
        with pa.OSFile(str(file.path("text"))) as source:
            schemas.append(pa.ipc.open_file(source).schema)
    return pa.unify_schemas(schemas)


def _aligned(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [_column(table, field) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _column(table: pa.Table, field: pa.Field) -> pa.ChunkedArray | pa.Array:
    if field.name in table.column_names:
        return table[field.name]
    return pa.nulls(table.num_rows, field.type)


def _sorted(path: Path) -> pa.Table:
    table = read_arrow(path).combine_chunks()
    order = pa.array(np.argsort(table["position"].to_numpy()))
    return table.drop_columns("position").take(order).combine_chunks()


def _whole(tables: PlanTables, table: pa.Table, bucket: Bucket) -> Iterator[pa.RecordBatch]:
    """Add what each link has of its slot, and what it has not been given."""
    slots = tables.slots_between(bucket.first, bucket.end - 1)
    of_slot = pa.array(np.repeat(np.arange(slots.num_rows), slots["links"].to_numpy()))
    columns = {name: _column(table, LINKS_SCHEMA.field(name)) for name in LINKS_SCHEMA.names}
    for name in _OF_SLOT:
        columns[name] = slots[name].combine_chunks().take(of_slot)
    origin = _column(table, pa.field("origin", pa.uint32()))
    is_https = pc.greater_equal(origin, pa.scalar(HTTPS, pa.uint32()))
    columns["scheme"] = _SCHEMES.take(pc.cast(is_https, pa.uint8()))
    columns["port"] = pc.bit_wise_and(origin, pa.scalar(HTTPS - 1, pa.uint32())).cast(pa.uint16())
    wire_url = pc.coalesce(columns["wire_url"], columns["url"])  # see `rows.STAGED_SCHEMA`
    columns["wire_url"] = pc.if_else(pc.is_valid(columns["invalid_reason"]), None, wire_url)
    yield from pa.table(columns).cast(LINKS_SCHEMA).to_batches()
