"""Columns → one JSON object a row, as orjson writes it, a column at a time.

Room: pure rules. Numbers, truths and plain text are what lists consist of; a batch with any other
column is spelled out cell by cell (`cells.as_json`). The tests hold the two together.
"""

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from crawler.plan import cells

_TO_ESCAPE = r'["\\\x00-\x1f]'  # RFC 8259, 7: what a JSON string may not hold as it is


def json_rows(columns: pa.RecordBatch, count: int) -> pa.Array:
    """Return a JSON object of each of `count` rows as a string array; nulls without a column."""
    if columns.num_columns == 0:  # such a batch forgets its length on the way to a process
        return pa.nulls(count, pa.string())
    names = columns.schema.names
    texts = [_texts(column) for column in columns.columns]
    if len(set(names)) < len(names) or any(text is None for text in texts):
        return pa.array(cells.extras(columns), pa.string())
    pieces: list[pa.Array | str] = ["{"]
    for name, (quote, text) in zip(names, filter(None, texts), strict=True):
        comma = "," if len(pieces) > 1 else ""
        pieces[-1] = f"{pieces[-1]}{comma}{cells.as_json(name)}:{quote}"
        pieces += [text, quote]
    pieces[-1] = f"{pieces[-1]}}}"
    return pc.binary_join_element_wise(*pieces, "")


# A column's cells as JSON, and what stands before and after each of them.
_Text = tuple[str, pa.Array]


def _texts(column: pa.Array) -> _Text | None:
    """Return the JSON text of each cell of a column, or None of a column of another kind."""
    plain = cells.decoded(column)
    kind = plain.type
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return "", pc.fill_null(plain.cast(pa.string()), "null")
    if kind in (pa.float32(), pa.float64()):
        return "", _floats(plain.cast(pa.float64()))
    if pa.types.is_string(kind):
        return _quoted(cells.caption(plain))
    if pa.types.is_null(kind):
        return "", pa.array(["null"]).take(pa.array([0] * len(plain)))
    return None


def _floats(column: pa.Array) -> pa.Array:
    """Let orjson write all numbers at once: its digits are not Arrow's."""
    if not len(column):
        return pa.array([], pa.string())
    numbers = column.to_numpy(zero_copy_only=False)  # nulls become NaN, and that null
    text = orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY).decode()
    return pc.split_pattern(pa.array([text[1:-1]], pa.large_string()), ",").values.cast(pa.string())


def _quoted(column: pa.Array) -> _Text:
    """Quote text; the few cells that hold what has to be escaped are written one by one."""
    if column.null_count == 0 and not _has_to_escape(column):
        return '"', column
    quoted = pc.binary_join_element_wise('"', column, '"', "")
    awkward = pc.fill_null(pc.match_substring_regex(column, _TO_ESCAPE), True)
    if not pc.any(awkward).as_py():
        return "", quoted
    written = [cells.as_json(cell) for cell in column.filter(awkward).to_pylist()]
    return "", pc.replace_with_mask(quoted, awkward, pa.array(written, pa.string()))


def _has_to_escape(column: pa.Array) -> bool:
    """Look for what has to be escaped in all cells at once."""
    _, offsets, content = column.buffers()
    if not len(column) or content is None:
        return False
    ends = np.frombuffer(offsets, np.int32)[[column.offset, column.offset + len(column)]]
    text = np.frombuffer(content, np.uint8)[ends[0] : ends[1]]
    return bool(((text < 0x20) | (text == ord('"')) | (text == ord("\\"))).any())
