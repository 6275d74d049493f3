"""Every table by example: tests/analysis/sql/TABLE/CASE/given.yml and expect.yml.

`given` holds rows of the segments, each with the columns that matter; the rest is as the factory in
runs.py makes it. A digest of two hex digits is repeated to its length. `expect` holds the rows of
the table, each with the columns that the case is about.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from duckdb import DuckDBPyConnection

from analysis.answers import open_answer
from analysis.contracts import contracts, segments_below, with_what_they_read, worked_out_once
from analysis.derive import derive
from analysis.derived import MEANINGS_SCHEMA
from analysis.filesystem import ReadOnlyRun
from analysis.offline import offline_files
from analysis.runfile import read_run
from analysis.segments import SEGMENT_TABLES, Listing
from analysis.session import Session
from analysis.statements import one_statement
from analysis.tables import create_segments, create_tables
from crawler.records import layout
from storage.folder import Folder
from tests.analysis.runs import (
    acted,
    contact,
    contacted,
    crawl,
    link,
    look,
    match,
    matched,
    plan,
    planned_rounds,
    report,
    review,
    visit,
    write,
)

FOLDER = Path(__file__).parent / "sql"
CASES = sorted(at.parent for at in FOLDER.glob("*/*/given.yml"))
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DIGEST_BYTES = {"sha256": 32, "md5": 16, "pdq": 32, "canary_sha256": 32}


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBPyConnection]:
    """Return a DuckDB for all cases, each of which leaves nothing in it: to start one is dear."""
    nothing = ReadOnlyRun(tmp_path_factory.mktemp("none"), (), {}, {}, offline_files())
    with duckdb.connect() as connection:
        connection.register_filesystem(nothing)
        connection.execute("set timezone = 'UTC'; set asof_loop_join_threshold = 0")
        yield connection


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_case(case: Path, duck: DuckDBPyConnection, tmp_path: Path) -> None:
    """A table answers a case's given segments with the rows that the case expects."""
    given, expected = _yaml(case / "given.yml"), _yaml(case / "expect.yml")
    contract = next(one for one in contracts() if one.name == case.parent.name)
    order = f" order by {', '.join(contract.key)}" if contract.key else ""
    run = _run(tmp_path, given)
    if with_what_they_read([contract.name]) & {"text_hits", "tenants"}:
        derive(read_run(run))
    query = one_statement(f"select * from {contract.name}{order}")
    with _session(duck, run, contract.name) as session, open_answer(session, query, "json") as file:
        found = json.load(file)
    assert [_only(row, wanted) for row, wanted in zip(found, expected, strict=True)] == expected


def test_every_table_has_a_case() -> None:
    """No table of analysis/sql is without an example."""
    assert {case.parent.name for case in CASES} == {contract.name for contract in contracts()}


def _yaml(at: Path) -> Any:
    return yaml.load(at.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - both loaders are safe


def _run(root: Path, given: dict[str, Any]) -> Path:
    facts = "".join(f"{key} = {value!r}\n" for key, value in given.get("run", {}).items())
    plan(root / "run", [link(**row) for row in given.get("links", [])], facts)
    crawl(
        root / "run",
        [look(**_digests(row)) for row in given.get("observations", [])],
        [visit(**_digests(row)) for row in given.get("hosts", [])],
    )
    if "meanings" in given:
        rows = pa.Table.from_pylist(given["meanings"], schema=MEANINGS_SCHEMA)
        write(root / "run", layout.MEANINGS, rows, None, 0)
    planned_rounds(root / "run", given.get("rounds", []))
    if "matches" in given:
        matched(root / "run", [match(**row) for row in given["matches"]])
    if "contacts" in given:
        contacted(root / "run", [contact(**row) for row in given["contacts"]])
    acted(root / "run", *(review(**row) for row in given.get("reviews", [])))
    acted(root / "run", *(report(**row) for row in given.get("reports", [])))
    return root / "run"


@contextmanager
def _session(duck: DuckDBPyConnection, run: Path, table: str) -> Iterator[Session]:
    """Make a table, and those that it reads, of a run's rows; undo it all at the end."""
    nothing = Listing(Folder(run), dict.fromkeys(SEGMENT_TABLES, ()))
    wanted = segments_below([table])
    duck.execute("begin")
    try:
        create_segments(duck, nothing, read_run(run).facts, wanted)
        for path in run.glob("*/**/*.parquet"):
            if (of := path.relative_to(run).parts[0]) in wanted:
                rows = pq.read_table(path, partitioning=None)  # noqa: F841 - found by its name
                duck.execute(f"insert into segments.{of} by name from rows")
        create_tables(duck, worked_out_once([table]), [table])
        yield Session(duck, run, nothing)
    finally:
        duck.execute("rollback")


def _digests(row: dict[str, Any]) -> dict[str, Any]:
    sizes = {name: size for name, size in _DIGEST_BYTES.items() if name in row}
    return row | {name: bytes.fromhex(str(row[name]) * size) for name, size in sizes.items()}


def _only(row: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in wanted}
