"""CSV and tab-separated lists, with a header that names columns or without one.

Room: disk. Without a header the first cell that looks like a hash is the hash, and a cell that
names a kind is its kind; other cells are left out, for they may say anything of anybody.
"""

import csv
from collections.abc import Iterator
from typing import BinaryIO

from analysis.hash_lists.entry import Raw, Unreadable
from analysis.hash_lists.fields import names_a_hash, raw_entries
from analysis.hash_lists.judge import kind_of
from analysis.hash_lists.opened import lines_of, text_of

_DELIMITERS = ",\t;|"
_LEAST_HASH = 22  # characters of the shortest hash, an MD5 in base64


def is_delimited(head: str) -> bool:
    """Tell whether the first line that says anything has cells, or is the header of one column."""
    first = next((line for line in head.splitlines() if _says(line)), "")
    return _delimiter(first) is not None or names_a_hash([first.strip('"')])


def read(content: BinaryIO) -> Iterator[Raw | Unreadable]:
    """Yield the hashes of each row."""
    lines = (line for line in lines_of(text_of(content)) if line is None or _says(line))
    first = next(lines, None)
    if first is None:
        return
    delimiter = _delimiter(first) or ","
    header = _cells(first, delimiter)
    if not names_a_hash(header) or any(_may_be_hash(cell) for cell in header):
        yield from _row(header)
        header = []
    for line in lines:
        if line is None:
            yield Unreadable("a line too long for a hash")
            continue
        try:
            cells = _cells(line, delimiter)
        except csv.Error:
            yield Unreadable("a row that is no CSV")
            continue
        yield from _named(header, cells) if header else _row(cells)


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _delimiter(line: str) -> str | None:
    counts = {mark: line.count(mark) for mark in _DELIMITERS}
    most = max(counts, key=lambda mark: counts[mark])
    return most if counts[most] else None


def _cells(line: str, delimiter: str) -> list[str]:
    """Take one line apart: a cell of a hash list that has line ends in it loses what is after them."""
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _named(header: list[str], cells: list[str]) -> Iterator[Raw | Unreadable]:
    found: list[Raw | Unreadable] = list(raw_entries(dict(zip(header, cells, strict=False))))
    yield from found or [Unreadable("a row without a hash")]


def _row(cells: list[str]) -> Iterator[Raw | Unreadable]:
    hashes = [cell for cell in cells if _may_be_hash(cell)]
    kind = next((cell for cell in cells if kind_of(cell) is not None), None)
    yield Raw(hashes[0], kind) if hashes else Unreadable("a row without a hash")


def _may_be_hash(cell: str) -> bool:
    return len(cell) >= _LEAST_HASH and " " not in cell
