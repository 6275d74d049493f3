"""What a table is made of, as one digest: where the digests of two moments are equal, so are the rows.

Room: disk. It covers the table's SQL and that of all it reads, the rows of the live segments below,
run.toml's facts, the tables that are no run's own, DuckDB's version and the code that puts tables
together. A compaction changes none, as the rows of a merged file are those of its pieces.
"""

from collections.abc import Collection
from functools import cache
from hashlib import sha256
from pathlib import Path

import duckdb

from analysis import tables
from analysis.contracts import contracts, with_what_they_read
from analysis.offline import NETWORKS, offline_files, provider_rules
from analysis.runfile import RunFacts
from analysis.segments import SCHEMAS, Listing
from crawler.records.seal import joined_rows, schema_digest


def made_of(run: RunFacts, listing: Listing, wanted: Collection[str]) -> dict[str, str]:
    """Return a digest of each wanted table and each that it reads; none where a file has no seal."""
    needed = with_what_they_read(wanted)
    found: dict[str, str] = {}
    for contract in contracts():
        if contract.name not in needed:
            continue
        parts = [found.get(name) for name in contract.reads]
        parts += [_made_of_segments(run, listing, name) for name in contract.segments]
        told = [part for part in parts if part is not None]
        if len(told) == len(parts):
            found[contract.name] = _digest(_how_tables_are_made(), contract.query, *told)
    return found


def _made_of_segments(run: RunFacts, listing: Listing, name: str) -> str | None:
    """Return a digest of a table of the schema `segments`, None where a file of it has no seal."""
    if name == "meta":
        return _digest(name, repr(run.facts))
    if name == "networks":
        return _digest(name, _of_file(offline_files()[NETWORKS]))
    if name == "provider_rules":
        return _digest(name, _of_rules())
    seals = [listing.seals.get(path) for path in listing.files[name]]
    proved = [proof for proof in seals if proof is not None]
    if len(proved) < len(seals):
        return None
    rows = joined_rows(proof.rows_digest for proof in proved)
    return _digest(name, schema_digest(SCHEMAS[name]), f"{rows:064x}")


@cache
def _how_tables_are_made() -> str:
    code = Path(tables.__file__).read_text(encoding="utf-8")
    return _digest(duckdb.__version__, code)


@cache
def _of_rules() -> str:
    return _digest(repr(provider_rules().to_pylist()))


def _of_file(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _digest(*parts: str) -> str:
    """Return a digest of texts, none of which can pass for a part of another."""
    return sha256("".join(f"{len(part)} {part}" for part in parts).encode()).hexdigest()
