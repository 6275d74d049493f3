"""Builds run.duckdb: the run's tables for any DuckDB client, without stillup.

Room: disk. Built aside under a temporary name, synced, and renamed over the old file, which its
readers keep. One publish at a time; a second waits. That of a run in a bucket is built on this
machine and put there whole; of two at once the last one stays. Beside it lies a proof (`published`).
"""

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from analysis.contracts import Contract, contracts, with_what_they_read
from analysis.derive import derive
from analysis.held import held
from analysis.made_of import made_of
from analysis.published import write_proof
from analysis.runfile import RunFacts, read_run
from analysis.segments import SetAside
from analysis.session import SCRATCH_PREFIX, Session, Terms, ask
from analysis.tables import describe_tables, quoted
from crawler.records import layout
from storage.aside import sweep
from storage.folder import Folder
from storage.store import Store

# What DuckDB 1.2, of February 2025, and every later version can open.
STORAGE_VERSION = "v1.2.0"
MEMORY_LIMIT = "2GB"
# Steps that several tables read, or one reads often: worked out once, and not published.
_STEPS = ("addresses", "address_networks", "looks", "placed_links", "place_signals")
# Whoever holds a shard sweeps these, and nobody writes aside in the last two.
_OF_CRAWLS = (layout.OBSERVATIONS, layout.HOSTS, layout.LOCKS, layout.LINKS, layout.DATASET_ROWS)


@dataclass(frozen=True, slots=True)
class Published:
    """Where the database is, and how large."""

    location: str
    size_bytes: int


def publish_run(
    run: str | Path,
    *,
    memory_limit: str = MEMORY_LIMIT,
    warn: Callable[[SetAside], None] = lambda _: None,
) -> Published:
    """Build `run.duckdb` of the run at `run` from its segments of this moment.

    Raises RunFailed where there is no run, and where it does not fit on the disk; the old file is
    then as it was. What is set aside goes to `warn`.
    """
    facts = read_run(run)
    store = facts.store
    with held(store, "publish", last_wins=True):
        _sweep(store)
        derive(facts, warn)
        size_bytes = write_database(facts, memory_limit=memory_limit, warn=warn)
    return Published(f"{store.location.rstrip('/')}/{layout.DATABASE}", size_bytes)


def write_database(
    facts: RunFacts,
    only: Collection[str] | None = None,
    *,
    memory_limit: str = MEMORY_LIMIT,
    warn: Callable[[SetAside], None] = lambda _: None,
) -> int:
    """Write `run.duckdb` from the segments of this moment and return its bytes. Raises RunFailed.

    `only` are the tables that are written; None is all. Holds nobody off and derives nothing, which
    is the matter of `publish_run`.
    """
    terms = Terms(tables=(), memory_limit=memory_limit, scratch_in=facts.store.scratch)
    return ask(facts, lambda session: _build(facts, session, only), terms, warn)


def _sweep(store: Store) -> None:
    """Remove what commands that were killed have left; that of crawls goes when their shard is walked."""
    for leftover in () if store.scratch is None else store.scratch.glob(f"{SCRATCH_PREFIX}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if isinstance(store, Folder):
        sweep(store.root, levels=2, leaving=_OF_CRAWLS)


def _build(facts: RunFacts, session: Session, only: Collection[str] | None) -> int:
    """Write tables into a new database with comments, and give it its name; return its bytes.

    The session has made none yet. The proof of what each was made of goes first: where there is no
    room for it, the old database is as it was.
    """
    aside = session.scratch / layout.DATABASE
    asked = session.connection
    published = [
        contract
        for contract in contracts()
        if contract.published and (only is None or contract.name in only)
    ]
    names = [contract.name for contract in published]
    needed = with_what_they_read(names)
    before = made_of(facts, session.listing, names)
    asked.execute(f"attach {quoted(str(aside))} as published (storage_version '{STORAGE_VERSION}')")
    for contract in contracts():
        if contract.name in needed:
            _work_out(asked, contract, publish=contract.name in names)
    describe_tables(asked, "published", published)
    asked.execute("checkpoint published")
    asked.execute("detach published")
    size_bytes = aside.stat().st_size
    after = made_of(facts, session.listing, names)  # of tables that `refresh` may have renewed
    made = {name: before[name] for name in names if name in before and before[name] == after[name]}
    write_proof(facts.store, aside, made)
    facts.store.take(layout.DATABASE, aside)
    return size_bytes


def _work_out(asked: DuckDBPyConnection, contract: Contract, *, publish: bool) -> None:
    """Write one table, which those that come after it read from where it is published, if it is."""
    name, query = contract.name, contract.query
    if publish:
        asked.execute(f"create table published.{name} as {query}")
        query = f"from published.{name}"
    kind = "table" if name in _STEPS else "view"
    asked.execute(f"create {kind} {name} as {query}")
