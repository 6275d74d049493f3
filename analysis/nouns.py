"""Rows of a query as frozen nouns: the fields of a noun are the columns that it is read from.

Room: sql. Times come out aware, in UTC, which DuckDB's own rows would need a library for.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeVar

from analysis.session import Session

Noun = TypeVar("Noun")


def read_nouns(
    session: Session, noun: type[Noun], source: str, parameters: Sequence[Any] = ()
) -> tuple[Noun, ...]:
    """Return a `noun` for each row of `source`, which is SQL from `from` on; lists come as tuples."""
    names = [field.name for field in fields(noun)]  # type: ignore[arg-type]
    query = f"select {', '.join(names)} {source}"
    # A cursor of its own, as the connection may not be done with another answer.
    with session.connection.cursor() as cursor:
        found = cursor.sql(query, params=list(parameters)).to_arrow_table()
    return tuple(
        noun(**{key: _frozen(value) for key, value in row.items()}) for row in found.to_pylist()
    )


def _frozen(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return tuple(value) if isinstance(value, list) else value
