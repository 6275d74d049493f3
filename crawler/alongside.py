"""What is known of a shard's links, found for all of them at once and kept by where the links lie.

Room: disk. However long a shard: rows and links are dealt into buckets by `link_id`, joined a bucket
at a time, and dealt again by the `place` of their link, which says the how many-th of its shard it is.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crawler.dealt import DealtRows, Numbers

_JOINED_AT_ONCE = 200_000
_BUCKET_PLACES = 50_000
_BATCH_ROWS = 50_000
_PLACES_SCHEMA = pa.schema([("link_id", pa.uint64()), ("place", pa.uint64())])


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask: `every` for rows with a `link_id`; `joined` for what is known of their links.

    The latter asks `every_row` and `places`, and tells `link_id` and `place`.
    """

    every: str
    joined: str
    parameters: dict[str, Any]


class Alongside:
    """What a question tells of each link, by where in its shard it lies."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: Sequence[str],
        links: int,
        question: Question,
    ) -> None:
        """Ask of so many `links`, which are in `files`."""
        buckets = max(1, -(-links // _JOINED_AT_ONCE))

        def bucket_of(batch: pa.RecordBatch) -> Numbers:
            return _numbers(batch, "link_id") % buckets

        every = connection.sql(question.every, params=question.parameters)
        rows = every.to_arrow_reader(_BATCH_ROWS)
        with (
            closing(DealtRows(_PLACES_SCHEMA, _places(files), bucket_of)) as places,
            closing(DealtRows(rows.schema, rows, bucket_of)) as known,
        ):
            joined = _joined(connection, question.joined, places, known, buckets)
            first = next(joined)
            batches = itertools.chain(first, itertools.chain.from_iterable(joined))
            self._rows = DealtRows(first.schema, batches, _stretch_of)
        self.count = self._rows.rows

    def between(self, start: int, stop: int) -> pa.Table:
        """Return what is known of the links from one place up to another, and of some around them."""
        buckets = range(start // _BUCKET_PLACES, -(-stop // _BUCKET_PLACES))
        return pa.concat_tables([self.nothing, *map(self._rows.read, buckets)])

    @property
    def nothing(self) -> pa.Table:
        """Return what is known of no link: the columns."""
        return self._rows.schema.empty_table()

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()


def _joined(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    places: DealtRows,
    known: DealtRows,
    buckets: int,
) -> Iterator[pa.RecordBatchReader]:
    for bucket in range(buckets):
        connection.register("places", places.read(bucket))
        connection.register("every_row", known.read(bucket))
        yield connection.sql(sql).to_arrow_reader(_BATCH_ROWS)


def _stretch_of(batch: pa.RecordBatch) -> Numbers:
    return _numbers(batch, "place") // _BUCKET_PLACES


def _numbers(batch: pa.RecordBatch, column: str) -> Numbers:
    numbers: Numbers = batch[column].to_numpy()
    return numbers


def _places(files: Sequence[str]) -> Iterator[pa.RecordBatch]:
    first = 0
    for path in files:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            for batch in file.iter_batches(_BATCH_ROWS, columns=["link_id"], use_threads=False):
                places = np.arange(first, first + batch.num_rows, dtype=np.uint64)
                yield pa.record_batch([batch["link_id"], places], schema=_PLACES_SCHEMA)
                first += batch.num_rows
