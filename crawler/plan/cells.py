"""Cells of every type that a format may hold → the typed columns of `links`.

Room: pure rules. What does not fit its column becomes null; nothing here raises for what a
dataset holds.
"""

from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from crawler.plan.columns import MD5, PHASH, SHA256
from crawler.urls import as_text

# What pyarrow raises of a cell that has no Python value: of its range, its text or its time zone.
_NO_VALUE = (ArithmeticError, LookupError, ValueError, pa.ArrowException)
_NUMBER = r"^[0-9]{1,10}(?:\.[0-9]*)?$"


def texts(cells: pa.Array) -> list[str | None]:
    """Return cells as Python text. Bytes that are not UTF-8 become surrogates (see `as_text`)."""
    plain = decoded(cells)
    if not is_text(plain.type):
        return [None if cell is None else as_json(cell) for cell in values(plain)]
    as_bytes = plain.cast(pa.large_binary())
    try:
        return list(as_bytes.cast(pa.large_string()).to_pylist())
    except pa.ArrowInvalid:
        raw = as_bytes.to_pylist()
        return [None if cell is None else cell.decode("utf-8", "surrogateescape") for cell in raw]


def caption(cells: pa.Array) -> pa.Array:
    """Return cells as a string array; what is no character is spelled out."""
    plain = decoded(cells)
    if plain.type == pa.string():
        try:
            plain.validate(full=True)
        except pa.ArrowInvalid:
            pass
        else:
            return plain
    spelled = [None if text is None else as_text(text) for text in texts(plain)]
    return pa.array(spelled, pa.string())


def pixels(cells: pa.Array) -> pa.Array:
    """Return a width or height as int32; null for what is no size (NaN, negative, text)."""
    plain = decoded(cells)
    if is_text(plain.type):
        trimmed = pc.utf8_trim_whitespace(caption(plain))
        plain = pc.if_else(pc.match_substring_regex(trimmed, _NUMBER), trimmed, None)
    elif not (pa.types.is_integer(plain.type) or pa.types.is_floating(plain.type)):
        return pa.nulls(len(plain), pa.int32())
    number = plain.cast(pa.float64(), safe=False)
    fits = pc.and_(pc.greater(number, 0), pc.less(number, 2**31))
    return pc.floor(pc.if_else(fits, number, None)).cast(pa.int32())


def _hexadecimal(cells: pa.Array, pattern: str) -> pa.Array:
    lowered = pc.ascii_lower(pc.utf8_trim_whitespace(caption(cells)))
    return pc.if_else(pc.match_substring_regex(lowered, pattern), lowered, None)


def promised(role: str, cells: pa.Array) -> pa.Array:
    """Return the cells of a column with a role (`Columns.roles`) in the type `links` has."""
    match role:
        case "caption":
            return caption(cells)
        case "width" | "height":
            return pixels(cells)
        case "expected_sha256":
            return _hexadecimal(cells, SHA256)
        case "expected_md5":
            return _hexadecimal(cells, MD5)
        case "expected_phash":
            return _hexadecimal(cells, PHASH)
    raise AssertionError(role)


def extras(columns: pa.RecordBatch) -> list[str]:
    """Return a JSON object of the columns, one or more, for each row; NaN is null."""
    names = columns.schema.names
    rows = zip(*(_json_ready(column) for column in columns.columns), strict=True)
    return [as_json(dict(zip(names, row, strict=True))) for row in rows]


def as_json(cell: object) -> str:
    """Return any cell as compact JSON text; NaN is null."""
    try:
        return orjson.dumps(cell, default=_spell, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # an integer over 64 bits, a lone surrogate, nesting without end
        return orjson.dumps(repr(cell).encode("utf-8", "replace").decode()).decode()


def _json_ready(column: pa.Array) -> list[Any]:
    plain = decoded(column)
    return list(caption(plain).to_pylist()) if is_text(plain.type) else values(plain)


def values(cells: pa.Array) -> list[Any]:
    """Return cells as Python values, each for itself where not all have one.

    A moment or a span that Python cannot hold (a date after the year 9999, a time zone that nobody
    knows) is its number of units; what holds such a thing, or text that is not UTF-8, is null.
    """
    try:
        return list(cells.to_pylist())
    except _NO_VALUE:
        return [_value(cell) for cell in cells]


def _value(cell: pa.Scalar) -> Any:
    try:
        return cell.as_py()
    except _NO_VALUE:
        number = getattr(cell, "value", None)
        return number if isinstance(number, int) else None


def _spell(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def decoded(cells: pa.Array) -> pa.Array:
    """Undo dictionary encoding and views; keep the rest."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    return cells.cast(pa.string()) if cells.type == pa.string_view() else cells


def is_text(kind: pa.DataType) -> bool:
    """Tell whether cells of a type are text, or bytes that may be, or nothing at all."""
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_binary_view(kind)
        or pa.types.is_null(kind)
    )
