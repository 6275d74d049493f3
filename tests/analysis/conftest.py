"""Runs that several tests of analysis read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.contracts import contracts
from analysis.runfile import read_run
from analysis.segments import list_segments
from analysis.session import Session, Terms, open_session
from tests.analysis.runs import link, plan, small_run

# Each table is computed once, for all questions of all tests.
ALL_COMPUTED = Terms(stored=[contract.name for contract in contracts()])


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run with two rounds and something of everything; read it only."""
    return small_run(tmp_path_factory.mktemp("crawled") / "run")


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of three links that nobody has crawled; read it only."""
    links = [link(1), link(2, row_count=3), link(3, invalid_reason="empty")]
    return plan(tmp_path_factory.mktemp("planned") / "run", links)


@pytest.fixture(scope="session")
def crawled_session(crawled: Path) -> Iterator[Session]:
    """Return a session over the crawled run, for many questions."""
    with open_session(read_run(crawled), list_segments(crawled), ALL_COMPUTED) as session:
        yield session


@pytest.fixture(scope="session")
def planned_session(planned: Path) -> Iterator[Session]:
    """Return a session over the planned run, for many questions."""
    with open_session(read_run(planned), list_segments(planned), ALL_COMPUTED) as session:
        yield session
