"""The registry of signals: every kind is weighed, explained, asked for and documented."""

from pathlib import Path

import pytest

from analysis.contracts import contracts
from analysis.session import Session
from analysis.signals_page import signals_page

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def test_every_kind_is_weighed_and_explained(planned_session: Session) -> None:
    """signal_kinds has the kinds that the contracts explain, each once, and no others."""
    weighed = planned_session.connection.execute("select kind from signal_kinds").fetchall()
    explained = [kind.kind for contract in contracts() for kind in contract.signals]
    assert sorted(kind for (kind,) in weighed) == sorted(explained)


def test_every_file_is_registered() -> None:
    """`signals` asks every file that has kinds, and no other."""
    [registry] = [contract for contract in contracts() if contract.name == "signals"]
    assert set(registry.reads) == {contract.name for contract in contracts() if contract.signals}


def test_the_page_is_fresh() -> None:
    """docs/signals.md is what `python -m analysis.signals_page` prints."""
    assert (ROOT / "docs/signals.md").read_text(encoding="utf-8") == signals_page()


def test_every_kind_has_what_a_report_calls_it(planned_session: Session) -> None:
    """A kind of signal that is added is decided on: what a report says of it, or that it says nothing."""
    asked = planned_session.connection
    kinds = asked.execute("select kind from signal_kinds order by 1").fetchall()
    assert asked.execute("select kind from signal_concerns order by 1").fetchall() == kinds
