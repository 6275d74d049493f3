"""run.duckdb for sessions: which of its tables are what the live segments give now, and its bytes proved.

Room: disk. `publish` writes a proof beside the database: digests of its blocks, and of what each
table was made of (`made_of`). A database without its own proof is not used: one that another program
has written to, that was damaged, or that a publish has replaced a moment ago.
"""

import contextlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from analysis.made_of import made_of
from analysis.runfile import RunFacts
from analysis.segments import Listing
from crawler.records import layout
from crawler.records.seal import BLOCK_BYTES, Seal, block_digests
from storage.folder import OpenFile
from storage.open import is_remote
from storage.store import Opened, Store

_MARK = b"stillup database 1 "


@dataclass(frozen=True, slots=True)
class Current:
    """The open run.duckdb, the seal of its bytes, and those of its tables that are right now."""

    file: Opened
    seal: Seal
    tables: frozenset[str]


def write_proof(store: Store, database: Path, tables: Mapping[str, str]) -> None:
    """Write the proof of a database that is about to be the run's. Raises OSError.

    `tables` are digests of what each is made of.
    """
    with contextlib.closing(OpenFile(database)) as file:
        blocks = block_digests(file.read_at, file.size)
        size_bytes = file.size
    told = {"size_bytes": size_bytes, "blocks": blocks, "tables": dict(tables)}
    content = json.dumps(told).encode()
    store.replace(layout.DATABASE_PROOF, _headed(content))


def current(run: RunFacts, listing: Listing, wanted: Collection[str]) -> Current | None:
    """Return run.duckdb with those tables among the wanted and what they read that are as listed.

    None where there are none, or the run lies in a bucket: each block would be a request.
    """
    if is_remote(run.store.location):
        return None
    told = _read_proof(run.store)
    if told is None:
        return None
    made, seal = told
    now = made_of(run, listing, wanted)
    tables = frozenset(name for name, digest in now.items() if made.get(name) == digest)
    file = _opened(run.store, seal) if tables else None
    return None if file is None else Current(file, seal, tables)


def _read_proof(store: Store) -> tuple[dict[str, str], Seal] | None:
    """Return what the tables were made of and the seal; None where there is no whole proof of ours."""
    try:
        head, _, content = store.read(layout.DATABASE_PROOF).partition(b"\n")
    except OSError:
        return None
    if head + b"\n" + content != _headed(content):
        return None
    try:
        told = json.loads(content)
        return dict(told["tables"]), Seal("", int(told["size_bytes"]), told["blocks"].encode())
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _headed(content: bytes) -> bytes:
    return _MARK + sha256(content).hexdigest().encode() + b"\n" + content


def _opened(store: Store, seal: Seal) -> Opened | None:
    """Open the database; None where it is not the one of the proof, as far as its head tells."""
    try:
        file = store.open(layout.DATABASE)
        is_it = file.size == seal.body_bytes and seal.proves(0, file.read_at(0, BLOCK_BYTES))
    except OSError:
        return None
    return file if is_it else None
