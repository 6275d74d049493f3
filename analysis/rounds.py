"""Writes the plan of a round, shard by shard, and raises the round in run.toml when all of it is there.

Room: disk. A recheck that ends before the last step has changed nothing: what it left is of a round
that is none yet, and the next one writes over it. One recheck at a time; a second waits.
"""

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import tomli_w

from analysis.whole_file import sync, whole
from crawler.records import layout
from crawler.records.errors import RunFailed, disk_failure
from crawler.records.round import ROUNDS_SCHEMA
from crawler.sealed import write_sealed

_LAST_ROUND = 65_535


def next_round(current: int) -> int:
    """Return the round after `current`. Raises RunFailed where there can be none."""
    if current >= _LAST_ROUND:
        raise RunFailed(f"the run is in round {current}, which is the last there can be")
    return current + 1


def shards_of(root: Path) -> list[int]:
    """Return the shards that the run at `root` has links of."""
    found = (layout.shard_of(path.name) for path in (root / layout.LINKS).glob("shard=*"))
    return sorted(shard for shard in found if shard is not None)


def write_plan(root: Path, number: int, shard: int, rows: Iterable[pa.RecordBatch]) -> None:
    """Write which links of a shard round `number` looks at, in the place of what was left there."""
    folder = root / layout.shard_folder(layout.ROUNDS, shard)
    aside = folder / f".writing-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            tables = (pa.Table.from_batches([batch]).cast(ROUNDS_SCHEMA) for batch in rows)
            write_sealed(aside, ROUNDS_SCHEMA, tables)
            aside.replace(folder / layout.segment_name(number))
        finally:
            aside.unlink(missing_ok=True)
        sync(folder)
    except OSError as error:
        raise disk_failure(f"cannot write in {folder}", error) from error


def begin_round(root: Path, number: int) -> None:
    """Raise the run's round in one step: from here on a crawl looks at what was planned for it."""
    path = root / layout.RUN_FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        sync(root / layout.ROUNDS)
        with whole(path) as file:
            tomli_w.dump(content | {"round": number}, file)
        sync(root)
    except OSError as error:
        raise disk_failure(f"cannot write {path}", error) from error
