"""Questions that tests put to a run through a session, as the commands do."""

import json
from pathlib import Path
from typing import Any

from analysis.answers import open_answer
from analysis.runfile import read_run
from analysis.session import Session, ask, terms_of
from analysis.statements import one_statement


def rows_of(run: Path, query: str) -> list[dict[str, Any]]:
    """Return what a query answers, through --format json."""

    def work(session: Session) -> Any:
        with open_answer(session, one_statement(query), "json") as file:
            return json.load(file)

    found: list[dict[str, Any]] = ask(read_run(run), work, terms_of(query))
    return found


def value_of(run: Path, query: str) -> Any:
    """Return the one value that a query answers."""
    [row] = rows_of(run, query)
    [value] = row.values()
    return value
