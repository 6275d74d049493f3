"""The tables that a run has no file of yet."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from analysis.segments import SCHEMAS, Listing
from analysis.tables import create_segments
from storage.folder import Folder


def described(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[Any, ...]]:
    return [row[:2] for row in connection.execute(f"describe {table}").fetchall()]


@pytest.mark.parametrize("table", SCHEMAS)
def test_an_empty_table_is_what_duckdb_makes_of_its_schema(table: str, tmp_path: Path) -> None:
    """A table of no file has the columns, and their types, that DuckDB finds in its Arrow schema."""
    nothing = Listing(Folder(tmp_path), dict.fromkeys(SCHEMAS, ()))
    with duckdb.connect() as connection:
        create_segments(connection, nothing, (), [table])
        connection.register("made_of_arrow", SCHEMAS[table].empty_table())
        assert described(connection, f"segments.{table}") == described(connection, "made_of_arrow")
        assert connection.execute(f"select count(*) from segments.{table}").fetchall() == [(0,)]
