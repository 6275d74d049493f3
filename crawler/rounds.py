"""The plan of a round that is not the first: which links of each shard it looks at.

Room: disk. `stillup recheck` writes it (`analysis/rounds.py`) and raises the round in run.toml when
all of it is on the disk.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.records.errors import RunFailed, disk_failure
from crawler.records.layout import ROUNDS, segment_name
from crawler.records.round import ROUNDS_SCHEMA
from crawler.rundir import RunDirectory
from crawler.sealed import fault


def whole_plan(run: RunDirectory, shard: int) -> Path | None:
    """Return the file of a shard's links in this round; None in the first, which has every link.

    Raises RunFailed if it is not what was planned.
    """
    if run.round == 1:
        return None
    path = _path(run, shard)
    try:
        why = fault(path, ROUNDS_SCHEMA) if path.exists() else "is not there"
    except OSError as error:
        raise disk_failure(f"cannot read {path}", error) from error
    if why is not None:
        text = f"{path} {why}, and it says which links this round is for"
        raise RunFailed(f"{text}; put back a copy of it")
    return path


def links_of_round(run: RunDirectory) -> dict[int, int]:
    """Return how many links each shard has in this round.

    A plan that cannot be read counts as all links of its shard, whose worker will say what is wrong.
    """
    if run.round == 1:
        return {plan.shard: plan.links for plan in run.shards}
    return {plan.shard: _rows(_path(run, plan.shard), plan.links) for plan in run.shards}


def _rows(path: Path, otherwise: int) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException):
        return otherwise


def _path(run: RunDirectory, shard: int) -> Path:
    return run.folder(ROUNDS, shard) / segment_name(run.round)
