"""Cells of any type become the typed columns of `links`, or null."""

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.plan import cells
from crawler.plan.json_rows import json_rows


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([10, -1, 0, None, 2**40], pa.int64()), [10, None, None, None, None]),
        (pa.array([10.0, float("nan"), float("inf"), 0.5]), [10, None, None, 0]),
        (pa.array(["10", " 7 ", "600.0", "ten", "", "-5", "9" * 30]), [10, 7, 600, *[None] * 4]),
        (pa.array([True, False]), [None, None]),
        (pa.array([[1], [2]]), [None, None]),
    ],
)
def test_pixels(column: pa.Array, expected: list[int | None]) -> None:
    """A size is a positive number that fits, in whatever type it is written; all else is null."""
    assert cells.pixels(column).to_pylist() == expected


def test_digests() -> None:
    """A digest is lower-case hex of its length; all else is null."""
    column = pa.array(["AB" * 32, " " + "cd" * 32, "ab" * 31, "xy" * 32, None])
    found = cells.promised("expected_sha256", column).to_pylist()
    assert found == ["ab" * 32, "cd" * 32, None, None, None]
    assert cells.promised("expected_md5", pa.array(["CD" * 16, 5 * "x"])).to_pylist() == [
        "cd" * 16,
        None,
    ]


@given(
    st.lists(
        st.tuples(st.floats() | st.none(), st.text() | st.none(), st.integers(-(2**63), 2**63 - 1)),
        min_size=1,
    )
)
def test_extras_are_json(rows: list[tuple[float | None, str | None, int]]) -> None:
    """The other columns are one JSON object a row, NaN and infinities being null.

    Written a column at a time it is what orjson writes of each row, byte by byte.
    """
    batch = pa.RecordBatch.from_pydict(
        {
            "a": pa.array([row[0] for row in rows], pa.float64()),
            "b": pa.array([row[1] for row in rows], pa.string()),
            "c": pa.array([row[2] for row in rows], pa.int64()),
        }
    )
    written = json_rows(batch, len(rows)).to_pylist()
    assert written == cells.extras(batch)
    for row, text in zip(rows, written, strict=True):
        found = json.loads(text or "", parse_constant=pytest.fail)
        finite = row[0] if row[0] is not None and abs(row[0]) < float("inf") else None
        assert found == {"a": finite, "b": row[1], "c": row[2]}


def test_odd_extras() -> None:
    """Bytes, nested text that is no UTF-8 and huge numbers do not stop a row."""
    broken = pa.array([[b"\xff"]], pa.list_(pa.binary())).cast(pa.list_(pa.binary()))
    nested = pa.ListArray.from_arrays(
        broken.offsets, pa.Array.from_buffers(pa.string(), 1, broken.values.buffers())
    )
    batch = pa.RecordBatch.from_pydict({"a": pa.array([b"\xff"]), "b": nested})
    assert json_rows(batch, 1).to_pylist() == ['{"a":"\\\\udcff","b":null}']
    assert cells.as_json({"n": 2**70}) == json.dumps(repr({"n": 2**70}))
