"""A DuckDB that sees one run and nothing else of this machine.

Room: sql. Opens a connection over one listing of segments and locks it: no file but the run's
segments (for reading) and a scratch folder of its own, no network, no extension, no setting to
change. See docs/decisions/0010 for what was tried against it.
"""

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from analysis.contracts import mentioned, segments_below, worked_out_once
from analysis.filesystem import SCHEME, Nothing, ReadOnlyRun
from analysis.offline import offline_files
from analysis.published import Current, current
from analysis.runfile import RunFacts
from analysis.segments import Listing, SetAside, list_segments
from analysis.tables import PUBLISHED, create_segments, create_tables, quoted
from analysis.text import one_line
from crawler.records import layout
from crawler.records.errors import RunFailed, WrongUse, database_failure, disk_failure
from storage.opened import as_file

Answer = TypeVar("Answer")

SCRATCH_PREFIX = ".stillup-"
_LISTINGS = 100
_RUN_AT_FAULT = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InternalException)


@dataclass(frozen=True, slots=True)
class Session:
    """A locked connection over one listing. `scratch` is a folder that dies with it.

    `published` are the tables that are read in run.duckdb, where they are of the same listing.
    """

    connection: duckdb.DuckDBPyConnection
    scratch: Path
    listing: Listing
    published: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a session is opened.

    `stored` views are computed once, as tables. `tables` are the ones that will be asked, with what
    they read; None is all. `memory_limit` is DuckDB's text, as "2GB"; without
    it DuckDB takes 80 % of the machine. `scratch_in` is where the scratch folder lies, which is the
    only place that the work can write to. `published` tells that nothing but those `tables` is asked:
    they may come from run.duckdb, where they are what the segments give, and the schema `segments`
    has only what is still needed.
    """

    stored: Collection[str] = ()
    tables: Collection[str] | None = None
    memory_limit: str | None = None
    scratch_in: Path | None = None
    published: bool = False


def terms_of(query: str) -> Terms:
    """Return the terms that answer a query soonest."""
    tables = mentioned(query)
    return Terms(
        tables=tables,
        stored=worked_out_once(tables or ()),
        published="segments" not in query.lower(),
    )


def ask(
    run: RunFacts,
    work: Callable[[Session], Answer],
    terms: Terms | None = None,
    warn: Callable[[SetAside], None] = lambda _: None,
) -> Answer:
    """Return what `work` answers over the run's segments of this moment.

    `work` is called again with a new session when a compaction took a file away under it, or a
    segment turned out to be damaged, so it must not have shown anything yet. What is set aside goes
    to `warn`. DuckDB's errors come out as RunFailed or WrongUse, and so does a full disk.
    """
    damaged: dict[str, str] = {}
    for _ in range(_LISTINGS):
        listing, known = list_segments(run.store, damaged), len(damaged)
        try:
            with open_session(run, listing, terms or Terms(), damaged) as session:
                answer = work(session)
        except OSError as error:
            raise disk_failure("cannot write what the answer needs", error) from error
        except duckdb.Error as error:
            if len(damaged) > known or listing.has_vanished() or _undecodable(listing, damaged):
                continue
            if isinstance(error, _RUN_AT_FAULT):
                raise database_failure("", one_line(str(error))) from error
            raise WrongUse(one_line(str(error))) from error
        for segment in listing.set_aside:
            warn(segment)
        return answer
    raise RunFailed(f"{run.store.location}: the segments change too fast to be read; try again")


def _undecodable(listing: Listing, damaged: dict[str, str]) -> bool:
    """Find the files without a seal that cannot be decoded; tell whether there is one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in listing.unsealed():
        try:
            with (
                closing(listing.store.open(path)) as opened,
                pq.ParquetFile(as_file(opened), page_checksum_verification=True) as file,
            ):
                for _ in file.iter_batches():
                    pass
        except (OSError, pa.ArrowException):
            damaged[path] = "cannot be decoded"
    return any(path in damaged for path in listing.unsealed())


@contextmanager
def open_session(
    run: RunFacts, listing: Listing, terms: Terms, damaged: dict[str, str] | None = None
) -> Iterator[Session]:
    """Open a locked session over `listing`; its connection and scratch folder end with it.

    Segments that turn out to be damaged are noted in `damaged`, and reading one is an error.
    """
    with (
        tempfile.TemporaryDirectory(
            prefix=SCRATCH_PREFIX, dir=terms.scratch_in, ignore_cleanup_errors=True
        ) as scratch,
        duckdb.connect() as connection,
    ):
        noted = {} if damaged is None else damaged
        found = _published(run, listing, terms, noted)
        connection.register_filesystem(_files(run, listing, noted, found))
        _settle(connection, Path(scratch), terms)
        if found is not None:
            _attach(connection, noted)
        taken: frozenset[str] = frozenset() if found is None else found.tables
        wanted: frozenset[str] | None = None
        if terms.published and terms.tables is not None:
            wanted = segments_below(terms.tables, taken)
        create_segments(connection, listing, run.facts, wanted)
        _lock(connection)
        create_tables(connection, terms.stored, terms.tables, taken)
        yield Session(connection, Path(scratch), listing, taken)


def _published(
    run: RunFacts, listing: Listing, terms: Terms, damaged: Mapping[str, str]
) -> Current | None:
    """Return run.duckdb where it may be used for tables that are asked by their names."""
    if not terms.published or not terms.tables or layout.DATABASE in damaged:
        return None
    return current(run, listing, terms.tables)


def _files(
    run: RunFacts, listing: Listing, damaged: dict[str, str], found: Current | None
) -> ReadOnlyRun:
    """Return all that a session may read. A database is published without a log to be written on."""
    names = [name for paths in listing.files.values() for name in paths]
    if found is None:
        return ReadOnlyRun(run.store, names, listing.seals, damaged, offline_files())
    seals = {**listing.seals, layout.DATABASE: found.seal}
    kept = {layout.DATABASE: found.file, f"{layout.DATABASE}.wal": Nothing()}
    return ReadOnlyRun(run.store, names, seals, damaged, offline_files(), kept)


def _attach(connection: duckdb.DuckDBPyConnection, damaged: dict[str, str]) -> None:
    """Attach run.duckdb as PUBLISHED; where it cannot be, that is noted in `damaged`."""
    name = quoted(f"{SCHEME}://{layout.DATABASE}")
    try:
        connection.execute(f"attach {name} as {PUBLISHED} (read_only)")
    except duckdb.Error:
        damaged.setdefault(layout.DATABASE, "cannot be attached")
        raise


def _settle(connection: duckdb.DuckDBPyConnection, scratch: Path, terms: Terms) -> None:
    for setting in (
        f"temp_directory = {quoted(str(scratch))}",
        "timezone = 'UTC'",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "enable_progress_bar = false",
        # It goes by an estimate of how many addresses there are, and that is far too low behind a view:
        # a hundred of them were each held against half a million networks.
        "asof_loop_join_threshold = 0",
        "storage_block_prefetch = 'never'",  # run.duckdb is on this machine, whatever DuckDB thinks
    ):
        connection.execute(f"set {setting}")
    if terms.memory_limit is not None:
        connection.execute(f"set memory_limit = {quoted(terms.memory_limit)}")


def _lock(connection: duckdb.DuckDBPyConnection) -> None:
    """Close every door but the run's own; the last line closes the lock itself."""
    connection.execute(f"set allowed_directories = ['{SCHEME}://']")
    connection.execute("set python_enable_replacements = false")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
