"""Every table by example: tests/analysis/sql/TABLE/CASE/given.yml and expect.yml.

`given` holds rows of the segments, each with the columns that matter; the rest is as the factory in
runs.py makes it. A digest of two hex digits is repeated to its length. `expect` holds the rows of
the table, each with the columns that the case is about.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from analysis.contracts import contracts, with_what_they_read
from analysis.derive import derive
from analysis.derived import MEANINGS_SCHEMA
from analysis.runfile import read_run
from crawler.records import layout
from tests.analysis.asking import rows_of
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
_DIGEST_BYTES = {"sha256": 32, "md5": 16, "pdq": 32, "canary_sha256": 32}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_case(case: Path, tmp_path: Path) -> None:
    """A table answers a case's given segments with the rows that the case expects."""
    given = yaml.safe_load((case / "given.yml").read_text())
    expected = yaml.safe_load((case / "expect.yml").read_text())
    contract = next(one for one in contracts() if one.name == case.parent.name)
    order = f" order by {', '.join(contract.key)}" if contract.key else ""
    run = _run(tmp_path, given)
    if with_what_they_read([contract.name]) & {"text_hits", "tenants"}:
        derive(read_run(run))
    found = rows_of(run, f"select * from {contract.name}{order}")
    assert [_only(row, wanted) for row, wanted in zip(found, expected, strict=True)] == expected


def test_every_table_has_a_case() -> None:
    """No table of analysis/sql is without an example."""
    assert {case.parent.name for case in CASES} == {contract.name for contract in contracts()}


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


def _digests(row: dict[str, Any]) -> dict[str, Any]:
    sizes = {name: size for name, size in _DIGEST_BYTES.items() if name in row}
    return row | {name: bytes.fromhex(str(row[name]) * size) for name, size in sizes.items()}


def _only(row: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in wanted}
