"""The plan of a round that is not the first: which links of each shard it looks at.

Room: disk. `stillup recheck` writes it (`analysis/rounds.py`) and raises the round in run.toml when
all of it is on the disk. Arrow is imported where there is a plan to read: there is none in the first.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from crawler.records.errors import RunFailed, disk_failure
from crawler.records.layout import ROUNDS, segment_name, shard_folder
from crawler.rundir import RunDirectory
from storage.store import Store


def whole_plan(run: RunDirectory, shard: int) -> Path | None:
    """Return the file of a shard's links in this round; None in the first, which has every link.

    Raises RunFailed if it is not what was planned.
    """
    if run.round == 1:
        return None
    from crawler.records.round import ROUNDS_SCHEMA
    from crawler.sealed import fault

    path = run.path / _name(run, shard)
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
    store = run.store
    with ThreadPoolExecutor(store.at_once) as readers:
        rows = readers.map(
            lambda plan: _rows(store, _name(run, plan.shard), plan.links), run.shards
        )
    return {plan.shard: count for plan, count in zip(run.shards, rows, strict=True)}


def _rows(store: Store, name: str, otherwise: int) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from storage.opened import as_file

    try:
        with closing(store.open(name)) as file:
            return int(pq.read_metadata(as_file(file)).num_rows)
    except (OSError, pa.ArrowException):
        return otherwise


def _name(run: RunDirectory, shard: int) -> str:
    return f"{shard_folder(ROUNDS, shard)}/{segment_name(run.round)}"
