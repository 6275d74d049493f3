"""One function a way to ask: where the run lies, a question → its rows.

Each is timed from the opening of whatever it opens to the last row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from analysis.contracts import mentioned
from analysis.runfile import read_run
from analysis.session import Terms, ask
from crawler.records.layout import DATABASE, OBSERVATIONS

SMALL, COMPACTED = "small", "compacted"

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Way:
    """How a question is asked, and of which copy of the run, a folder beside the others."""

    title: str
    place: str
    ask: Callable[[Path, str], Rows]


def sql(run: Path, question: str) -> Rows:
    """As `stillup sql` does: segments listed, every byte that is read proved."""
    terms = Terms(tables=mentioned(question))
    return ask(
        read_run(run), lambda session: session.connection.execute(question).fetchall(), terms
    )


def glob(run: Path, question: str) -> Rows:
    """Plain DuckDB over a pattern of names, which proves nothing and reads covered files as well."""
    with duckdb.connect() as asked:
        files = f"{run}/{OBSERVATIONS}/*/*.parquet"
        asked.execute(
            f"create view observations as from read_parquet('{files}', hive_partitioning = false)"
        )
        return asked.execute(question).fetchall()


def database(run: Path, question: str) -> Rows:
    """Plain DuckDB over run.duckdb."""
    with duckdb.connect(str(run / DATABASE), read_only=True) as asked:
        return asked.execute(question).fetchall()


WAYS: Mapping[str, Way] = {
    "sql-small": Way("stillup sql, small segments", SMALL, sql),
    "glob-small": Way("read_parquet('*'), small segments", SMALL, glob),
    "sql": Way("stillup sql, compacted", COMPACTED, sql),
    "glob": Way("read_parquet('*'), compacted", COMPACTED, glob),
    "database": Way("run.duckdb, its table", COMPACTED, database),
}
