"""Staged text and the places of links → links with their text, in the order of the run.

Room: disk. An external sort by position: every file of staged rows is dealt out to buckets, each
a stretch of the final order that fits in memory, and the buckets are read one after the other.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.plan.rows import STAGED_SCHEMA
from crawler.plan.tables import PlanTables
from crawler.records.link import LINKS_SCHEMA

_BUCKET_BYTES = 128 << 20
_MOST_BUCKETS = 400  # so many files are open at a time
_TEXT = [name for name in STAGED_SCHEMA.names if name in LINKS_SCHEMA.names and name != "link_id"]
_BATCH_ROWS = 10_000


def in_order(
    tables: PlanTables, staged: Sequence[Path], links: int, folder: Path
) -> Iterator[pa.RecordBatch]:
    """Yield all links, shard after shard, with the columns of `LINKS_SCHEMA` in its order."""
    bucket_rows = _bucket_rows(staged, links)
    folder.mkdir()
    buckets = [folder / f"{at}.arrow" for at in range(-(-links // bucket_rows))]
    _deal(tables, staged, buckets, bucket_rows)
    for bucket in buckets:
        yield from _sorted(bucket)
        bucket.unlink()


def by_shard(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Cut batches that are ordered by shard so that each holds one shard, and name it."""
    for batch in batches:
        ends = pc.run_end_encode(batch.column("shard"))
        for start, end in pairwise([0, *ends.run_ends.to_pylist()]):
            part = batch.slice(start, end - start)
            yield part.column("shard")[0].as_py(), part


def _bucket_rows(staged: Sequence[Path], links: int) -> int:
    """How many links a bucket holds, from the mean size of a staged row unpacked."""
    groups = [
        metadata.row_group(at)
        for metadata in map(pq.read_metadata, staged)
        for at in range(metadata.num_row_groups)
    ]
    row_bytes = sum(group.total_byte_size for group in groups) // sum(g.num_rows for g in groups)
    wanted = max(1000, min(250_000, _BUCKET_BYTES // max(1, row_bytes)))
    return int(max(wanted, -(-links // _MOST_BUCKETS)))


def _deal(
    tables: PlanTables, staged: Sequence[Path], buckets: Sequence[Path], bucket_rows: int
) -> None:
    with ExitStack() as stack:
        writers: dict[int, pa.ipc.RecordBatchFileWriter] = {}
        for path in staged:
            table = _with_text(tables, path)
            numbers = pc.divide(table["position"], pa.scalar(bucket_rows, pa.uint64()))
            runs = pc.run_end_encode(numbers.combine_chunks())
            starts = [0, *runs.run_ends.to_pylist()]
            for number, (start, end) in zip(runs.values.to_pylist(), pairwise(starts), strict=True):
                if number not in writers:
                    writer = pa.ipc.new_file(buckets[number], table.schema, options=_PACKED)
                    writers[number] = stack.enter_context(writer)
                writers[number].write_table(table.slice(start, end - start))


_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")


def _with_text(tables: PlanTables, path: Path) -> pa.Table:
    """Return the links whose first row is in a file of staged rows, in the order of position."""
    text = pq.read_table(path, columns=["row", *_TEXT])
    first = text["row"][0]
    placed = tables.placed_between(first.as_py(), text["row"][-1].as_py())
    taken = text.take(pc.subtract(placed["row"], first))
    for name in placed.schema.names:
        if name != "row":
            taken = taken.append_column(placed.schema.field(name), placed[name])
    return taken.drop_columns("row")


def _sorted(bucket: Path) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(bucket)) as file:
        table = pa.ipc.open_file(file).read_all().combine_chunks()
    order = pc.sort_indices(table["position"])
    table = table.select(LINKS_SCHEMA.names)
    for start in range(0, len(order), _BATCH_ROWS):
        yield from table.take(order.slice(start, _BATCH_ROWS)).to_batches()
