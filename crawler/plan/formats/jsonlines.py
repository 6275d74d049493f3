"""JSON Lines: every line an object, with whatever keys and types it has.

Room: disk. A line that is no JSON object is a row all the same: refused, as it was written.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pyarrow as pa

from crawler.plan import cells
from crawler.plan import columns as recognition
from crawler.plan.columns import Columns
from crawler.plan.formats.batch import BATCH_ROWS, SAMPLE_ROWS, Batch, ReadOptions
from crawler.plan.formats.lines import blocks
from crawler.plan.formats.parquet import record_batch
from crawler.plan.sources import SourceFile, opened
from crawler.urls import Reason, as_text


def read(file: SourceFile, options: ReadOptions) -> Iterator[Batch]:
    """Yield the file's lines; a row is a line, empty ones included."""
    with opened(file) as stream:
        columns = None
        for lines in blocks(stream, BATCH_ROWS):
            objects = [_object(line) for line in lines]
            columns = columns or _choose(objects, options)
            yield _batch(lines, objects, columns)


def _object(line: bytes) -> dict[str, Any] | None:
    """Return a line's object, or None. Python's parser also takes NaN and broken UTF-8."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        try:
            value = json.loads(line.decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def _choose(objects: Sequence[dict[str, Any] | None], options: ReadOptions) -> Columns:
    sample = [row for row in objects if row][:SAMPLE_ROWS]
    names = list(dict.fromkeys(name for row in sample for name in row))
    return recognition.choose(
        [as_text(name) for name in names],
        [[row.get(name) for name in names] for row in sample],
        url_column=options.url_column,
        caption_column=options.caption_column,
    )


def _batch(
    lines: Sequence[bytes], objects: Sequence[dict[str, Any] | None], columns: Columns
) -> Batch:
    names = {columns.names[at] for at in (columns.url, *(at for _, at in columns.roles))}
    urls: list[bytes | None] = []
    refused: dict[int, Reason] = {}
    for at, (line, row) in enumerate(zip(lines, objects, strict=True)):
        cell, reason = (line, None) if row is None else _url(row.get(columns.names[columns.url]))
        if row is None and line.strip():
            reason = Reason.UNREADABLE
        if reason is not None:
            refused[at] = reason
        urls.append(cell)
    known = {
        role: pa.array(
            [_scalar((row or {}).get(columns.names[at])) for row in objects], pa.string()
        )
        for role, at in columns.roles
    }
    others = [_others(row, names) for row in objects]
    return Batch(
        columns, pa.array(urls, pa.large_binary()), record_batch(known, len(lines)),
        pa.array(others, pa.large_string()), refused,
    )  # fmt: skip


def _url(value: object) -> tuple[bytes | None, Reason | None]:
    """Return a URL cell as the bytes it was written in, and why it cannot be used, if so."""
    if value is None:
        return None, None
    if not isinstance(value, str):
        return cells.as_json(value).encode(), Reason.NOT_TEXT
    try:
        return value.encode("utf-8", "surrogateescape"), None
    except UnicodeEncodeError:
        return as_text(value).encode(), Reason.NOT_UTF8


def _scalar(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else as_text(value)
    return cells.as_json(value)


def _others(row: dict[str, Any] | None, taken: set[str]) -> str | None:
    rest = {name: value for name, value in (row or {}).items() if name not in taken}
    return cells.as_json(rest) if rest else None
