"""The contract beside each SQL file: its grain, key, must-holds, and what each column means.

Room: disk. Reads `analysis/sql/NAME.sql` and `NAME.yml`, in folders as well; runs nothing.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "sql"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where it is there
_SPEAK_OF_ALL = (
    "show", "describe", "summarize", "pragma", "information_schema", "sqlite_", "duckdb_", "pg_",
    "query", "catalog", "table",
)  # fmt: skip

_LARGE = 10
_LONG = ("address_networks",)  # reads half a million ranges each time, whatever it is asked


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name, its type in DuckDB's words, and its meaning in one or two sentences."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class MustHold:
    """What is true of every row: in words, and as a SQL condition."""

    words: str
    condition: str


@dataclass(frozen=True, slots=True)
class SignalKind:
    """A kind of signal in words; what it weighs is a row of `signal_kinds`."""

    kind: str
    meaning: str
    why: str
    false_positives: str


@dataclass(frozen=True, slots=True)
class Contract:
    """One table or view of `analysis/sql`. `reads` names the tables that its query reads.

    `segments` are those of the schema `segments`, which are read off the run's files.
    `signals` are the kinds of signals that its rows are of. What is not `published` is a step or a
    question of the moment, of no use in run.duckdb.
    """

    name: str
    query: str
    grain: str
    key: tuple[str, ...]
    reads: tuple[str, ...]
    segments: tuple[str, ...]
    must_hold: tuple[MustHold, ...]
    columns: tuple[Column, ...]
    published: bool
    signals: tuple[SignalKind, ...] = ()


@cache
def contracts() -> tuple[Contract, ...]:
    """Return every contract, each after the tables that it reads."""
    found = {at.stem: _contract(at) for at in sorted(FOLDER.rglob("*.yml"))}
    names = sorted(found)
    order = TopologicalSorter({name: found[name].reads for name in names}).static_order()
    return tuple(found[name] for name in order)


def with_what_they_read(names: Iterable[str], made: Collection[str] = ()) -> frozenset[str]:
    """Return these tables and all that they read, directly or not; those `made` need read nothing."""
    found = set(names)
    for contract in reversed(contracts()):
        if contract.name in found and contract.name not in made:
            found.update(contract.reads)
    return frozenset(found)


def segments_below(names: Iterable[str], made: Collection[str] = ()) -> frozenset[str]:
    """Return the tables of segments that these tables are made of; those `made` need none."""
    needed = with_what_they_read(names, made) - frozenset(made)
    return frozenset(
        name for contract in contracts() if contract.name in needed for name in contract.segments
    )


def mentioned(query: str) -> frozenset[str] | None:
    """Return the tables that a query may speak of, or None where it may speak of all.

    Every word counts that is a table's name, wherever it stands; what lists tables, or makes their
    names up, speaks of all.
    """
    words = frozenset(re.findall(r"\w+", query.lower()))
    if any(word.startswith(_SPEAK_OF_ALL) for word in words):
        return None
    return words & {contract.name for contract in contracts()}


def worked_out_once(names: Iterable[str]) -> frozenset[str]:
    """Return the views that a question of these tables should have as tables.

    DuckDB binds and computes a view for each place that reads it, and for each place that reads
    those: 267 times for `report_standing`, eleven seconds over a run of five rows. What more than
    one view reads and is made of ten or more is worth its room, and so is what reads a long table.
    """
    asked = with_what_they_read(names)
    sizes: Counter[str] = Counter()
    readers: Counter[str] = Counter()
    for contract in contracts():
        sizes[contract.name] = 1 + sum(sizes[read] for read in contract.reads)
        if contract.name in asked:
            readers.update(set(contract.reads))
    repeated = (name for name in asked if readers[name] > 1)
    return frozenset(name for name in repeated if sizes[name] >= _LARGE or name in _LONG)


def _contract(at: Path) -> Contract:
    said = yaml.load(at.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - both loaders are safe
    query = at.with_suffix(".sql").read_text(encoding="utf-8")
    return Contract(
        name=at.stem,
        query=query,
        grain=said["grain"],
        key=tuple(said["key"]),
        reads=tuple(said["reads"]),
        segments=tuple(sorted(set(re.findall(r"\bsegments\.(\w+)", query)))),
        must_hold=tuple(MustHold(words, text) for words, text in said["must_hold"].items()),
        columns=tuple(_column(words, text) for words, text in said["columns"].items()),
        published=said.get("published", True),
        signals=tuple(SignalKind(kind, **words) for kind, words in said.get("kinds", {}).items()),
    )


def _column(words: str, comment: str) -> Column:
    name, _, kind = words.partition(" ")
    return Column(name, kind, comment)
