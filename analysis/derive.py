"""Reads what is to be known of a run's links off their captions and URLs: `signals` and `tenants`.

Room: disk. How it is kept and when it is read again, `reading.py` knows.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from analysis import private_suffixes
from analysis.captions.batch import search
from analysis.captions.terms import terms_digest
from analysis.derived import SIGNALS_SCHEMA, TENANTS_SCHEMA
from analysis.reading import Reading, read_links
from analysis.runfile import RunFacts
from analysis.segments import SetAside
from analysis.tenants import is_shared, tenant
from crawler.records import layout


def derive(run: RunFacts, warn: Callable[[SetAside], None] = lambda _: None) -> int:
    """Bring `signals` and `tenants` of a run up to date; return how many links were read.

    Raises RunFailed where they cannot be written.
    """
    reading = Reading(
        schemas={layout.SIGNALS: SIGNALS_SCHEMA, layout.TENANTS: TENANTS_SCHEMA},
        columns=("link_id", "caption", "wire_url", "host"),
        rules=_rules(),
        make=lambda batch: {layout.SIGNALS: _signals(batch), layout.TENANTS: _tenants(batch)},
    )
    return read_links(run, reading, warn)


@cache
def _rules() -> str:
    """Return what changes when the same text may be read otherwise: our code, lists and libraries."""
    here = Path(__file__).parent
    code = sha256()
    for path in sorted([*here.glob("captions/*.py"), here / "tenants.py", here / "derived.py"]):
        code.update(path.read_bytes())
    libraries = (f"{name} {version(name)}" for name in ("phonenumbers", "python-stdnum"))
    return " ".join((code.hexdigest(), terms_digest(), private_suffixes.list_digest(), *libraries))


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
