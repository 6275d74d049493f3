"""Tables that are read off a run's links once, file by file, and kept beside them.

Room: disk. Each file of links has one of each table beside it, of the same name, which says in its
footer of which links and by which rules it was made. So a run that has grown is read on from where it
is, and a change of the rules, or a file that is not what was written, reads it again. Everything that
is kept so can be deleted.
"""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.filesystem import SCHEME
from analysis.runfile import RunFacts
from analysis.sealed_file import prove, sealed_in
from analysis.segments import Listing, SetAside, list_segments
from analysis.session import Session, Terms, ask
from analysis.tables import quoted
from crawler.records import layout
from crawler.records.errors import disk_failure
from crawler.records.seal import TornError
from storage.open import is_remote
from storage.opened import as_file
from storage.store import Store

_KEY = b"stillup.derived_from"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is made of links: `make` takes a batch of `columns` and returns rows for each table.

    `rules` is a text that changes when the same links may be read otherwise.
    """

    schemas: Mapping[str, pa.Schema]
    columns: tuple[str, ...]
    rules: str
    make: Callable[[pa.RecordBatch], Mapping[str, pa.Table]]
    batch_links: int = 20_000
    told: Callable[[int], None] = lambda _links: None  # after each batch: how many links were read


def read_links(
    run: RunFacts, reading: Reading, warn: Callable[[SetAside], None] = lambda _: None
) -> int:
    """Bring the tables of a reading up to date; return how many links were read.

    Raises RunFailed where they cannot be written.
    """
    stale = unread(list_segments(run.store), reading)
    if not stale:
        return 0
    try:
        terms = Terms(tables=(), published=True)  # which has no table: files are read by name
        return ask(run, lambda session: _read(session, run.store, stale, reading), terms, warn)
    except OSError as error:
        raise disk_failure(f"cannot write in {run.store.location}", error) from error


def unread(listing: Listing, reading: Reading) -> dict[str, str]:
    """Return the files of links that are not read yet, each with what its own are to be marked by."""
    wanted = {path: _mark(listing, path, reading) for path in listing.files[layout.LINKS]}
    return {
        path: mark
        for path, mark in wanted.items()
        if any(_marked(listing.store, _beside(path, table)) != mark for table in reading.schemas)
    }


def _mark(listing: Listing, path: str, reading: Reading) -> str:
    """Return a digest of a file of links and of the rules that it is read by."""
    seal = listing.seals.get(path)
    if seal is None:
        with closing(listing.store.open(path)) as file:
            content = f"{file.size} {file.modified_ns}".encode()
    else:
        content = seal.blocks
    return sha256(reading.rules.encode() + b"\0" + content).hexdigest()


def _marked(store: Store, name: str) -> str | None:
    """Return what a file is marked by, None where it is not whole."""
    try:
        with closing(store.open(name)) as file:
            prove(file, body=not is_remote(store.location))  # a session proves what it reads
            found = pq.read_metadata(as_file(file)).metadata or {}
    except (OSError, TornError, pa.ArrowException):
        return None
    mark = found.get(_KEY)
    return mark.decode() if mark else None


def _beside(path: str, table: str) -> str:
    return f"{table}/{path.partition('/')[2]}"


def _read(session: Session, store: Store, stale: Mapping[str, str], reading: Reading) -> int:
    links = 0
    for path, mark in stale.items():
        with contextlib.ExitStack() as open_files:
            sinks = {
                table: open_files.enter_context(
                    sealed_in(store, _beside(path, table), schema.with_metadata({_KEY: mark}))
                )
                for table, schema in reading.schemas.items()
            }
            for batch in _batches(session, path, reading):
                for table, rows in reading.make(batch).items():
                    sinks[table].write_table(rows)
                links += batch.num_rows
                reading.told(links)
    return links


def _batches(session: Session, path: str, reading: Reading) -> Iterable[pa.RecordBatch]:
    """Yield the links of a file; its bytes are proved on the way."""
    columns = ", ".join(reading.columns)
    asked = session.connection.sql(
        f"select {columns} from read_parquet({quoted(f'{SCHEME}://{path}')})"
    )
    batches: Iterable[pa.RecordBatch] = asked.to_arrow_reader(reading.batch_links)
    return batches
