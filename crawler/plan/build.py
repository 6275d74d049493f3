"""The flow of a plan: from sources to a run directory that a crawl can start from.

Room: disk. Everything is made in `RUN/.planning` and moved into place at the end; `run.toml`
comes last. A plan that was stopped leaves at most what the next plan at that place clears. For a
run in a bucket all that happens on this machine, and `put` brings the run there.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa

from crawler.domains import suffix_list
from crawler.plan.buckets import Part, bucket_rows, cut
from crawler.plan.estimate import Estimate, estimate
from crawler.plan.formats.batch import ReadOptions
from crawler.plan.ordered import Dealer, by_shard, in_order
from crawler.plan.put import made_here
from crawler.plan.sample import Draw
from crawler.plan.shards import shard_count
from crawler.plan.sources import find
from crawler.plan.stage import Staged, stage
from crawler.plan.staging import publish, staging
from crawler.plan.tables import PlanTables
from crawler.plan.threads import at_once
from crawler.plan.write import write_file, write_table
from crawler.records import layout
from crawler.records.errors import RunFailed, WrongUse
from crawler.records.link import DATASET_ROWS_SCHEMA, LINKS_SCHEMA
from crawler.rundir import PlanOptions, PlanTotals, RunDirectory, ShardPlan, holds_run

LARGEST = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """A finished plan: the run, and what there is to tell of how it came about."""

    run: RunDirectory
    staged: Staged
    skipped: tuple[str, ...]
    estimate: Estimate
    largest_domains: tuple[tuple[str, int, int], ...]  # name, links, shards


@dataclass(frozen=True, slots=True)
class _Size:
    dataset_links: int
    links: int
    shards: int


def build(
    location: str,
    options: PlanOptions,
    *,
    now: datetime,
    version: str,
    progress: Callable[[str, int], None] = lambda *_: None,
) -> Plan:
    """Plan a run at `location`; `progress` is told what is being done to how many rows.

    Raise WrongUse for options or sources that cannot work, RunFailed for files that cannot be
    read to their end.
    """
    _refuse_impossible(location, options)
    found = find(options.sources, options.format)
    with made_here(location) as place, staging(place) as folder:
        columns = ReadOptions(options.url_column, options.caption_column)
        draw = Draw(options.sample, options.seed)
        staged = stage(
            found.files, folder / "rows", columns, draw, lambda rows: progress("reading", rows)
        )
        if staged.rows == 0:
            raise RunFailed(f"no rows in {', '.join(options.sources)[:200]}")
        progress("ordering", staged.rows)
        names = [source.file.name for source in staged.sources]
        with closing(PlanTables(folder, staged.files, names, draw)) as tables:
            size = _settle(tables, options)
            kept_rows, largest = _write(tables, folder / "made", folder, size, staged)
            run = _run(str(place), options, now, version, tables, size, staged, kept_rows)
            plan = _plan(run, staged, found.skipped, tables, largest)
        publish(folder / "made", run)
    return replace(plan, run=replace(run, location=location))


def _refuse_impossible(location: str, options: PlanOptions) -> None:
    if holds_run(location):
        raise WrongUse(f"{location} already holds a run; crawl that one, or plan into a new folder")
    if not 0 < options.sample <= 1:
        raise WrongUse(f"--sample {options.sample}: say a fraction above 0 and at most 1")


def _settle(tables: PlanTables, options: PlanOptions) -> _Size:
    """Decide which links the run has and where they go."""
    with ThreadPoolExecutor(1, "plan-rows") as thread:
        grouping = thread.submit(tables.group_rows)
        tables.name_domains()
        dataset_links = grouping.result()
    links = tables.keep(options.sample, options.max_per_domain)
    if links == 0:
        raise RunFailed(
            f"the sample of {dataset_links:,} links is empty; ask for a larger --sample"
        )
    shards = shard_count(links, options.shards)
    tables.place(links, shards)
    return _Size(dataset_links, links, shards)


def _write(
    tables: PlanTables, made: Path, folder: Path, size: _Size, staged: Staged
) -> tuple[int, list[dict[str, Any]]]:
    """Write all tables of the run; return how many dataset rows it keeps, and its top domains."""
    plan_folder = made / layout.PLAN
    plan_folder.mkdir(parents=True)
    domains = tables.domains()
    write_file(plan_folder / "domains.parquet", domains)
    largest = domains.slice(0, LARGEST).to_pylist()
    del domains
    write_file(plan_folder / "sources.parquet", _sources(staged))
    write_file(plan_folder / "refusals.parquet", _refusals(staged))
    rows: list[_Write] = [partial(_rows, tables, made)]
    links = _links(tables, made, folder / "buckets", size, staged)
    kept_rows, *_ = at_once(_do, chain(rows, links))
    return kept_rows, largest


# Writes some of the run; returns how many rows that was.
_Write = Callable[[], int]


def _do(write: _Write) -> int:
    return write()


def _rows(tables: PlanTables, made: Path) -> int:
    return write_table(made / layout.DATASET_ROWS, DATASET_ROWS_SCHEMA, tables.dataset_rows())


def _links(
    tables: PlanTables, made: Path, buckets: Path, size: _Size, staged: Staged
) -> Iterator[_Write]:
    """Deal the links out; yield what writes a part of them, and returns how many it has."""
    filled = tables.shard_sizes()
    row_bytes = sum(file.bytes for file in staged.files) // staged.rows
    parts = cut([links for _, links in filled], bucket_rows(size.links, row_bytes))
    Dealer(tables, staged.files, parts, buckets).deal()
    yield from (partial(_part, tables, made, buckets, part) for part in parts)
    for shard in sorted(set(range(size.shards)) - {shard for shard, _ in filled}):
        yield partial(
            write_table, made / layout.shard_folder(layout.LINKS, shard), LINKS_SCHEMA, ()
        )


def _part(tables: PlanTables, made: Path, buckets: Path, part: Part) -> int:
    links = by_shard(in_order(tables, part, buckets))
    return sum(
        write_table(
            made / layout.shard_folder(layout.LINKS, shard), LINKS_SCHEMA, map(itemgetter(1), some)
        )
        for shard, some in groupby(links, key=itemgetter(0))
    )


def _run(
    location: str,
    options: PlanOptions,
    now: datetime,
    version: str,
    tables: PlanTables,
    size: _Size,
    staged: Staged,
    kept_rows: int,
) -> RunDirectory:
    totals = PlanTotals(
        files=len(staged.sources),
        dataset_rows=staged.rows,
        dataset_links=size.dataset_links,
        rows=kept_rows,
        **tables.totals(),
    )
    filled = {plan.shard: plan for plan in tables.shard_plans()}
    return RunDirectory(
        location=location,
        planned_at=now,
        stillup_version=version,
        suffix_list_version=suffix_list().version,
        round=1,
        options=options,
        totals=totals,
        shards=tuple(
            filled.get(shard, ShardPlan(shard=shard, links=0)) for shard in range(size.shards)
        ),
    )


def _plan(
    run: RunDirectory,
    staged: Staged,
    skipped: tuple[str, ...],
    tables: PlanTables,
    largest: list[dict[str, Any]],
) -> Plan:
    host, domain = tables.most_asked()
    return Plan(
        run=run,
        staged=staged,
        skipped=skipped,
        estimate=estimate(
            run.totals,
            host,
            domain,
        ),
        largest_domains=tuple(
            (row["registered_domain"], row["links"], len(row["shards"])) for row in largest
        ),
    )


def _sources(staged: Staged) -> pa.Table:
    rows = [
        {
            "source": one.file.name,
            "format": one.file.format,
            "rows": one.rows,
            "header": None if one.columns is None else one.columns.header,
            "columns": [] if one.columns is None else list(one.columns.names),
            "url_column": None if one.columns is None else one.columns.names[one.columns.url],
            "url_column_why": None if one.columns is None else one.columns.url_why,
            "roles": [] if one.columns is None else list(one.columns.named_roles.items()),
        }
        for one in staged.sources
    ]
    texts = pa.list_(pa.string())
    schema = [
        ("source", pa.string()), ("format", pa.string()), ("rows", pa.uint64()),
        ("header", pa.bool_()), ("columns", texts), ("url_column", pa.string()),
        ("url_column_why", pa.string()), ("roles", pa.map_(pa.string(), pa.string())),
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, pa.schema(schema))


def _refusals(staged: Staged) -> pa.Table:
    return pa.table(
        {
            "reason": pa.array(staged.refused, pa.string()),
            "rows": pa.array([count for count, _ in staged.refused.values()], pa.uint64()),
            "example": pa.array([example for _, example in staged.refused.values()], pa.string()),
        }
    )
