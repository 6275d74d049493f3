"""Run directories for the tests of analysis, written from the schemas as a crawl would write them."""

import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.actions import append
from analysis.derive import derive
from analysis.matching.shape import MATCHES, MATCHES_SCHEMA
from analysis.publish import write_database
from analysis.runfile import read_run
from crawler.records import (
    Decision,
    HostVisit,
    Observation,
    Outcome,
    Review,
    WrittenReport,
    layout,
)
from crawler.records.contact import CONTACTS_SCHEMA
from crawler.records.link import DATASET_ROWS_SCHEMA, LINKS_SCHEMA
from crawler.records.observation import HOSTS_SCHEMA, OBSERVATIONS_SCHEMA
from crawler.records.round import ROUNDS_SCHEMA
from crawler.records.seal import KEY
from crawler.sealed import write_sealed

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

Row = dict[str, Any]


def link(link_id: int, domain: str = "example.org", **columns: Any) -> Row:
    """Return a row of `links`, askable unless `invalid_reason` is given."""
    url = f"http://{domain}/{link_id}.jpg"
    row: Row = dict.fromkeys(LINKS_SCHEMA.names)
    row |= {
        "link_id": link_id,
        "url": url,
        "shard": 0,
        "row_count": 1,
        "weight": 1.0,
        "domain_shards": 1,
    }
    if columns.get("invalid_reason") is None:
        row |= {
            "wire_url": url,
            "scheme": "http",
            "host": domain,
            "port": 80,
            "registered_domain": domain,
        }
    return row | columns


def look(
    link_id: int,
    outcome: str = "ok",
    round: int = 1,  # noqa: A002 - the column's name
    day: float = 0,
    **columns: Any,
) -> Observation:
    """Return a final observation `day` days after START."""
    columns.setdefault("observed_at", START + timedelta(days=day))
    columns.setdefault("shard", 0)
    columns.setdefault("visit_id", link_id)
    return Observation(link_id=link_id, round=round, outcome=Outcome(outcome), **columns)


def visit(host: str, **columns: Any) -> HostVisit:
    """Return what a visit learned of `host`."""
    values: Row = {"registered_domain": host, "round": 1, "shard": 0, "visit_id": 1} | columns
    return HostVisit(host=host, **values)


def plan(root: Path, links: Sequence[Row], toml: str = "") -> Path:
    """Write a planned run: run.toml, links by shard, and row_count dataset rows a link."""
    root.mkdir(parents=True, exist_ok=True)
    for shard in sorted({row["shard"] for row in links}):
        rows = [row for row in links if row["shard"] == shard]
        write(root, layout.LINKS, pa.Table.from_pylist(rows, schema=LINKS_SCHEMA), shard, 0)
    ids = [row["link_id"] for row in links for _ in range(row["row_count"])]
    rows = [{"source": "list.tsv", "source_row": n, "link_id": i} for n, i in enumerate(ids)]
    write(
        root, layout.DATASET_ROWS, pa.Table.from_pylist(rows, schema=DATASET_ROWS_SCHEMA), None, 0
    )
    head = "" if "round" in toml else "round = 1\n"
    (root / layout.RUN_FILE).write_text(f'format = 1\nstillup_version = "0.1.0"\n{head}{toml}')
    return root


def crawl(
    root: Path,
    observations: Iterable[Observation],
    hosts: Iterable[HostVisit] = (),
    segment: int = 0,
    last: int | None = None,
) -> None:
    """Write observations and hosts into one segment a shard."""
    for table, schema, seen in (
        (layout.OBSERVATIONS, OBSERVATIONS_SCHEMA, list(observations)),
        (layout.HOSTS, HOSTS_SCHEMA, list(hosts)),
    ):
        for shard in sorted({row.shard for row in seen}):
            rows = [asdict(row) for row in seen if row.shard == shard]
            write(root, table, pa.Table.from_pylist(rows, schema=schema), shard, segment, last)


def match(link_id: int, **columns: Any) -> Row:
    """Return a row of `matches`: an exact match of the link's first look, unless told otherwise."""
    row: Row = {
        "list_digest": "1" * 64,
        "list": "ours",
        "kind": "sha256",
        "entry_hash": "ab" * 32,
        "source": "observed",
        "link_id": link_id,
        "round": 1,
        "attempt": 1,
        "distance": 0,
    }
    if columns.get("source") == "promised":
        row |= {"round": None, "attempt": None}
    return row | columns


def matched(root: Path, rows: Sequence[Row]) -> None:
    """Write what hash lists matched, as `stillup match` keeps it."""
    write(root, MATCHES, pa.Table.from_pylist(list(rows), schema=MATCHES_SCHEMA), None, 0)


def contact(host: str, address: str | None, **columns: Any) -> Row:
    """Return a row of `contacts` segments: what the registry of a network says, unless told otherwise."""
    day = columns.pop("day", 0)
    row: Row = {
        "registered_domain": host,
        "host": host,
        "looked_at": START + timedelta(days=day),
        "rank": 1 if address else None,
        "scope": "network",
        "source": "rdap",
        "subject": "192.0.2.0-192.0.2.255",
        "about": "192.0.2.1",
        "address": address,
        "seen_at": START + timedelta(days=day),
        "asked_at": START + timedelta(days=day),
    }
    return row | columns


def contacted(root: Path, rows: Sequence[Row]) -> None:
    """Write whom to write to, as `stillup contacts` keeps it."""
    content = pa.Table.from_pylist(list(rows), schema=CONTACTS_SCHEMA)
    write(root, layout.CONTACTS, content, None, 0)


def planned_rounds(root: Path, rows: Sequence[Row]) -> None:
    """Write which links later rounds look at, a file a round and shard, as `stillup recheck` does."""
    usual: Row = {"round": 2, "shard": 0, "reason": "alive", "due_at": START}
    planned: list[Row] = [dict.fromkeys(ROUNDS_SCHEMA.names) | usual | row for row in rows]
    for number, shard in sorted({(row["round"], row["shard"]) for row in planned}):
        of_it = [row for row in planned if (row["round"], row["shard"]) == (number, shard)]
        table = pa.Table.from_pylist(of_it, schema=ROUNDS_SCHEMA)
        write(root, layout.ROUNDS, table, shard, number)


def review(place: str = "example.org", decision: str = "confirm", **columns: Any) -> Review:
    """Return a review, at START and by Ann unless told otherwise; `day` is days after START."""
    values: Row = {"round": 1, "level": "domain", "reviewer": "Ann"} | columns
    values.setdefault("reviewed_at", START + timedelta(days=values.pop("day", 0)))
    return Review(place=place, decision=Decision(decision), **values)


def report(
    number: str, link_ids: Iterable[int], place: str = "example.org", **columns: Any
) -> WrittenReport:
    """Return a report that was written at START unless told otherwise, by `day` or `written_at`."""
    values: Row = {"round": 1, "level": "domain", "ground": "dsa16", "language": "en"}
    values |= {"reporter": "Ann", "sent_to": (f"abuse@{place}",), "content": "{}"} | columns
    values.setdefault("written_at", START + timedelta(days=values.pop("day", 0)))
    values.setdefault("sha256", sha256(number.encode()).hexdigest())
    return WrittenReport(report_number=number, place=place, link_ids=tuple(link_ids), **values)


def acted(root: Path, *actions: Review | WrittenReport) -> None:
    """Write down what people did, an action a segment, as the commands do."""
    for action in actions:
        append(root, [action])


def write(
    root: Path,
    table: str,
    content: pa.Table,
    shard: int | None,
    first: int,
    last: int | None = None,
) -> Path:
    """Write one segment as workers do: under a temporary name, then linked to its own."""
    folder = root / (table if shard is None else layout.shard_folder(table, shard))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / layout.segment_name(first, last)
    aside = folder / f".{path.name}.{os.getpid()}.tmp"
    pq.write_table(content, aside, compression="zstd")
    os.link(aside, path)
    aside.unlink()
    return path


def seal_all(root: Path) -> None:
    """Write every segment that has no seal again, with one."""
    for path in sorted(root.rglob("*.parquet")):
        found = pq.read_table(path, partitioning=None)
        if KEY.encode() not in (found.schema.metadata or {}):
            path.unlink()
            write_sealed(path, found.schema, [found])


def publish_some(root: Path, *more: str) -> None:
    """Publish a few tables, and more, as `publish` does all, which takes seconds."""
    write_database(read_run(root), ("links", "observations", "reviews", "meta", *more))


def small_run(root: Path) -> Path:
    """Write a run with something of everything: 40 links on 5 domains, two rounds, every outcome."""
    rng = random.Random(7)
    outcomes = [*Outcome] + [Outcome.OK] * 20
    links = [link(i, f"site{i % 5}.example", shard=i % 2, row_count=1 + i % 3) for i in range(38)]
    links[3]["caption"], links[8]["caption"] = "passport of Ann Roe", "biopsy, stock photo"
    links[9] |= {"host": "a.s3.amazonaws.com", "wire_url": "http://a.s3.amazonaws.com/9.jpg"}
    links += [link(38, invalid_reason="empty"), link(39, invalid_reason="scheme", shard=1)]
    plan(root, links, "round = 2\n")
    for number in (1, 2):
        crawl(
            root,
            [
                _some_look(rng, row, number, rng.choice(outcomes))
                for row in links[: 38 if number == 1 else 30]
            ],
            [
                visit(
                    f"site{n}.example",
                    round=number,
                    shard=n % 2,
                    requests=9,
                    delay_s=1.0 + n,
                    ips=("192.0.2.1",),
                )
                for n in range(5)
            ],
            segment=number,
        )
    planned_rounds(root, [{"link_id": at["link_id"], "shard": at["shard"]} for at in links[:38]])
    derive(read_run(root))
    matched(root, [match(0), match(1, source="promised"), match(2, kind="pdq", distance=30)])
    contacted(root, [contact(f"site{n}.example", f"abuse@net{n}.example") for n in range(5)])
    acted(
        root,
        review("site0.example", "dismiss"),
        review("site0.example", day=1, note="a folder of patients"),
        report("SU-1", [0, 5], "site0.example", day=1),
        report("SU-2", [5], "site0.example", day=12, round=2, reminder_of="SU-1"),
    )
    return root


def _some_look(rng: random.Random, row: Row, number: int, outcome: Outcome) -> Observation:
    served = outcome is Outcome.OK
    return look(
        row["link_id"],
        outcome,
        number,
        10 * number + rng.random(),
        shard=row["shard"],
        url=row["wire_url"],
        host=row["host"],
        registered_domain=row["registered_domain"],
        status=200 if served else None,
        method="GET",
        ip="5.9.1.1" if served else None,
        content_type="image/jpeg" if served else None,
        media_type=rng.choice(["image/jpeg", "text/html"]) if served else None,
        body_bytes=rng.randrange(1, 99_999) if served else None,
        sha256=rng.randbytes(32) if served else None,
        md5=rng.randbytes(16) if served else None,
        ttfb_ms=rng.uniform(5, 900) if served else None,
        total_ms=rng.uniform(900, 2000) if served else None,
    )
