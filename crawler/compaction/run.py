"""Compacts a run: each shard's folder of each table whose segments pile up.

Room: disk. Those are observations and hosts, which a crawl adds to every few seconds. The number
of a segment of `rounds` is its round; the others are large already, few, or kept by their writers.
"""

import pyarrow as pa

from crawler.compaction.folder import Tally, Terms, compact_folder
from crawler.records.errors import disk_failure
from crawler.records.layout import HOSTS, OBSERVATIONS, shard_of
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA
from crawler.spill import spill_folder
from storage.store import Store

TABLES: dict[str, pa.Schema] = {OBSERVATIONS: OBSERVATIONS_SCHEMA, HOSTS: HOSTS_SCHEMA}


def compact_run(store: Store, terms: Terms) -> Tally:
    """Compact a run and return what was done. Raises RunFailed; readers then find the same rows."""
    tally = Tally()
    try:
        with spill_folder() as scratch:
            for table, schema in TABLES.items():
                for name in store.names(table):
                    if shard_of(name) is not None:
                        compact_folder(store, f"{table}/{name}", schema, terms, scratch, tally)
    except OSError as error:
        raise disk_failure(f"cannot compact {store.location}", error) from error
    return tally
