"""A plan's tables → Parquet files that outlive a power cut.

Room: disk. Files get the names of segments (`crawler.records.layout`), so that everybody who
lists a run's folders reads them alike.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from crawler.records.layout import segment_name
from crawler.sealed import write_sealed
from storage.folder import sync

# A crawl reads a shard host by host: small groups let it skip, large files spare the listing.
_GROUP_ROWS = 50_000
_FILE_ROWS = 2_000_000
# Columns that are another text in nearly every row: looking for repetitions would be in vain.
_SINGULAR = {
    "link_id", "url", "wire_url", "caption", "extra", "source_row", "expected_sha256",
    "expected_md5", "expected_phash",
}  # fmt: skip


def write_table(folder: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Write batches in order to one or more files in a new folder; return how many rows.

    A table without a row is one file without a row.
    """
    folder.mkdir(parents=True)
    rows = 0
    for number, groups in enumerate(_files_of(_groups(batches, schema))):
        rows += _write_file(folder / segment_name(number), schema, groups)
    if rows == 0:
        _write_file(folder / segment_name(0), schema, [])
    sync(folder)
    return rows


def write_file(path: Path, table: pa.Table) -> None:
    """Write one table to one file."""
    _write_file(path, table.schema, [table])


def _write_file(path: Path, schema: pa.Schema, groups: Iterable[pa.Table]) -> int:
    repeating = [name for name in schema.names if name not in _SINGULAR]
    return write_sealed(path, schema, groups, group_rows=_GROUP_ROWS, repeating=repeating)


def _groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Gather batches into tables of `_GROUP_ROWS` rows; the last one may be smaller."""
    waiting: list[pa.Table] = []
    count = 0
    for batch in batches:
        table = pa.Table.from_batches([batch]).cast(schema)
        while count + table.num_rows >= _GROUP_ROWS:
            missing = _GROUP_ROWS - count
            yield pa.concat_tables([*waiting, table.slice(0, missing)])
            table = table.slice(missing)
            waiting, count = [], 0
        if table.num_rows:
            waiting.append(table)
            count += table.num_rows
    if waiting:
        yield pa.concat_tables(waiting)


def _files_of(groups: Iterator[pa.Table]) -> Iterator[Iterator[pa.Table]]:
    """Cut a stream of groups into files; each must be read before the next is asked for."""
    for first in groups:
        yield _until_full(first, groups)


def _until_full(first: pa.Table, groups: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    written = first.num_rows
    while written < _FILE_ROWS and (group := next(groups, None)) is not None:
        yield group
        written += group.num_rows
