"""Segments that were written before a table had all of its columns."""

from pathlib import Path

import pyarrow as pa

from crawler.records import layout
from crawler.records.observation import HOSTS_SCHEMA
from tests.analysis.asking import rows_of
from tests.analysis.runs import crawl, link, look, plan, visit, write

NEW = [name for name in HOSTS_SCHEMA.names if name.startswith("canary_")]


def older(root: Path) -> None:
    """Write a segment of `hosts` as it was before there were canaries."""
    columns = [field for field in HOSTS_SCHEMA if field.name not in NEW]
    row = {"host": "example.org", "registered_domain": "example.org", "round": 1, "requests": 2}
    content = pa.Table.from_pylist([row | {"shard": 0, "visit_id": 1}], schema=pa.schema(columns))
    write(root, layout.HOSTS, content, 0, 0)


def test_an_old_run_has_verdicts(tmp_path: Path) -> None:
    """A run without canaries is read as one that asked for none."""
    run = plan(tmp_path / "run", [link(1)])
    older(run)
    crawl(run, [look(1, media_type="image/png", sha256=b"a" * 32, body_bytes=9)])
    assert rows_of(run, "select verdict, reason from verdicts") == [
        {"verdict": "alive", "reason": "ok"}
    ]
    assert rows_of(run, "select host, canary_outcome, requests from hosts") == [
        {"host": "example.org", "canary_outcome": None, "requests": 2}
    ]


def test_old_and_new_segments_go_together(tmp_path: Path) -> None:
    """A run that was begun before and goes on now has the canaries of what came later."""
    run = plan(tmp_path / "run", [link(1)])
    older(run)
    crawl(run, [], [visit("example.org", visit_id=2, canary_outcome="gone", requests=3)], segment=1)
    assert rows_of(run, "select canary_outcome, requests from hosts") == [
        {"canary_outcome": "gone", "requests": 5}
    ]
