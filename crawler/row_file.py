"""Rows on disk, read back by position: what is too long to be kept in memory.

Room: disk.
"""

import bisect
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from crawler.unnamed import unnamed

_READ_AHEAD = 128  # rows that are decoded at a time, as one by one costs ten times as much


class RowFile:
    """The rows of an Arrow stream, in an unnamed temporary file."""

    def __init__(self, batches: pa.RecordBatchReader) -> None:
        self._starts: list[int] = []
        self.rows = 0
        self._file, self._reader = unnamed(batches.schema, self._noted(batches))
        self._ahead: tuple[int, list[dict[str, Any]]] = (0, [])

    def _noted(self, batches: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            self._starts.append(self.rows)
            self.rows += batch.num_rows
            yield batch

    def read(self, start: int, count: int) -> list[dict[str, Any]]:
        """Return `count` rows from row `start` on, fewer at the end."""
        stop = min(start + count, self.rows)
        first, rows = self._ahead
        if first <= start <= stop <= first + len(rows):
            return rows[start - first : stop - first]
        if not first <= start < first + len(rows) + _READ_AHEAD:
            return self._decode(start, stop)  # here and there; what is read in order goes on
        rows = self._decode(start, min(start + max(count, _READ_AHEAD), self.rows))
        self._ahead = (start, rows)
        return rows[: stop - start]

    def _decode(self, start: int, stop: int) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while (at := start + len(rows)) < stop:
            number = bisect.bisect_right(self._starts, at) - 1
            batch = self._reader.get_batch(number)
            columns = batch.slice(at - self._starts[number], stop - at).to_pydict()
            rows.extend(
                dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
            )
        return rows

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield every row in order."""
        for batch in self.batches():
            yield from batch.to_pylist()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows as they were taken, a batch at a time."""
        for number in range(self._reader.num_record_batches):
            yield self._reader.get_batch(number)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
