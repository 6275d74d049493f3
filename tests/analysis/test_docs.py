"""The documents: every SQL block runs, and the reference is what the contracts say."""

import re
from pathlib import Path

import pytest

from analysis.reference import tables_page
from analysis.session import Session
from analysis.statements import statements

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("README.md")])
BLOCKS = [
    pytest.param(block, id=f"{page.relative_to(ROOT)}-{number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"^```sql\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    )
]


@pytest.mark.parametrize("block", BLOCKS)
def test_sql_in_the_documents_runs(block: str, crawled_session: Session) -> None:
    """Each ```sql block of docs/ and README.md can be asked of a run as it stands."""
    for statement in statements(block):
        crawled_session.connection.execute(statement).fetchall()


def test_there_are_blocks() -> None:
    """The test above is not empty."""
    assert len(BLOCKS) > 5


def test_the_reference_is_fresh() -> None:
    """docs/reference/tables.md is what `python -m analysis.reference` prints."""
    assert (ROOT / "docs/reference/tables.md").read_text(encoding="utf-8") == tables_page()
