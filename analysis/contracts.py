"""The contract beside each SQL file: its grain, key, must-holds, and what each column means.

Room: disk. Reads `analysis/sql/NAME.sql` and `NAME.yml`, runs nothing.
"""

from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and its meaning in one or two sentences."""

    name: str
    comment: str


@dataclass(frozen=True, slots=True)
class MustHold:
    """What is true of every row: in words, and as a SQL condition."""

    words: str
    condition: str


@dataclass(frozen=True, slots=True)
class Contract:
    """One table or view of `analysis/sql`. `reads` names the tables that its query reads."""

    name: str
    query: str
    grain: str
    key: tuple[str, ...]
    reads: tuple[str, ...]
    must_hold: tuple[MustHold, ...]
    columns: tuple[Column, ...]


@cache
def contracts() -> tuple[Contract, ...]:
    """Return every contract, each after the tables that it reads."""
    names = sorted(at.stem for at in FOLDER.glob("*.yml"))
    found = {name: _contract(name) for name in names}
    order = TopologicalSorter({name: found[name].reads for name in names}).static_order()
    return tuple(found[name] for name in order)


def _contract(name: str) -> Contract:
    said = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return Contract(
        name=name,
        query=(FOLDER / f"{name}.sql").read_text(encoding="utf-8"),
        grain=said["grain"],
        key=tuple(said["key"]),
        reads=tuple(said["reads"]),
        must_hold=tuple(MustHold(words, text) for words, text in said["must_hold"].items()),
        columns=tuple(Column(column, text) for column, text in said["columns"].items()),
    )
