"""The contract beside each SQL file against what the file makes."""

import re
from typing import Any

import pytest

from analysis.contracts import FOLDER, Contract, contracts
from analysis.session import Session
from crawler.records import Outcome

every_table = pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.name)


def asked(session: Session, query: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = session.connection.execute(query).fetchall()
    return found


def columns(session: Session, contract: Contract) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in asked(session, f"describe {contract.name}")]


@every_table
def test_columns_are_the_contract(contract: Contract, crawled_session: Session) -> None:
    """A table has the columns of its contract, in that order and of those types."""
    promised = [(column.name, column.type) for column in contract.columns]
    assert columns(crawled_session, contract) == promised


@every_table
def test_a_run_without_observations_has_the_same_types(
    contract: Contract, crawled_session: Session, planned_session: Session
) -> None:
    """Before the first look a table is there with the types that it will have."""
    assert columns(planned_session, contract) == columns(crawled_session, contract)


@every_table
def test_must_holds_hold(
    contract: Contract, crawled_session: Session, planned_session: Session
) -> None:
    """What a contract says of every row is true of every row."""
    for rule in contract.must_hold:
        for session in (crawled_session, planned_session):
            query = f"select count(*) from {contract.name} where ({rule.condition}) is not true"
            assert asked(session, query) == [(0,)], rule.words


@every_table
def test_keys_are_unique(contract: Contract, crawled_session: Session) -> None:
    """A table's key names one row; without a key there is one row."""
    key = ", ".join(contract.key) or "()"
    counts = f"select count(*) as n from {contract.name} group by {key}"
    assert asked(crawled_session, f"select coalesce(max(n), 0) <= 1 from ({counts})") == [(True,)]


@every_table
def test_a_query_is_a_constant(contract: Contract) -> None:
    """A SQL file binds nothing, sets nothing, and knows no date of today."""
    text = contract.query.lower()
    assert not [
        word for word in ("$", "set variable", "now()", "current_", "today()") if word in text
    ]


@every_table
def test_a_file_reads_what_it_says(contract: Contract) -> None:
    """`reads` names the tables that the query reads, no more and no fewer."""
    found = set(re.findall(r"\b(?:from|join) (\w+)\b(?!\.)", contract.query))
    assert found & {one.name for one in contracts()} == set(contract.reads)


def test_every_sql_file_has_a_contract() -> None:
    """No SQL file is without its .yml, and no .yml without its SQL."""
    assert {at.stem for at in FOLDER.rglob("*.sql")} == {contract.name for contract in contracts()}


def test_every_outcome_has_a_class(planned_session: Session) -> None:
    """The table outcome_classes has each member of Outcome once, and no other."""
    found = asked(planned_session, "select outcome from outcome_classes")
    assert sorted(row[0] for row in found) == sorted(Outcome)
