"""One function a way to ask: where the run lies, a question → its rows.

Each is timed from the opening of whatever it opens to the last row.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from analysis.contracts import mentioned
from analysis.runfile import read_run
from analysis.session import Session, Terms, ask, terms_of
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
    """As `stillup sql` does of a run that is not published: every byte that is read is proved."""
    terms = Terms(tables=mentioned(question))
    return ask(
        read_run(run), lambda session: session.connection.execute(question).fetchall(), terms
    )


def published(run: Path, question: str) -> Rows:
    """As `stillup sql` does of a published run: segments listed, run.duckdb proved as it is read."""

    def work(session: Session) -> Rows:
        if not session.published:
            sys.exit("run.duckdb is not of these segments; make the folder anew")
        return session.connection.execute(question).fetchall()

    return ask(read_run(run), work, terms_of(question))


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
    "published": Way("stillup sql, published", COMPACTED, published),
    "database": Way("run.duckdb, its table", COMPACTED, database),
}
