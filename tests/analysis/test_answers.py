"""What a query answers, as table, CSV, JSON and Parquet."""

import csv
import io
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from analysis.answers import Heading, Table, open_answer, read_table
from analysis.drawing import draw
from analysis.runfile import read_run
from analysis.session import Session, Terms, ask, terms_of
from analysis.statements import one_statement, statements
from analysis.text import one_line, visible
from crawler.records.errors import WrongUse

EVERY_TYPE = """
select 1 as a, 2 as a, null as nothing, 5::hugeint as huge, 'nan'::double as nan, '\\xAB'::blob as bytes,
    timestamptz '2026-01-02 03:04:05.678+00' as zoned, timestamp '2026-01-02 03:04:05' as plain,
    [{'status': 301, 'url': 'http://x/'}] as hops, 1.50::decimal(9, 2) as money, true as yes,
    '=1+1' as formula, date '2026-01-02' as day
"""


def answer(run: Path, query: str, kind: str) -> bytes:
    return ask(read_run(run), lambda session: written(session, query, kind), terms_of(query))


def written(session: Session, query: str, kind: str) -> bytes:
    with open_answer(session, one_statement(query), kind) as file:
        return file.read()


def test_json_is_json(planned: Path) -> None:
    """JSON is an array of objects: ISO times, hex bytes, nested values, null for NaN, a name each."""
    [row] = json.loads(answer(planned, EVERY_TYPE, "json"))
    assert row == {
        "a": 1,
        "a_1": 2,
        "nothing": None,
        "huge": 5,
        "nan": None,
        "bytes": "ab",
        "zoned": "2026-01-02T03:04:05.678000Z",
        "plain": "2026-01-02T03:04:05.000000",
        "hops": [{"status": 301, "url": "http://x/"}],
        "money": 1.5,
        "yes": True,
        "formula": "=1+1",
        "day": "2026-01-02",
    }


def test_csv_is_as_it_is(planned: Path) -> None:
    """CSV has a header and the values as they are, formulas too: it is data, not a report."""
    [row] = csv.DictReader(io.StringIO(answer(planned, EVERY_TYPE, "csv").decode()))
    assert (row["formula"], row["zoned"], row["bytes"]) == (
        "=1+1",
        "2026-01-02T03:04:05.678000Z",
        "ab",
    )


def test_parquet_keeps_types(planned: Path) -> None:
    """Parquet has the types of the tables."""
    table = pq.read_table(io.BytesIO(answer(planned, "from observations", "parquet")))
    assert str(table.schema.field("observed_at").type) == "timestamp[us, tz=UTC]"
    assert str(table.schema.field("link_id").type) == "uint64"


@pytest.mark.parametrize(
    "query",
    [
        "from links where false",
        "describe links",
        "from (show tables)",
        "summarize links",
        "pivot links on scheme using count(*) group by shard",
        "with x as (select 1 as a) from x order by a -- the end;",
        'select 1 as "a ""quoted"" name";',
        "values (1), (2)",
    ],
)
def test_whatever_reads_can_be_written(query: str, planned: Path) -> None:
    """Every kind of reading statement comes out in every format."""

    def work(session: Session) -> list[bytes]:
        return [written(session, query, kind) for kind in ("csv", "json", "parquet")]

    assert all(ask(read_run(planned), work, Terms(tables=("links",))))


def test_order_is_kept(crawled: Path) -> None:
    """An answer comes in the order that the query asks for."""
    rows = json.loads(answer(crawled, "select link_id from links order by link_id desc", "json"))
    assert [row["link_id"] for row in rows] == sorted(
        (row["link_id"] for row in rows), reverse=True
    )


@pytest.mark.parametrize(
    "text",
    [
        "copy links to 'x'",
        "create table x as select 1",
        "insert into links select 1",
        "delete from links",
        "drop view links",
        "attach 'x'",
        "set threads = 1",
        "install httpfs",
        "load httpfs",
        "pragma version",
        "call pragma_version()",
        "checkpoint",
        "begin",
        "use memory",
        "set variable a = 1",
        "prepare p as select 1",
        "selec 1",
        "select 1; drop view links",
    ],
)
def test_what_does_not_read_is_refused(text: str) -> None:
    """A statement that is not a question is refused in one line, before anything is opened."""
    with pytest.raises(WrongUse) as error:
        statements(text)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("text", ["", ";", "-- nothing", "select 1; select 2"])
def test_a_query_is_one_statement(text: str) -> None:
    """QUERY is one statement: no less, no more."""
    with pytest.raises(WrongUse, match="give one query"):
        one_statement(text)


def test_a_query_cannot_break_out_of_its_brackets() -> None:
    """Text that would be SQL only inside our own SQL is not taken."""
    with pytest.raises(WrongUse):
        statements("select 1) to 'x' (format csv); --")


def drawn(table: Table, width: int = 80) -> str:
    out = Console(
        file=io.StringIO(), width=width, force_terminal=True, color_system=None, highlight=False
    )
    draw(out, table)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def table_of(run: Path, query: str, limit: int = 100) -> Table:
    def work(session: Session) -> Table:
        return read_table(session, one_statement(query), limit)

    return ask(read_run(run), work, terms_of(query))


def test_a_table_says_that_there_is_more(crawled: Path) -> None:
    """A table with more rows than are shown says so, and one with all of them does not."""
    shown = drawn(table_of(crawled, "select link_id from links", limit=3))
    assert "the first 3 rows; there are more: --format csv" in shown
    assert "more" not in drawn(table_of(crawled, "select link_id from links limit 3", limit=3))


def test_explain_is_drawn(crawled: Path) -> None:
    """EXPLAIN prints its plan, and is refused as a file."""
    assert "READ_PARQUET" in drawn(table_of(crawled, "explain select url from links"), 200)
    with pytest.raises(WrongUse, match="--format table"):
        answer(crawled, "explain select 1", "csv")


def test_hostile_text_does_nothing_to_a_terminal() -> None:
    """Escapes, control characters and reordering marks are shown, not obeyed."""
    hostile = "\x1b[2J\x07\r\n\x9b31m\u202egnp.\u2066\u200b\U000e0041"
    shown = drawn(Table((Heading("a\x1b", is_number=False),), ((hostile,),), more=False), 200)
    assert set(shown) & set(hostile) <= set("[2J31mgnp.\n")
    assert "\\x1b[2J\\x07\\r\\n" in shown


def test_wide_rows_become_records(crawled: Path) -> None:
    """Where columns do not fit the screen, each row is a list of names and values."""
    shown = drawn(table_of(crawled, "from observations limit 2"))
    assert "row 2" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_a_cut_value_says_so() -> None:
    """A value that is longer than its column ends in an ellipsis, and the table says what to do."""
    shown = drawn(Table((Heading("url", is_number=False),), (("http://x/" * 20,),), more=False))
    assert "…" in shown
    assert "--format csv" in shown


def test_an_empty_table_says_so() -> None:
    """No rows is said in words."""
    assert "no rows" in drawn(Table((Heading("a", is_number=True),), (), more=False))


def test_visible_leaves_languages_alone() -> None:
    """Letters of any language, accents and emoji stay as they are."""
    for text in ("Zürich", "東京", "עברית", "العربية", "é", "👍🏽", "naïve"):
        assert visible(text) == text


def test_errors_are_one_line() -> None:
    """A parser's drawing and a traceback both become one line."""
    with pytest.raises(duckdb.Error) as parser:
        duckdb.sql("select\n\n from from")
    assert "\n" not in one_line(str(parser.value))
    assert one_line("Traceback (most recent call last):\n  x\nOSError: gone\n") == "OSError: gone"
