"""run.duckdb: whole, readable without stillup, and swapped under nobody's feet."""

import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from analysis.contracts import contracts
from analysis.publish import publish_run
from analysis.session import SCRATCH_PREFIX, Session
from crawler.records import layout
from crawler.records.errors import RunFailed
from tests.analysis.runs import crawl, look
from tests.runs import begun


@pytest.fixture
def run(crawled: Path, tmp_path: Path) -> Path:
    """Return a run of one's own."""
    return Path(shutil.copytree(crawled, tmp_path / "it's a run*[1]"))


def opened(run: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(run / layout.DATABASE), read_only=True)
    connection.execute("set timezone = 'UTC'")
    return connection


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])


def rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Return a table's rows in an order of their own; a sum's last digits are luck."""
    found = connection.sql(f"from {table}").to_arrow_table().to_pylist()
    return sorted(
        str([f"{one:.9g}" if isinstance(one, float) else one for one in row.values()])
        for row in found
    )


def test_plain_duckdb_finds_tables_with_comments(run: Path, crawled_session: Session) -> None:
    """Every table of the contracts is a real table, with the run's rows and with its comments."""
    path = Path(publish_run(run).location)
    assert path == run / layout.DATABASE
    published = [contract for contract in contracts() if contract.published]
    with opened(run) as connection:
        for contract in published:
            asked = crawled_session.connection
            assert rows(connection, contract.name) == rows(asked, contract.name), contract.name
            found = connection.execute(
                "select column_name, comment from duckdb_columns() where table_name = ? "
                "order by column_index",
                [contract.name],
            ).fetchall()
            assert found == [(column.name, column.comment) for column in contract.columns]
        views = connection.execute(
            "select count(*) from duckdb_views() where not internal"
        ).fetchone()
        assert views == (0,)


def test_a_planned_run_can_be_published(planned: Path, tmp_path: Path) -> None:
    """Before the first look the tables are there, empty."""
    run = Path(shutil.copytree(planned, tmp_path / "run"))
    publish_run(run)
    with opened(run) as connection:
        assert (count(connection, "observations"), count(connection, "verdicts")) == (0, 3)


def test_readers_keep_the_file_they_opened(run: Path) -> None:
    """A reader of the old file goes on reading it; a new reader sees the new rows."""
    publish_run(run)
    with opened(run) as before:
        old = count(before, "observations")
        crawl(run, [look(number, "gone", 3, 99) for number in range(5)], segment=9)
        publish_run(run)
        assert count(before, "observations") == old
    with opened(run) as after:
        assert count(after, "observations") == old + 5


def test_publishes_do_not_clash(run: Path) -> None:
    """Of several publishes at once each makes a whole file, and nothing is left lying about."""
    publishers = [begun("publish", run, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [publisher.wait(timeout=120) for publisher in publishers] == [0, 0, 0]
    with opened(run) as connection:
        assert count(connection, "links") == 40
    assert not list(run.glob(f"{SCRATCH_PREFIX}*"))


def test_what_a_killed_publish_left_is_cleared(run: Path) -> None:
    """The next publish takes away what a killed one could not."""
    leftover = run / f"{SCRATCH_PREFIX}killed"
    leftover.mkdir()
    (leftover / layout.DATABASE).write_bytes(b"half")
    publish_run(run)
    assert not leftover.exists()


def test_no_run_no_file(tmp_path: Path) -> None:
    """A folder without a run gets no database."""
    with pytest.raises(RunFailed):
        publish_run(tmp_path)
    assert list(tmp_path.iterdir()) == []
