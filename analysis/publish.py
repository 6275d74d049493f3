"""Builds run.duckdb: the run's tables for any DuckDB client, without stillup.

Room: disk. Built aside under a temporary name, synced, and renamed over the old file, which its
readers keep. One publish at a time; a second waits.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from analysis.contracts import contracts
from analysis.derive import derive
from analysis.held import held
from analysis.runfile import read_run
from analysis.segments import SetAside
from analysis.session import SCRATCH_PREFIX, Session, Terms, ask
from analysis.tables import describe_tables, quoted
from analysis.whole_file import sync
from crawler.records import layout

# What DuckDB 1.2, of February 2025, and every later version can open.
STORAGE_VERSION = "v1.2.0"
MEMORY_LIMIT = "2GB"


def publish_run(
    run: str | Path,
    *,
    memory_limit: str = MEMORY_LIMIT,
    warn: Callable[[SetAside], None] = lambda _: None,
) -> Path:
    """Build `run.duckdb` of the run at `run` from its segments of this moment; return its path.

    Raises RunFailed where there is no run, and where it does not fit on the disk; the old file is
    then as it was. What is set aside goes to `warn`.
    """
    facts = read_run(run)
    target = facts.root / layout.DATABASE
    terms = Terms(
        stored=("soft_signs", "looks", "verdicts", "signals", "placed_links", "place_signals"),
        memory_limit=memory_limit,
        scratch_in=facts.root,
    )
    with held(facts.root, "publish"):
        for leftover in facts.root.glob(f"{SCRATCH_PREFIX}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        derive(facts, warn)
        ask(facts, lambda session: _build(session, target), terms, warn)
    return target


def _build(session: Session, target: Path) -> None:
    """Write every table into a new database with comments, and rename it to `target`."""
    aside = session.scratch / target.name
    asked = session.connection
    published = [contract for contract in contracts() if contract.published]
    asked.execute(f"attach {quoted(str(aside))} as published (storage_version '{STORAGE_VERSION}')")
    for contract in published:
        asked.execute(f"create table published.{contract.name} as from memory.main.{contract.name}")
    describe_tables(asked, "published", published)
    asked.execute("checkpoint published")
    asked.execute("detach published")
    sync(aside)
    aside.replace(target)
    sync(target.parent)
