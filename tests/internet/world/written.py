"""A world as a run: planned by the real command, looked at as a crawl would have seen it.

Room: disk.
"""

import contextlib
import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.records import Observation, Outcome
from crawler.records.layout import LINKS, OBSERVATIONS
from crawler.records.observation import OBSERVATIONS_SCHEMA
from crawler.rundir import open_run
from crawler.segments import SegmentWriter, observation_columns
from stillup import main as front_door
from tests.internet.world.place import Place, WorldLink

_START = datetime(2026, 3, 1, tzinfo=UTC)


def write_dataset(path: Path, places: Iterable[Place]) -> Path:
    """Write the list that a dataset would publish of the world: URL, TEXT and punsafe."""
    links = [link for place in places for link in place.links]
    columns = {
        "URL": [link.url for link in links],
        "TEXT": [link.caption for link in links],
        "punsafe": [link.punsafe for link in links],
    }
    pq.write_table(pa.table(columns), path)
    return path


def write_run(folder: Path, places: list[Place]) -> Path:
    """Plan the world in `folder` and write an observation of each of its links; return the run."""
    run = folder / "run"
    dataset = write_dataset(folder / "world.parquet", places)
    quietly(["plan", run, dataset, "--shards", "2"])
    by_url = {link.url: link for place in places for link in place.links}
    opened = open_run(run)
    for shard in opened.shards:
        rows = [
            _look(row, by_url[row["url"]], shard.shard)
            for file in opened.files(LINKS, shard.shard)
            for row in pq.read_table(file, columns=_COLUMNS, partitioning=None).to_pylist()
        ]
        writer = SegmentWriter(opened.folder(OBSERVATIONS, shard.shard), OBSERVATIONS_SCHEMA)
        writer.open()
        writer.write(observation_columns(rows), {})
    return run


def quietly(arguments: list[object]) -> None:
    """Run a command of stillup here; SystemExit where it fails."""
    with contextlib.redirect_stdout(io.StringIO()):
        front_door([str(argument) for argument in arguments])


_COLUMNS = ["link_id", "url", "wire_url", "host", "registered_domain"]


def _look(row: dict[str, Any], link: WorldLink, shard: int) -> Observation:
    served = link.outcome == "ok"
    number = row["link_id"]
    return Observation(
        link_id=number,
        round=1,
        observed_at=_START + timedelta(seconds=number % 86_400),
        outcome=Outcome(link.outcome),
        status={"ok": 200, "gone": 404, "denied": 403}[link.outcome],
        method="GET",
        url=row["wire_url"],
        final_url=row["wire_url"],
        host=row["host"],
        registered_domain=row["registered_domain"],
        media_type=link.media_type if served else None,
        body_bytes=20_000 + number % 9_000 if served else None,
        sha256=number.to_bytes(32) if served else None,
        md5=number.to_bytes(16) if served else None,
        shard=shard,
        visit_id=1,
        flags=link.flags if served else None,
    )
