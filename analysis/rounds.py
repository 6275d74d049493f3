"""Writes the plan of a round, shard by shard, and raises the round in run.toml when all of it is there.

Room: disk. A recheck that ends before the last step has changed nothing: what it left is of a round
that is none yet, and the next one writes over it. One recheck at a time; a second waits.
"""

import tomllib
from collections.abc import Iterable

import pyarrow as pa
import tomli_w

from analysis.sealed_file import sealed_in
from crawler.records import layout
from crawler.records.errors import RunFailed, disk_failure
from crawler.records.round import ROUNDS_SCHEMA
from storage.folder import Folder, sync
from storage.store import Store

_LAST_ROUND = 65_535


def next_round(current: int) -> int:
    """Return the round after `current`. Raises RunFailed where there can be none."""
    if current >= _LAST_ROUND:
        raise RunFailed(f"the run is in round {current}, which is the last there can be")
    return current + 1


def shards_of(store: Store) -> list[int]:
    """Return the shards that a run has links of."""
    found = map(layout.shard_of, store.names(layout.LINKS))
    return sorted(shard for shard in found if shard is not None)


def write_plan(store: Store, number: int, shard: int, rows: Iterable[pa.RecordBatch]) -> None:
    """Write which links of a shard round `number` looks at, in the place of what was left there."""
    folder = layout.shard_folder(layout.ROUNDS, shard)
    try:
        with sealed_in(store, f"{folder}/{layout.segment_name(number)}", ROUNDS_SCHEMA) as sink:
            for batch in rows:
                sink.write_table(pa.Table.from_batches([batch]).cast(ROUNDS_SCHEMA))
    except OSError as error:
        raise disk_failure(f"cannot write {store.location}/{folder}", error) from error


def begin_round(store: Store, number: int) -> None:
    """Raise the run's round in one step: from here on a crawl looks at what was planned for it."""
    try:
        content = tomllib.loads(store.read(layout.RUN_FILE).decode("utf-8"))
        if isinstance(store, Folder):
            sync(store.root / layout.ROUNDS)
        store.replace(layout.RUN_FILE, tomli_w.dumps(content | {"round": number}).encode("utf-8"))
    except OSError as error:
        raise disk_failure(f"cannot write {store.location}/{layout.RUN_FILE}", error) from error
