"""What a query answers, in the format that was asked for.

Room: sql. A file format is one entry of `FILE_FORMATS`; DuckDB writes it into the session's
scratch folder, so that an answer comes out whole or not at all, whatever its size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO

import duckdb

from analysis.session import Session
from analysis.statements import explains, inner_text
from analysis.tables import quoted
from crawler.records.errors import WrongUse

# Times as ISO 8601, UTC marked by Z; digests and other binary as lower-case hex.
_AS_TEXT = {
    "TIMESTAMP WITH TIME ZONE": "strftime({}, '%Y-%m-%dT%H:%M:%S.%fZ')",
    "TIMESTAMP": "strftime({}, '%Y-%m-%dT%H:%M:%S.%f')",
    "BLOB": "lower(hex({}))",
}
# JSON has no NaN and no infinity.
_AS_JSON = {
    "FLOAT": "if(isfinite({0}), {0}, null)",
    "DOUBLE": "if(isfinite({0}), {0}, null)",
} | _AS_TEXT
_AS_IT_IS: dict[str, str] = {}
_NUMBERS = ("INT", "FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format that DuckDB writes: its COPY options, and how types are written that it has not."""

    copy_options: str
    expressions: Mapping[str, str]


FILE_FORMATS: Mapping[str, FileFormat] = MappingProxyType(
    {
        "csv": FileFormat("format csv, header true", _AS_TEXT),
        "json": FileFormat("format json, array true", _AS_JSON),
        "parquet": FileFormat("format parquet, compression zstd", _AS_IT_IS),
    }
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a table: its name, and whether it holds numbers."""

    name: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of an answer as text, None for a null. `more`: there are others."""

    headings: tuple[Heading, ...]
    rows: tuple[tuple[str | None, ...], ...]
    more: bool


def read_table(session: Session, statement: duckdb.Statement, limit: int) -> Table:
    """Return the first `limit` rows that a statement answers."""
    if explains(statement):
        drawn = "\n".join(row[-1] for row in session.connection.execute(statement).fetchall())
        rows = tuple((line,) for line in drawn.splitlines())
        return Table((Heading("plan", is_number=False),), rows, more=False)
    columns = _columns(session, statement)
    projection = ", ".join(
        f"{_expression(name, kind, _AS_TEXT)}::varchar" for name, kind in columns
    )
    query = f"select {projection} from ({inner_text(statement)}) limit {limit + 1}"
    rows = tuple(session.connection.execute(query).fetchall())
    headings = tuple(Heading(name, kind.lstrip("U").startswith(_NUMBERS)) for name, kind in columns)
    return Table(headings, rows[:limit], more=len(rows) > limit)


def open_answer(session: Session, statement: duckdb.Statement, kind: str) -> BinaryIO:
    """Return an open file that holds the answer in a format of `FILE_FORMATS`."""
    if explains(statement):
        raise WrongUse("EXPLAIN answers with a drawing; ask for --format table")
    form = FILE_FORMATS[kind]
    columns = _columns(session, statement)
    projection = ", ".join(
        f"{_expression(name, type_name, form.expressions)} as {_identifier(name)}"
        for name, type_name in columns
    )
    target = session.scratch / "answer"
    session.connection.execute(
        f"copy (select {projection} from ({inner_text(statement)})) "
        f"to {quoted(str(target))} ({form.copy_options}, use_tmp_file false)"
    )
    return target.open("rb")


def _columns(session: Session, statement: duckdb.Statement) -> list[tuple[str, str]]:
    """Return name and type of the columns, each name once."""
    described = session.connection.execute(f"describe select * from ({inner_text(statement)})")
    return [(row[0], row[1]) for row in described.fetchall()]


def _expression(name: str, kind: str, expressions: Mapping[str, str]) -> str:
    return expressions.get(kind, "{}").format(_identifier(name))


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
