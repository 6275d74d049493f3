"""CSV and TSV, with or without a header.

Room: disk. CSV is RFC 4180: a quoted cell may hold delimiters and line ends, but it may not run
away with the file: where a quote is not closed within `MAX_CELL_LINES` and `MAX_CELL_CHARS`, its
line is read as if it had no quotes. TSV is what IANA registered: a line is a row and a quote is a character.
"""

import csv
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

import pyarrow as pa

from crawler.plan import columns as recognition
from crawler.plan.columns import Columns, unnamed_column
from crawler.plan.formats.batch import BATCH_BYTES, BATCH_ROWS, SAMPLE_ROWS, Batch, ReadOptions
from crawler.plan.formats.lines import blocks
from crawler.plan.formats.parquet import record_batch
from crawler.plan.sources import SourceFile, opened
from crawler.urls import Reason, as_text

# A quoted cell may hold this many line ends, and go on after so many characters in all.
MAX_CELL_LINES = 100
MAX_CELL_CHARS = 16 << 20

# A row: its cells, and the text that they came from.
Row = tuple[list[str], str]


def read_tsv(file: SourceFile, options: ReadOptions) -> Iterator[Batch]:
    """Yield the rows of a tab-separated file; a row is a line, empty ones included."""
    with opened(file) as stream:
        texts = _texts(blocks(stream, BATCH_ROWS))
        yield from _batches(((text.split("\t"), text) for text in texts), options)


def read_csv(file: SourceFile, options: ReadOptions) -> Iterator[Batch]:
    """Yield the records of a CSV file; the delimiter is the likeliest of `,`, `;`, tab and `|`."""
    csv.field_size_limit(sys.maxsize)
    with opened(file) as stream:
        texts = _texts(blocks(stream, BATCH_ROWS))
        head = list(islice(texts, 20))
        delimiter = max(",;\t|", key=lambda sign: sum(text.count(sign) for text in head[:1]))
        yield from _batches(_records(chain(head, texts), delimiter), options)


def _texts(line_blocks: Iterable[list[bytes]]) -> Iterator[str]:
    for lines in line_blocks:
        for line in lines:
            yield line.decode("utf-8", "surrogateescape")


def _records(texts: Iterator[str], delimiter: str) -> Iterator[Row]:
    ahead: deque[str] = deque()
    for text in _with_pushback(texts, ahead):
        if '"' not in text:
            yield text.split(delimiter), text
        else:
            yield _quoted(text, texts, ahead, delimiter)


def _with_pushback(texts: Iterator[str], ahead: deque[str]) -> Iterator[str]:
    """Yield from `ahead` while it has something, else from `texts`."""
    while True:
        if ahead:
            yield ahead.popleft()
        elif (text := next(texts, None)) is not None:
            yield text
        else:
            return


def _quoted(text: str, texts: Iterator[str], ahead: deque[str], delimiter: str) -> Row:
    """Read the record that begins at a line with quotes; lines that it does not need go back."""
    used: list[str] = []

    def needed() -> Iterator[str]:
        chars = 0
        for line in chain([text], islice(_with_pushback(texts, ahead), MAX_CELL_LINES)):
            used.append(line)
            yield line + "\n"
            chars += len(line)
            if chars > MAX_CELL_CHARS:
                return

    try:
        record = next(csv.reader(needed(), delimiter=delimiter, strict=True))
    except csv.Error:
        ahead.extendleft(reversed(used[1:]))
        return text.split(delimiter), text
    return record, "\n".join(used)


def _batches(rows: Iterator[Row], options: ReadOptions) -> Iterator[Batch]:
    head = _sample(rows)
    if not head:
        return
    columns = _choose([cells for cells, _ in head], options)
    everything = chain(head[1:] if columns.header else head, rows)
    for some in _slices(everything):
        yield _batch(some, columns)
    yield _batch([], columns)


def _sample(rows: Iterator[Row]) -> list[Row]:
    """Take the rows that recognition looks at: fewer where they are long."""
    head: list[Row] = []
    size = 0
    for row in islice(rows, SAMPLE_ROWS):
        head.append(row)
        size += len(row[1])
        if size >= BATCH_BYTES:
            break
    return head


def _slices(rows: Iterator[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    size = 0
    for row in rows:
        some.append(row)
        size += len(row[1])
        if len(some) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def _choose(head: Sequence[list[str]], options: ReadOptions) -> Columns:
    header = recognition.has_header(head) or options.url_column in head[0]
    width = len(head[0]) if header else Counter(map(len, head)).most_common(1)[0][0]
    names = head[0] if header else [unnamed_column(at) for at in range(width)]
    return recognition.choose(
        [as_text(name) for name in names],
        head[1:] if header else head,
        url_column=options.url_column,
        caption_column=options.caption_column,
        header=header,
    )


def _batch(rows: Sequence[Row], columns: Columns) -> Batch:
    width = len(columns.names)
    refused: dict[int, Reason] = {}
    table: list[Sequence[str | None]] = []
    for at, (cells, text) in enumerate(rows):
        if len(cells) == width:
            table.append(cells)
            continue
        fitted = [text] if width == 1 else _fit(cells, columns)
        if fitted is None:
            refused[at] = Reason.UNREADABLE
            fitted = [text if column == columns.url else None for column in range(width)]
        table.append(fitted)
    by_column = list(zip(*table, strict=True)) if table else [()] * width
    return _as_batch(by_column, columns, refused)


def _fit(cells: Sequence[str], columns: Columns) -> list[str | None] | None:
    """Give a ragged row the table's width, or None: which cell is the URL is then a guess."""
    width = len(columns.names)
    if any(cells[width:]) or (len(cells) <= columns.url and any(cells)):
        return None
    return [*cells[:width], *[None] * (width - len(cells))]


def _as_batch(
    by_column: Sequence[Sequence[str | None]], columns: Columns, refused: dict[int, Reason]
) -> Batch:
    rows = len(by_column[0])
    urls = [
        None if c is None else c.encode("utf-8", "surrogateescape") for c in by_column[columns.url]
    ]
    known = {role: _strings(by_column[at]) for role, at in columns.roles}
    others = {columns.names[at]: _strings(by_column[at]) for at in columns.others}
    return Batch(
        columns, pa.array(urls, pa.large_binary()), record_batch(known, rows),
        record_batch(others, rows), refused,
    )  # fmt: skip


def _strings(cells: Sequence[str | None]) -> pa.Array:
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:
        return pa.array([None if c is None else as_text(c) for c in cells], pa.string())
