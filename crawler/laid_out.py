"""A shard's links, a stretch at a time, with what SQL makes of each: any length, the same memory.

Room: disk. A plan leaves the links of a host together (`crawler/plan/sql/hosts.sql`), so that nothing
wide is sorted or joined: a stretch of links with what is known of it, and the hosts after that.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.alongside import Alongside
from crawler.by_time import HOSTS_SCHEMA
from crawler.records.errors import RunFailed
from crawler.records.link import LINKS_SCHEMA
from crawler.row_file import RowFile

BATCH_ROWS = 2048
_STRETCH_ROWS = 20_000
_STRETCH_BYTES = 4 << 20  # of URLs, on average: DuckDB sorts them in what it may have
_HOSTS_AT_ONCE = 1 << 14
_COLUMNS = [
    "link_id", "url", "wire_url", "scheme", "host", "port", "registered_domain", "domain_shards",
    "invalid_reason",
]  # fmt: skip
_NO_LINKS = LINKS_SCHEMA.empty_table().select(_COLUMNS)
_Run = tuple[str, str, int, int, int]  # as HOSTS_SCHEMA


def no_links(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the name `links` to none, for views to be made of it."""
    connection.register("links", _NO_LINKS)


def each(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    known: Mapping[str, Alongside],
    sql: str,
) -> RowFile:
    """Return what a query says of `links`, which is one stretch of the files after the other.

    The query may ask what is `known` of it as well, by its name.
    """
    answers = _answers(connection, files, known, sql)
    schema = next(answers).schema
    batches = itertools.chain.from_iterable(answers)
    return RowFile(pa.RecordBatchReader.from_batches(schema, batches))


def hosts_of(due: RowFile) -> Iterator[pa.RecordBatch]:
    """Yield where the links of each host begin in `due` and how many they are (`HOSTS_SCHEMA`).

    Raises RunFailed where the links of a host are not together.
    """
    whole = _whole_runs(_runs(due))
    while some := list(itertools.islice(whole, _HOSTS_AT_ONCE)):
        columns = [list(column) for column in zip(*some, strict=True)]
        yield pa.record_batch(columns, schema=HOSTS_SCHEMA)


def _answers(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    known: Mapping[str, Alongside],
    sql: str,
) -> Iterator[pa.RecordBatchReader]:
    """Ask of no link first: that tells the columns whatever there is."""
    stop = 0
    for stretch in itertools.chain([_NO_LINKS], _stretches(files)):
        start, stop = stop, stop + stretch.num_rows
        connection.register("links", stretch)
        for name, rows in known.items():
            connection.register(name, rows.between(start, stop))
        yield connection.sql(sql).to_arrow_reader(BATCH_ROWS)


def _stretches(files: Sequence[str]) -> Iterator[pa.Table]:
    """Cut the files into tables of `_STRETCH_ROWS` rows, or of fewer where URLs are long."""
    for path in files:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            for group in range(file.num_row_groups):
                rows = _rows_at_once(file.metadata.row_group(group))
                for batch in file.iter_batches(
                    rows, row_groups=[group], columns=_COLUMNS, use_threads=False
                ):
                    yield pa.Table.from_batches([batch])


def _rows_at_once(group: pq.RowGroupMetaData) -> int:
    columns = map(group.column, range(group.num_columns))
    texts = [one for one in columns if one.path_in_schema in {"url", "wire_url"}]
    row_bytes = sum(one.total_uncompressed_size for one in texts) // max(1, group.num_rows)
    return max(1, min(_STRETCH_ROWS, _STRETCH_BYTES // max(1, int(row_bytes))))


def _whole_runs(runs: Iterator[_Run]) -> Iterator[_Run]:
    """Put together what a batch's end had cut. Raises RunFailed where a host comes twice."""
    last: _Run | None = None
    for run in runs:
        if last is not None and last[:2] == run[:2]:
            run = (*last[:4], last[4] + run[4])  # noqa: PLW2901
        elif last is not None:
            if (last[1], last[0]) > (run[1], run[0]):
                text = f"the links of {run[0]} are not where a plan puts them; plan the run anew"
                raise RunFailed(text)
            yield last
        last = run
    if last is not None:
        yield last


def _runs(due: RowFile) -> Iterator[_Run]:
    first = 0
    for batch in due.batches():
        ends = pc.run_end_encode(batch["host"])
        cuts = [0, *ends.run_ends.to_pylist()]
        firsts = batch.select(["registered_domain", "domain_shards"]).take(pa.array(cuts[:-1]))
        names = zip(ends.values.to_pylist(), *(c.to_pylist() for c in firsts.columns), strict=True)
        for (start, end), (host, domain, shards) in zip(pairwise(cuts), names, strict=True):
            yield host, domain, shards, first + start, end - start
        first += batch.num_rows
