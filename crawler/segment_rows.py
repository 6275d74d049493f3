"""Rows of segments, one file after the other, with the columns that their table has now.

Room: disk. A shard that was walked for days has ten thousand segments. DuckDB holds a hundred kilobytes
of each that it reads by the names of its columns; here one file is open at a time (docs/decisions/0129).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_BATCH_ROWS = 50_000


def segment_rows(
    paths: Sequence[Path], schema: pa.Schema, names: Sequence[str]
) -> pa.RecordBatchReader:
    """Return some columns of a table's segments, to be read once.

    A column that another version did not write is null. Reading raises OSError and ArrowException.
    """
    wanted = pa.schema([schema.field(name) for name in names])
    return pa.RecordBatchReader.from_batches(wanted, _batches(paths, wanted))


def shaped(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the same rows with a table's columns and types; columns that are not there are null."""
    columns = [
        batch.column(field.name).cast(field.type)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _batches(paths: Sequence[Path], wanted: pa.Schema) -> Iterator[pa.RecordBatch]:
    for path in paths:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            there = sorted(set(wanted.names).intersection(file.schema_arrow.names))
            for batch in file.iter_batches(_BATCH_ROWS, columns=there, use_threads=False):
                yield shaped(batch, wanted)
