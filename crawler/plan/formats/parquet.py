"""Parquet, by pyarrow.

Room: disk. Batches are cut by bytes as well as by rows, since a cell may be a whole picture.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.implementations.local import LocalFileSystem

from crawler.plan import cells
from crawler.plan import columns as recognition
from crawler.plan.columns import Columns
from crawler.plan.formats.batch import (
    BATCH_BYTES,
    BATCH_ROWS,
    SAMPLE_ROWS,
    Batch,
    ReadOptions,
    Unread,
)
from crawler.plan.sources import SourceFile, Unreadable, opened, reading


def read(file: SourceFile, options: ReadOptions) -> Iterator[Batch | Unread]:
    """Yield the file's rows: small row groups to be read elsewhere, others batch by batch."""
    with opened(file, seekable=True) as stream:
        table = _table(stream)
        head = next(table.iter_batches(batch_size=SAMPLE_ROWS), None)
        if head is None:
            return
        columns = _choose(head, options)
        if isinstance(file.file_system, LocalFileSystem) and _is_in_small_groups(file, table):
            for rows, groups in _together(table):
                yield Unread(columns, rows, partial(_read_groups, file, groups, columns))
            return
        for rows in table.iter_batches(batch_size=_batch_rows(table)):
            yield _batch(rows, columns)


def _is_in_small_groups(file: SourceFile, table: pq.ParquetFile) -> bool:
    groups = (table.metadata.row_group(at) for at in range(table.num_row_groups))
    return file.compression is None and all(
        group.num_rows <= 2 * BATCH_ROWS and group.total_byte_size <= BATCH_BYTES
        for group in groups
    )


def _together(table: pq.ParquetFile) -> Iterator[tuple[int, list[int]]]:
    """Yield the row groups that make up a batch, and how many rows they have."""
    rows = size = 0
    groups: list[int] = []
    for at in range(table.num_row_groups):
        group = table.metadata.row_group(at)
        rows, size, groups = rows + group.num_rows, size + group.total_byte_size, [*groups, at]
        if rows >= BATCH_ROWS or size >= BATCH_BYTES:
            yield rows, groups
            rows, size, groups = 0, 0, []
    if groups:
        yield rows, groups


def _read_groups(file: SourceFile, groups: list[int], columns: Columns) -> Iterator[Batch]:
    with reading(file), opened(file, seekable=True) as stream:
        table = _table(stream)
        for rows in table.iter_batches(
            batch_size=2 * _batch_rows(table), row_groups=groups, use_threads=False
        ):
            yield _batch(rows, columns)


def _table(stream: BinaryIO) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(stream)
    except UnicodeDecodeError as error:
        raise Unreadable("the name of a column is not UTF-8") from error


def _choose(rows: pa.RecordBatch, options: ReadOptions) -> Columns:
    head = rows.slice(0, SAMPLE_ROWS)
    sample = list(zip(*(_cells(column) for column in head.columns), strict=True))
    return recognition.choose(
        rows.schema.names,
        sample,
        url_column=options.url_column,
        caption_column=options.caption_column,
    )


def _cells(column: pa.Array) -> list[Any]:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return cells.values(column)
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        raw = column.cast(pa.large_binary()).to_pylist()
        return [None if cell is None else cell.decode("utf-8", "replace") for cell in raw]


def _batch(rows: pa.RecordBatch, columns: Columns) -> Batch:
    known = {role: rows.column(at) for role, at in columns.roles}
    names = [columns.names[at] for at in columns.others]
    others = [rows.column(at) for at in columns.others]
    return Batch(
        columns, rows.column(columns.url), record_batch(known, rows.num_rows),
        record_batch(dict(zip(names, others, strict=True)), rows.num_rows),
    )  # fmt: skip


def record_batch(columns: dict[str, pa.Array], rows: int) -> pa.RecordBatch:
    """Return a record batch that knows its length even without a column."""
    if not columns:
        return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))
    return pa.RecordBatch.from_pydict(columns)


def _batch_rows(table: pq.ParquetFile) -> int:
    groups = [table.metadata.row_group(at) for at in range(table.num_row_groups)]
    row_bytes = max(
        (group.total_byte_size // max(group.num_rows, 1) for group in groups), default=0
    )
    return int(max(64, min(BATCH_ROWS, BATCH_BYTES // max(row_bytes, 1))))
