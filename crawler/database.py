"""A DuckDB in memory for one piece of work, which prints nothing.

Room: disk. After two seconds of a query DuckDB draws a progress bar, into whatever a command writes to.
"""

from pathlib import Path
from typing import Any

import duckdb


def in_memory(
    memory_limit: str | None = None, threads: int | None = None, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Open an empty database, closed by whoever opened it.

    `memory_limit` is DuckDB's text, as "48MB"; `spill` is the folder for what does not fit. What is
    not said is DuckDB's own choice.
    """
    said = {
        "memory_limit": memory_limit,
        "threads": threads,
        "temp_directory": None if spill is None else str(spill),
    }
    config: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    return _quiet(duckdb.connect(":memory:", config=config))


def cursor(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Open another connection to the same database, for another thread."""
    return _quiet(connection.cursor())


def _quiet(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("set enable_progress_bar = false")  # of this connection alone
    return connection
