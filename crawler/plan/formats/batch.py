"""What every reader hands on: some rows of a file, as they were found.

Room: records. A batch may travel to another process, so it holds Arrow and plain values only.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from crawler.plan.columns import Columns
from crawler.urls import Reason

# Rows and bytes at which a reader hands on a batch, whichever comes first.
BATCH_ROWS = 65_536
BATCH_BYTES = 32 << 20
# How many rows recognition looks at.
SAMPLE_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Which columns to take in spite of recognition: names or 0-based positions."""

    url_column: str | None = None
    caption_column: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive rows of one file.

    `urls` holds the cells of the URL column; where `refused` names a row's position, the row as a
    whole is unusable for that reason and its cell is what there is of it. `known` has a column
    for each role of `columns`; `others` has the remaining columns, or their JSON text.
    """

    columns: Columns
    urls: pa.Array
    known: pa.RecordBatch
    others: pa.RecordBatch | pa.Array
    refused: Mapping[int, Reason] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.urls)

    def read(self) -> "Iterator[Batch]":
        """Yield the batch, as it is there already."""
        yield self


@dataclass(frozen=True, slots=True)
class Unread:
    """Consecutive rows of one file that are still to be read, by whoever parses them."""

    columns: Columns
    rows: int
    read: Callable[[], Iterator[Batch]]
