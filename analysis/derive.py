"""Reads what is to be known of a run's links off their captions and URLs, once.

Room: disk. Each file of links has one of `signals` and one of `tenants` beside it, of the same name,
which says in its footer of which links and by which rules it was made. So a run that has grown is
read on from where it is, and a change of the rules, or a file that is not what was written, reads it
again. Everything here can be deleted.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analysis import private_suffixes
from analysis.captions.batch import search
from analysis.captions.terms import terms_digest
from analysis.derived import SIGNALS_SCHEMA, TENANTS_SCHEMA
from analysis.filesystem import SCHEME
from analysis.runfile import RunFacts
from analysis.sealed_file import prove_file, sealed
from analysis.segments import Listing, SetAside, list_segments
from analysis.session import Session, Terms, ask
from analysis.tables import quoted
from analysis.tenants import is_shared, tenant
from crawler.records import layout
from crawler.records.errors import disk_failure
from crawler.records.seal import TornError

_BATCH_LINKS = 20_000
_KEY = b"stillup.derived_from"
_SCHEMAS = {layout.SIGNALS: SIGNALS_SCHEMA, layout.TENANTS: TENANTS_SCHEMA}


def derive(run: RunFacts, warn: Callable[[SetAside], None] = lambda _: None) -> int:
    """Bring `signals` and `tenants` of a run up to date; return how many links were read.

    Raises RunFailed where they cannot be written.
    """
    stale = _stale(list_segments(run.root))
    if not stale:
        return 0
    try:
        return ask(run, lambda session: _read(session, run.root, stale), Terms(tables=()), warn)
    except OSError as error:
        raise disk_failure(f"cannot write in {run.root}", error) from error


def _stale(listing: Listing) -> dict[str, str]:
    """Return the files of links that are not read yet, each with what its own are to be marked by."""
    wanted = {path: _mark(listing, path) for path in listing.files[layout.LINKS]}
    return {
        path: mark
        for path, mark in wanted.items()
        if any(_marked(listing.root / _beside(path, table)) != mark for table in _SCHEMAS)
    }


def _mark(listing: Listing, path: str) -> str:
    """Return a digest of a file of links and of the rules that it is read by."""
    seal = listing.seals.get(path)
    state = (listing.root / path).stat()
    content = seal.blocks if seal else f"{state.st_size} {state.st_mtime_ns}".encode()
    return sha256(_rules().encode() + b"\0" + content).hexdigest()


@cache
def _rules() -> str:
    """Return what changes when the same text may be read otherwise: our code, lists and libraries."""
    here = Path(__file__).parent
    code = sha256()
    for path in sorted([*here.glob("captions/*.py"), here / "tenants.py", here / "derived.py"]):
        code.update(path.read_bytes())
    libraries = (f"{name} {version(name)}" for name in ("phonenumbers", "python-stdnum"))
    return " ".join((code.hexdigest(), terms_digest(), private_suffixes.list_digest(), *libraries))


def _marked(path: Path) -> str | None:
    """Return what a file is marked by, None where it is not whole."""
    try:
        prove_file(path)
        found = pq.read_metadata(path).metadata or {}
    except (OSError, TornError, pa.ArrowException):
        return None
    mark = found.get(_KEY)
    return mark.decode() if mark else None


def _beside(path: str, table: str) -> str:
    return f"{table}/{path.partition('/')[2]}"


def _read(session: Session, root: Path, stale: dict[str, str]) -> int:
    links = 0
    for path, mark in stale.items():
        with contextlib.ExitStack() as open_files:
            sinks = {
                table: open_files.enter_context(_writing(root / _beside(path, table), schema, mark))
                for table, schema in _SCHEMAS.items()
            }
            for batch in _batches(session, path):
                sinks[layout.SIGNALS].write_table(_signals(batch))
                sinks[layout.TENANTS].write_table(_tenants(batch))
                links += batch.num_rows
    return links


def _batches(session: Session, path: str) -> Iterable[pa.RecordBatch]:
    """Yield the links of a file; its bytes are proved on the way."""
    asked = session.connection.sql(
        f"select link_id, caption, wire_url, host from read_parquet({quoted(f'{SCHEME}://{path}')})"
    )
    batches: Iterable[pa.RecordBatch] = asked.to_arrow_reader(_BATCH_LINKS)
    return batches


def _signals(batch: pa.RecordBatch) -> pa.Table:
    columns = batch.to_pydict()
    hits = search(columns["caption"], columns["wire_url"])
    found = {name: [getattr(hit, name) for hit in hits] for name in SIGNALS_SCHEMA.names[1:]}
    return pa.table(
        {"link_id": [columns["link_id"][hit.row] for hit in hits], **found}, schema=SIGNALS_SCHEMA
    )


def _tenants(batch: pa.RecordBatch) -> pa.Table:
    columns = batch.to_pydict()
    rows = [
        {"link_id": link_id, "tenant": found.name, "is_storage": found.is_storage}
        for link_id, host, url in zip(
            *(columns[name] for name in ("link_id", "host", "wire_url")), strict=True
        )
        if host is not None and _is_shared(host)
        if (found := tenant(host, _path(url), private_suffixes.customer)) is not None
    ]
    return pa.Table.from_pylist(rows, schema=TENANTS_SCHEMA)


@lru_cache(maxsize=100_000)
def _is_shared(host: str) -> bool:
    return is_shared(host, private_suffixes.customer)


def _path(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2]


@contextlib.contextmanager
def _writing(target: Path, schema: pa.Schema, mark: str) -> Iterator[pq.ParquetWriter]:
    """Write a file that gets its name when it is whole and on the disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    marked = schema.with_metadata({_KEY: mark})
    with sealed(target, marked) as sink:
        yield sink
