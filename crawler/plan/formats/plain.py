"""Plain text: every line is a URL.

Room: disk.
"""

from collections.abc import Iterator

import pyarrow as pa

from crawler.plan.columns import Columns
from crawler.plan.formats.batch import BATCH_ROWS, Batch, ReadOptions
from crawler.plan.formats.lines import blocks
from crawler.plan.sources import SourceFile, opened

_COLUMNS = Columns(("line",), 0, "every line is a URL", header=False)


def read(file: SourceFile, options: ReadOptions) -> Iterator[Batch]:  # noqa: ARG001 - a line has no columns
    """Yield the file's lines; a row is a line, empty ones included."""
    with opened(file) as stream:
        for lines in blocks(stream, BATCH_ROWS):
            urls = pa.array(lines, pa.large_binary())
            yield Batch(_COLUMNS, urls, _nothing(len(lines)), _nothing(len(lines)))


def _nothing(rows: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))
