"""Rows of segments: those of every file in turn, as the table has them now."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.segment_rows import segment_rows

SCHEMA = pa.schema(
    [
        pa.field("link_id", pa.uint64(), nullable=False),
        pa.field("attempt", pa.uint8()),
        pa.field("host", pa.string()),
    ]
)
Row = dict[str, Any]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "link_id": st.integers(0, 2**64 - 1),
            "attempt": st.none() | st.integers(0, 255),
            "host": st.none() | st.text("ab.", max_size=3),
        }
    ),
    max_size=4,
)
# A file of another version lacks columns that may be null, and has its own in another order.
COLUMNS = st.sets(st.sampled_from(["attempt", "host"])).flatmap(
    lambda some: st.permutations(["link_id", *sorted(some)])
)


@given(
    st.lists(st.tuples(ROWS, COLUMNS), max_size=4),
    st.lists(st.sampled_from(SCHEMA.names), min_size=1, unique=True),
)
def test_every_file_is_read_by_the_names_of_its_columns(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[tuple[list[Row], list[str]]],
    names: list[str],
) -> None:
    """Each row says what was written, in the files' order, and null where its file says nothing."""
    folder = tmp_path_factory.mktemp("segments")
    paths = [write(folder / f"{at}.parquet", *file) for at, file in enumerate(files)]
    found = segment_rows(paths, SCHEMA, names).read_all()
    assert found.schema == pa.schema([SCHEMA.field(name) for name in names])
    assert found.to_pylist() == [
        {name: row[name] if name in columns else None for name in names}
        for rows, columns in files
        for row in rows
    ]


def test_a_file_is_opened_when_the_one_before_is_read(tmp_path: Path) -> None:
    """Of ten thousand segments one is open at a time: what is not there yet can be written meanwhile."""
    rows = [{"link_id": 1, "attempt": 1, "host": "a"}]
    first = write(tmp_path / "0.parquet", rows, SCHEMA.names)
    reader = segment_rows([first, tmp_path / "1.parquet"], SCHEMA, ["link_id"])
    assert reader.read_next_batch().num_rows == 1
    write(tmp_path / "1.parquet", [*rows, *rows], SCHEMA.names)
    assert reader.read_all().num_rows == 2


def write(path: Path, rows: list[Row], columns: list[str]) -> Path:
    """Write rows to a file that has only some columns."""
    schema = pa.schema([SCHEMA.field(name) for name in columns])
    pq.write_table(pa.Table.from_pylist(rows, schema), path)
    return path
