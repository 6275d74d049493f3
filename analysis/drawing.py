"""Draws a table of text on a terminal, as rows or, where they do not fit, record by record.

Room: command line. Every cell is made visible first; whatever is cut says so.
"""

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from analysis.answers import Table
from analysis.text import visible

_NULL = "NULL"
_WIDEST = 60  # cells of a column on a terminal; a longer value is cut
_GAP = 2


def draw(console: Console, table: Table) -> None:
    """Print `table`; say below it what is missing."""
    headings = [visible(heading.name) for heading in table.headings]
    rows = [[_NULL if value is None else visible(value) for value in row] for row in table.rows]
    limit = _WIDEST if console.is_terminal else max(_WIDEST, console.width)
    widths = _widths(headings, rows, limit)
    if sum(widths) + _GAP * len(widths) <= console.width:
        _draw_rows(console, table, headings, rows, widths)
    else:
        widths = [console.width - max(map(cell_len, headings), default=0) - _GAP] * len(headings)
        _draw_records(console, headings, rows, widths)
    cut = any(
        _is_cut(value, width) for row in rows for value, width in zip(row, widths, strict=True)
    )
    _say_what_is_missing(console, table, cut=cut)


def _widths(headings: list[str], rows: list[list[str]], limit: int) -> list[int]:
    columns = zip(*rows, strict=True) if rows else [()] * len(headings)
    return [
        max([cell_len(name), *(min(limit, cell_len(value)) for value in values)])
        for name, values in zip(headings, columns, strict=True)
    ]


def _draw_rows(
    console: Console, table: Table, headings: list[str], rows: list[list[str]], widths: list[int]
) -> None:
    drawn = RichTable(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    for heading, name in zip(table.headings, headings, strict=True):
        drawn.add_column(Text(name), justify="right" if heading.is_number else "left", no_wrap=True)
    for row in rows:
        drawn.add_row(*(Text(_cut(value, width)) for value, width in zip(row, widths, strict=True)))
    console.print(drawn)


def _draw_records(
    console: Console, headings: list[str], rows: list[list[str]], widths: list[int]
) -> None:
    margin = max(map(cell_len, headings), default=0)
    for number, row in enumerate(rows, start=1):
        console.print(Text(f"─ row {number} ".ljust(min(40, console.width), "─"), style="dim"))
        for name, value, width in zip(headings, row, widths, strict=True):
            console.print(
                Text(set_cell_size(name, margin + _GAP) + _cut(value, width)), no_wrap=True
            )


def _is_cut(value: str, width: int) -> bool:
    return cell_len(value) > max(1, width)


def _cut(value: str, width: int) -> str:
    return set_cell_size(value, max(1, width) - 1) + "…" if _is_cut(value, width) else value


def _say_what_is_missing(console: Console, table: Table, *, cut: bool) -> None:
    if not table.rows:
        console.print("no rows")
    if table.more:
        console.print(f"the first {len(table.rows):,} rows; there are more: --format csv")
    if cut:
        console.print("values that end in … are cut: --format csv")
