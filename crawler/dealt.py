"""Rows dealt into numbered buckets on disk, to be read back one bucket at a time.

Room: disk.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crawler.unnamed import unnamed

Numbers = npt.NDArray[np.uint64]


class DealtRows:
    """The rows of an Arrow stream in an unnamed temporary file, each in the bucket it was dealt into."""

    def __init__(
        self,
        schema: pa.Schema,
        batches: Iterable[pa.RecordBatch],
        bucket_of: Callable[[pa.RecordBatch], Numbers],
    ) -> None:
        self.schema = schema
        self.rows = 0
        self._bucket_of = bucket_of
        self._places: defaultdict[int, list[int]] = defaultdict(list)  # bucket → numbers of batches
        self._file, self._reader = unnamed(schema, self._noted(batches))

    @property
    def buckets(self) -> list[int]:
        """Return the buckets that hold rows, in order."""
        return sorted(self._places)

    def read(self, bucket: int) -> pa.Table:
        """Return the rows of a bucket, in the order in which they came."""
        return pa.Table.from_batches(self.batches(bucket), schema=self.schema)

    def batches(self, bucket: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a bucket, in the order in which they came, some at a time."""
        return map(self._reader.get_batch, self._places.get(bucket, ()))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _noted(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        dealt = itertools.chain.from_iterable(map(self._dealt, batches))
        for written, (bucket, rows) in enumerate(dealt):
            self._places[bucket].append(written)
            self.rows += rows.num_rows
            yield rows

    def _dealt(self, batch: pa.RecordBatch) -> Iterable[tuple[int, pa.RecordBatch]]:
        buckets = self._bucket_of(batch)
        order = np.argsort(buckets, kind="stable")
        found, starts = np.unique(buckets[order], return_index=True)
        dealt = batch.take(pa.array(order))
        ends = [*starts[1:].tolist(), batch.num_rows]
        for bucket, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True):
            yield bucket, dealt.slice(start, end - start)
