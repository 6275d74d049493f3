"""Which files of a run count right now: whole, live segments, by table.

Room: disk. Knows names, folders and the footer of a segment, not what is in its body: that is
proved block by block where it is read (`filesystem`). A crawl may add segments and a compaction
may delete covered ones while we look, so a table is listed until two listings agree; a segment that
a crawl has only added meanwhile is no disagreement.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

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
from storage.open import as_store
from storage.opened import as_file
from storage.store import NotAFileError, Opened, Store

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

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class SetAside:
    """A segment that is not read, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The segments of a run at one moment: table → paths relative to the run, in order.

    `seals` are of the files that have one. `grown` are the tables of which a file lacks a column.
    `set_aside` is not read now. `states` tell where a file was replaced (`Store.below`).
    """

    store: Store
    files: Mapping[str, tuple[str, ...]]
    set_aside: tuple[SetAside, ...] = ()
    seals: Mapping[str, Seal] = field(default_factory=dict)
    grown: frozenset[str] = frozenset()
    states: Mapping[str, str] = field(default_factory=dict)

    def has_vanished(self) -> bool:
        """Tell whether a listed file is gone by now, or another, which means that it was compacted."""
        for table, paths in self.files.items():
            now = _below(self.store, table) if paths else {}
            if any(now.get(path) != self.states.get(path, "") for path in paths):
                return True
        return False

    def unsealed(self) -> list[str]:
        """Return every file that cannot be proved while it is read."""
        return [path for paths in self.files.values() for path in paths if path not in self.seals]


@dataclass(slots=True)
class _Found:
    """One table's reading: whole files with their seals, and the others with their faults."""

    seals: dict[str, Seal | None] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    grown: bool = False


def list_segments(
    place: Store | Path, damaged: Mapping[str, str] = MappingProxyType({})
) -> Listing:
    """Return the whole, live segments of the run in a store, or at a folder's path.

    A folder that is not there has none. `damaged` are paths that were found wrong while they were
    read, and why.
    """
    store = as_store(place)
    files: dict[str, tuple[str, ...]] = {}
    set_aside: list[SetAside] = []
    seals: dict[str, Seal] = {}
    states: dict[str, str] = {}
    grown: set[str] = set()
    readings = _each(store, partial(_read_table, store, damaged), list(SCHEMAS))
    for table, found in zip(SCHEMAS, readings, strict=True):
        files[table] = tuple(_live(found.seals))
        faulty = sorted(found.faults, key=_folder_and_name)
        set_aside += [SetAside(path, found.faults[path]) for path in faulty]
        proofs = {path: found.seals[path] for path in files[table]}
        seals |= {path: proof for path, proof in proofs.items() if proof is not None}
        states |= {path: state for path in files[table] if (state := found.states.get(path))}
        grown |= {table} if found.grown else set()
    return Listing(
        store,
        MappingProxyType(files),
        tuple(set_aside),
        MappingProxyType(seals),
        frozenset(grown),
        MappingProxyType(states),
    )


def kept_aside(place: Store | Path) -> list[str]:
    """Return the faulty segments that crawls have set aside, relative to the run."""
    store = as_store(place)
    return [
        path
        for table in SEGMENT_TABLES
        for path in sorted(_below(store, table), key=_folder_and_name)
        if layout.set_aside_from(_folder_and_name(path)[1]) is not None
    ]


def _below(store: Store, table: str) -> dict[str, str]:
    """Return what lies in the table's folder and its shards' folders, relative to the run."""
    return {
        f"{table}/{name}": state
        for name, state in store.below(table).items()
        if "/" not in name or layout.shard_of(name) is not None
    }


def _folder_and_name(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def _live(paths: Iterable[str]) -> list[str]:
    """Return the live ones of a table's files, folder by folder, in order."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folder, name = _folder_and_name(path)
        folders.setdefault(folder, []).append(name)
    return [
        f"{folder}/{name}" for folder in sorted(folders) for name in layout.live(folders[folder])
    ]


def _segments(states: Mapping[str, str]) -> dict[str, str]:
    """Return what is called as a segment is."""
    return {
        path: state
        for path, state in states.items()
        if layout.segment_range(_folder_and_name(path)[1]) is not None
    }


def _read_table(store: Store, damaged: Mapping[str, str], table: str) -> _Found:
    before = _segments(_below(store, table))
    for _ in range(_READINGS):
        found = _Found(states=before)
        paths = sorted(before, key=_folder_and_name)
        _each(store, partial(_read, store, SCHEMAS[table], damaged, found), paths)
        now = _segments(_below(store, table))
        if _agree(before, now):
            break
        before = now
    return found


def _agree(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Tell whether two listings are of the same moment but for segments that a crawl has added."""
    added = now.keys() - before.keys()
    return before.items() <= now.items() and not any(map(_covers_others, added))


def _covers_others(path: str) -> bool:
    first, last = layout.segment_range(_folder_and_name(path)[1]) or (0, 0)
    return first != last


def _each(store: Store, read: Callable[[str], _Answer], names: list[str]) -> list[_Answer]:
    """Return what is read of each, as many at a time as the store takes."""
    if store.at_once == 1 or len(names) < 2:
        return [read(name) for name in names]
    with ThreadPoolExecutor(store.at_once) as readers:
        return list(readers.map(read, names))


def _read(
    store: Store, schema: pa.Schema, damaged: Mapping[str, str], found: _Found, path: str
) -> None:
    """Put a file where it belongs; one that has vanished belongs nowhere."""
    why = damaged.get(path)
    try:
        if why is None:
            with closing(store.open(path)) as file:
                proof = seal.read_seal(file.read_at, file.size)
                is_ours = proof is not None and proof.schema == seal.schema_digest(schema)
                if not is_ours and _lacks_columns(file, schema):
                    found.grown = True
            found.seals[path] = proof
    except FileNotFoundError:
        return
    except NotAFileError:
        why = "is not a regular file"
    except TornError as error:
        why = str(error)
    except OSError as error:
        why = f"cannot be read ({error.strerror or error})"
    if why is not None:
        found.faults[path] = why


def _lacks_columns(file: Opened, schema: pa.Schema) -> bool:
    """Tell whether a file has fewer columns than the table. Raises TornError if it is none of it."""
    import pyarrow.parquet as pq  # only for the files of another program or version

    try:
        there = pq.read_schema(as_file(file))
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
