"""Rows on disk, read back by position."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from crawler.row_file import RowFile


@given(
    sizes=st.lists(st.integers(0, 200), max_size=5),
    reads=st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 200)), max_size=20),
)
def test_rows_are_read_in_any_order(sizes: list[int], reads: list[tuple[int, int]]) -> None:
    """Whatever was read before, a read gives the rows of its place, and fewer at the end."""
    schema = pa.schema([("n", pa.int64()), ("text", pa.string())])
    rows = [{"n": n, "text": str(n)} for n in range(sum(sizes))]
    left = iter(rows)
    batches = [
        pa.RecordBatch.from_pylist([next(left) for _ in range(size)], schema) for size in sizes
    ]
    file = RowFile(pa.RecordBatchReader.from_batches(schema, batches))
    assert list(file) == rows
    for start, count in reads:
        assert file.read(start, count) == rows[start : start + count]
    file.close()
