"""A plan made for a test, and its tables as plain rows."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.plan.build import Plan, build
from crawler.records.link import DATASET_ROWS_SCHEMA, LINKS_SCHEMA
from crawler.rundir import PlanOptions

SAMPLE = Path(__file__).parents[3] / "data" / "samples" / "cc3m-validation.tsv.gz"
NOW = datetime(2031, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with its links and dataset rows, read back from the run's files in their order."""

    plan: Plan
    links: list[dict[str, Any]]
    rows: list[dict[str, Any]]

    @property
    def link_of_row(self) -> dict[tuple[str, int], dict[str, Any]]:
        """The link of every dataset row, by source and row."""
        by_id = {link["link_id"]: link for link in self.links}
        return {(row["source"], row["source_row"]): by_id[row["link_id"]] for row in self.rows}


def planned(run: Path, *sources: Path | str, **options: Any) -> Planned:
    """Plan `sources` into `run` and read everything back; check what holds for every plan."""
    asked = PlanOptions(sources=tuple(map(str, sources)), **options)
    plan = build(str(run), asked, now=NOW, version="0.0.0")
    links = [pq.read_table(path, partitioning=None) for path in plan.run.files("links")]
    rows = [pq.read_table(path, partitioning=None) for path in plan.run.files("dataset_rows")]
    assert all(table.schema == LINKS_SCHEMA for table in links)
    assert all(table.schema == DATASET_ROWS_SCHEMA for table in rows)
    made = Planned(plan, pa.concat_tables(links).to_pylist(), pa.concat_tables(rows).to_pylist())
    _check(run, made)
    return made


def _check(run: Path, made: Planned) -> None:
    totals = made.plan.run.totals
    ids = [link["link_id"] for link in made.links]
    assert len(ids) == len(set(ids)) == totals.links
    assert {row["link_id"] for row in made.rows} == set(ids)
    assert len(made.rows) == totals.rows == sum(link["row_count"] for link in made.links)
    assert sum(shard.links for shard in made.plan.run.shards) == totals.links
    wire_urls = [link["wire_url"] for link in made.links if link["wire_url"] is not None]
    assert len(wire_urls) == len(set(wire_urls)) == totals.links - totals.invalid_links
    assert not (run / ".planning").exists()
    for link in made.links:
        assert (link["invalid_reason"] is None) == (link["wire_url"] is not None)
