"""Runs with many small segments, compacted in this process, for the tests of compaction."""

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from crawler.compaction.blocks import Limits
from crawler.compaction.folder import Tally, Terms
from crawler.compaction.run import TABLES, compact_run
from crawler.records import HostVisit, Observation, Outcome
from crawler.records.layout import HOSTS, OBSERVATIONS, live, shard_folder
from crawler.records.observation import HOSTS_SCHEMA
from crawler.segments import SegmentWriter, host_columns, observation_columns
from storage.folder import Folder

LIMITS = Limits(rows=1_000_000, size_bytes=10**9)
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FOLDER = shard_folder(OBSERVATIONS, 0)


def look(number: int) -> Observation:
    """Return the final look at one link, of a visit of its own; some links have no domain."""
    domain = f"site{random.Random(number).randrange(5)}.example" if number % 7 else None
    return Observation(
        link_id=number,
        round=1,
        observed_at=START + timedelta(seconds=number),
        outcome=Outcome.OK if number % 3 else Outcome.GONE,
        host=domain and f"www{number % 3}.{domain}",
        registered_domain=domain,
        sha256=bytes([number % 256]) * 32 if number % 3 else None,
        flags=("exif",) if number % 2 else None,
        shard=0,
        visit_id=number,
    )


def visit(number: int) -> HostVisit:
    """Return what one visit learned."""
    domain = f"site{number % 5}.example"
    return HostVisit(host=domain, registered_domain=domain, round=1, shard=0, visit_id=number)


def writer(run: Path, table: str = OBSERVATIONS) -> SegmentWriter:
    """Return the writer of a worker that begins now."""
    made = SegmentWriter(run / shard_folder(table, 0), TABLES[table])
    made.open()
    return made


def write(into: SegmentWriter, numbers: Iterable[int]) -> Path:
    """Write looks at these links, or visits, as a crawl does."""
    numbers = list(numbers)
    if into.schema is HOSTS_SCHEMA:
        return into.write(host_columns([visit(number) for number in numbers]), {})
    footer = {"stillup.visits": json.dumps(numbers)}
    return into.write(observation_columns([look(number) for number in numbers]), footer)


def small_segments(run: Path, count: int, rows: int = 3) -> SegmentWriter:
    """Write so many segments of both tables, of rows in no order; return the observations' writer."""
    hosts, observations = writer(run, HOSTS), writer(run)
    numbers = list(range(count * rows))
    random.Random(1).shuffle(numbers)
    for at in range(0, len(numbers), rows):
        write(hosts, numbers[at : at + rows])
        write(observations, numbers[at : at + rows])
    return observations


def compacted(
    run: Path, keep_s: float = 0, now: datetime = START, limits: Limits = LIMITS
) -> Tally:
    """Compact a run at a moment."""
    return compact_run(Folder(run), Terms(limits, timedelta(seconds=keep_s), lambda: now))


def names(run: Path, table: str = OBSERVATIONS) -> list[str]:
    """Return what lies in a folder of shard 0."""
    return sorted(entry.name for entry in (run / shard_folder(table, 0)).iterdir())


def links(run: Path) -> list[int]:
    """Return the links of the live observations, in order."""
    found: list[int] = []
    for name in live(names(run)):
        table = pq.read_table(run / FOLDER / name, columns=["link_id"], partitioning=None)
        found += table["link_id"].to_pylist()
    return sorted(found)


def content(run: Path, table: str = OBSERVATIONS) -> list[str]:
    """Return all live rows of a table as text, in the order of the text."""
    found: list[str] = []
    for name in live(names(run, table)):
        path = run / shard_folder(table, 0) / name
        found += map(repr, pq.read_table(path, partitioning=None).to_pylist())
    return sorted(found)
