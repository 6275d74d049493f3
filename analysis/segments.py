"""Which files of a run count right now: whole, live segments, by table.

Room: disk. Knows names, folders and the footer of a segment, not what is in its body: that is
proved block by block where it is read (`filesystem`). A crawl may add segments and a compaction
may delete covered ones while we look, so a folder is read until two readings agree.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from analysis.derived import MEANINGS_SCHEMA, SIGNALS_SCHEMA, TENANTS_SCHEMA
from analysis.matching.shape import MATCHES, MATCHES_SCHEMA
from crawler.records import layout, seal
from crawler.records.action import ACTIONS_SCHEMA
from crawler.records.contact import CONTACTS_SCHEMA
from crawler.records.link import DATASET_ROWS_SCHEMA, LINKS_SCHEMA
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA
from crawler.records.round import ROUNDS_SCHEMA
from crawler.records.seal import Seal, TornError

SCHEMAS = {
    layout.LINKS: LINKS_SCHEMA,
    layout.DATASET_ROWS: DATASET_ROWS_SCHEMA,
    layout.OBSERVATIONS: OBSERVATIONS_SCHEMA,
    layout.HOSTS: HOSTS_SCHEMA,
    layout.SIGNALS: SIGNALS_SCHEMA,
    layout.TENANTS: TENANTS_SCHEMA,
    layout.MEANINGS: MEANINGS_SCHEMA,
    layout.ACTIONS: ACTIONS_SCHEMA,
    layout.ROUNDS: ROUNDS_SCHEMA,
    MATCHES: MATCHES_SCHEMA,
    layout.CONTACTS: CONTACTS_SCHEMA,
}
SEGMENT_TABLES = tuple(SCHEMAS)

_READINGS = 1000


@dataclass(frozen=True, slots=True)
class SetAside:
    """A segment that is not read, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The segments of a run at one moment: table → paths relative to `root`, in order.

    `seals` are of the files that have one. `grown` are the tables of which a file lacks a column.
    `set_aside` is not read now.
    """

    root: Path
    files: Mapping[str, tuple[str, ...]]
    set_aside: tuple[SetAside, ...] = ()
    seals: Mapping[str, Seal] = field(default_factory=dict)
    grown: frozenset[str] = frozenset()

    def has_vanished(self) -> bool:
        """Tell whether a listed file is gone by now, which means that it was compacted."""
        return any(
            not (self.root / path).exists() for paths in self.files.values() for path in paths
        )

    def unsealed(self) -> list[str]:
        """Return every file that cannot be proved while it is read."""
        return [path for paths in self.files.values() for path in paths if path not in self.seals]


@dataclass(slots=True)
class _Found:
    """One folder's reading: whole files with their seals, and the others with their faults."""

    seals: dict[str, Seal | None] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    grown: bool = False


def list_segments(root: Path, damaged: Mapping[str, str] = MappingProxyType({})) -> Listing:
    """Return the whole, live segments of the run at `root`; a folder that is not there has none.

    `damaged` are paths that were found wrong while they were read, and why.
    """
    files: dict[str, tuple[str, ...]] = {}
    set_aside: list[SetAside] = []
    seals: dict[str, Seal] = {}
    grown: set[str] = set()
    for table, schema in SCHEMAS.items():
        paths: list[str] = []
        for folder in _folders(root, table):
            found = _read_folder(root, folder, schema, damaged)
            live = [f"{folder}/{name}" for name in layout.live(found.seals)]
            paths += live
            set_aside += [SetAside(f"{folder}/{name}", why) for name, why in found.faults.items()]
            named = {f"{folder}/{name}": proof for name, proof in found.seals.items()}
            seals |= {path: proof for path in live if (proof := named[path]) is not None}
            grown |= {table} if found.grown else set()
        files[table] = tuple(paths)
    return Listing(
        root,
        MappingProxyType(files),
        tuple(set_aside),
        MappingProxyType(seals),
        frozenset(grown),
    )


def kept_aside(root: Path) -> list[str]:
    """Return the faulty segments that crawls have set aside, relative to the run."""
    return [
        f"{folder}/{name}"
        for table in SEGMENT_TABLES
        for folder in _folders(root, table)
        for name in sorted(_names(root / folder))
        if layout.set_aside_from(name) is not None
    ]


def _folders(root: Path, table: str) -> Iterator[str]:
    """Yield the table's folder and its shards' folders, relative to the run."""
    yield table
    shards = [name for name in _names(root / table) if layout.shard_of(name) is not None]
    yield from (f"{table}/{name}" for name in sorted(shards))


def _read_folder(root: Path, folder: str, schema: pa.Schema, damaged: Mapping[str, str]) -> _Found:
    for _ in range(_READINGS):
        names, found = _names(root / folder), _Found()
        for name in sorted(names):
            if layout.segment_range(name) is not None:
                _read(root / folder / name, schema, damaged.get(f"{folder}/{name}"), found)
        if names == _names(root / folder):
            break
    return found


def _read(path: Path, schema: pa.Schema, damage: str | None, found: _Found) -> None:
    """Put a file where it belongs; one that has vanished belongs nowhere."""
    why = damage
    try:
        if why is None and not stat.S_ISREG(path.lstat().st_mode):
            why = "is not a regular file"
        if why is None:
            proof = _seal(path)
            if proof is None or proof.schema != seal.schema_digest(schema):
                found.grown |= _lacks_columns(path, schema)
            found.seals[path.name] = proof
    except FileNotFoundError:
        return
    except TornError as error:
        why = str(error)
    except OSError as error:
        why = f"cannot be read ({error.strerror or error})"
    if why is not None:
        found.faults[path.name] = why


def _seal(path: Path) -> Seal | None:
    with path.open("rb", buffering=0) as file:
        handle = file.fileno()
        return seal.read_seal(
            lambda offset, size: os.pread(handle, size, offset), os.fstat(handle).st_size
        )


def _lacks_columns(path: Path, schema: pa.Schema) -> bool:
    """Tell whether a file has fewer columns than the table. Raises TornError if it is none of it."""
    import pyarrow.parquet as pq  # only for the files of another program or version

    try:
        there = pq.read_schema(path)
    except pa.ArrowException as error:
        raise TornError(f"cannot be decoded ({_short(error)})") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise TornError(f"cannot be decoded ({_short(error)})") from error
    if (why := seal.misfit(there, schema)) is not None:
        raise TornError(why)
    return not set(schema.names) <= set(there.names)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:100]


def _names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))  # noqa: PTH208 - names are all that is wanted
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
