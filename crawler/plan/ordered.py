"""Staged text and the places of links → links with their text, in the order of the run.

Room: disk. An external sort by position: every file of staged text is dealt out to buckets, each
a stretch of the final order that fits in memory, and the buckets are read one after the other.
What a slot's links have in common is not dealt, but joined where the order is.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crawler.plan.positions import Positions
from crawler.plan.stage import StagedFile
from crawler.plan.tables import PlanTables
from crawler.records.link import LINKS_SCHEMA

_BUCKET_BYTES = 128 << 20
_MOST_BUCKETS = 400  # so many files are open at a time
_STRETCH_FILES = 4  # that are dealt together: some 250,000 rows
_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")


def in_order(
    tables: PlanTables, staged: Sequence[StagedFile], links: int, folder: Path
) -> Iterator[pa.RecordBatch]:
    """Yield all links, shard after shard, with the columns of `LINKS_SCHEMA` in its order."""
    bucket_rows = _bucket_rows(staged, links)
    folder.mkdir()
    buckets = [folder / f"{at}.arrow" for at in range(-(-links // bucket_rows))]
    _deal(tables, staged, buckets, bucket_rows)
    for number, bucket in enumerate(buckets):
        yield from _whole(tables, _sorted(bucket), number * bucket_rows)
        bucket.unlink()


def by_shard(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Cut batches that are ordered by shard so that each holds one shard, and name it."""
    for batch in batches:
        ends = pc.run_end_encode(batch.column("shard"))
        for start, end in pairwise([0, *ends.run_ends.to_pylist()]):
            part = batch.slice(start, end - start)
            yield part.column("shard")[0].as_py(), part


def _bucket_rows(staged: Sequence[StagedFile], links: int) -> int:
    """How many links a bucket holds, from the mean size of a staged row unpacked."""
    row_bytes = sum(file.bytes for file in staged) // sum(file.rows for file in staged)
    wanted = max(1000, min(250_000, _BUCKET_BYTES // max(1, row_bytes)))
    return int(max(wanted, -(-links // _MOST_BUCKETS)))


def _deal(
    tables: PlanTables, staged: Sequence[StagedFile], buckets: Sequence[Path], bucket_rows: int
) -> None:
    positions = Positions(tables.slot_starts())
    with ExitStack() as stack:
        writers: dict[int, pa.ipc.RecordBatchFileWriter] = {}
        for start in range(0, len(staged), _STRETCH_FILES):
            table = _with_text(tables, staged[start : start + _STRETCH_FILES], positions)
            numbers = table["position"].to_numpy() // bucket_rows
            ends = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
            for first, end in pairwise(ends):
                if first == end:
                    continue
                number = int(numbers[first])
                if number not in writers:
                    writer = pa.ipc.new_file(buckets[number], table.schema, options=_PACKED)
                    writers[number] = stack.enter_context(writer)
                writers[number].write_table(table.slice(first, end - first))


def _with_text(tables: PlanTables, files: Sequence[StagedFile], positions: Positions) -> pa.Table:
    """Return the links whose first row is in these files, in the order of position."""
    first_row, end_row = files[0].first_row, files[-1].first_row + files[-1].rows
    placed = tables.placed_between(first_row, end_row - 1)
    order, at = positions.next(placed["slot"].to_numpy())
    placed = placed.take(pa.array(order))
    text = pa.concat_tables(_read(file.text) for file in files)
    taken = text.take(pc.subtract(placed["row"], pa.scalar(first_row, pa.uint64())))
    for name in ("link_id", "row_count"):
        taken = taken.append_column(placed.schema.field(name), placed[name])
    return taken.append_column("position", pa.array(at))


def _read(path: Path) -> pa.Table:
    with pa.OSFile(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


def _sorted(bucket: Path) -> pa.Table:
    table = _read(bucket).combine_chunks()
    order = pc.sort_indices(table["position"])
    return table.drop_columns("position").take(order).combine_chunks()


def _whole(tables: PlanTables, table: pa.Table, first: int) -> Iterator[pa.RecordBatch]:
    """Add what each link has of its slot; the table's links stand from position `first` on."""
    slots = tables.slots_between(first, first + table.num_rows - 1)
    of_slot = pa.array(np.repeat(np.arange(slots.num_rows), slots["links"].to_numpy()))
    columns = {name: table[name] for name in table.column_names}
    for name in ("host", "registered_domain", "shard", "domain_shards", "weight"):
        columns[name] = slots[name].combine_chunks().take(of_slot)
    wire_url = pc.coalesce(table["wire_url"], table["url"])  # see `crawler.plan.stage`
    columns["wire_url"] = pc.if_else(table["invalid_reason"].is_null(), wire_url, None)
    arrays = [columns[name] for name in LINKS_SCHEMA.names]
    yield from (
        pa.Table.from_arrays(arrays, names=LINKS_SCHEMA.names).cast(LINKS_SCHEMA).to_batches()
    )
