"""Rows on disk, read back by position: what is too long to be kept in memory.

Room: disk. The file has no name, so that nothing is left of it when its owner dies.
"""

import bisect
import tempfile
from collections.abc import Iterator
from typing import Any

import pyarrow as pa


class RowFile:
    """The rows of an Arrow stream, in an unnamed temporary file."""

    def __init__(self, batches: pa.RecordBatchReader) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `close`)
        self._starts: list[int] = []
        self.rows = 0
        with pa.ipc.new_file(self._file, batches.schema) as sink:
            for batch in batches:
                self._starts.append(self.rows)
                sink.write_batch(batch)
                self.rows += batch.num_rows
        self._file.flush()
        self._reader = pa.ipc.open_file(pa.PythonFile(self._file, mode="r"))
        self._batch: tuple[int, Any] = (-1, None)

    def read(self, start: int, count: int) -> list[dict[str, Any]]:
        """Return `count` rows from row `start` on, fewer at the end."""
        rows: list[dict[str, Any]] = []
        stop = min(start + count, self.rows)
        while (at := start + len(rows)) < stop:
            number = bisect.bisect_right(self._starts, at) - 1
            if self._batch[0] != number:
                self._batch = (number, self._reader.get_batch(number))
            offset = at - self._starts[number]
            rows.extend(self._batch[1].slice(offset, stop - at).to_pylist())
        return rows

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield every row in order."""
        for number in range(self._reader.num_record_batches):
            yield from self._reader.get_batch(number).to_pylist()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
