"""Segments: whole or not at all, and fenced."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import Hop, Observation, Outcome
from crawler.records.errors import RunFailed
from crawler.records.layout import live, segment_name, segment_range
from crawler.records.observation import OBSERVATIONS_SCHEMA
from crawler.segments import FencedError, SegmentWriter, observation_columns

ROW = Observation(
    link_id=2**64 - 1,
    round=1,
    observed_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    outcome=Outcome.OK,
    status=200,
    hops=(Hop(301, "http://example.test/"),),
    sha256=bytes(32),
    shard=3,
    visit_id=7,
)


def written(folder: Path) -> SegmentWriter:
    """Return a writer of observations, opened."""
    writer = SegmentWriter(folder, OBSERVATIONS_SCHEMA)
    writer.open()
    return writer


def names(folder: Path) -> list[str]:
    """Return what lies in a folder."""
    return sorted(entry.name for entry in folder.iterdir())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A row comes back from its segment as it was, with the footer beside it."""
    path = written(tmp_path).write(observation_columns([ROW]), {"stillup.visits": "[7]"})
    table = pq.read_table(path, partitioning=None)
    row = table.to_pylist()[0]
    assert row["link_id"] == ROW.link_id
    assert row["observed_at"] == ROW.observed_at
    assert row["hops"] == [{"status": 301, "url": "http://example.test/"}]
    assert row["outcome"] == "ok"
    assert table.schema.metadata[b"stillup.visits"] == b"[7]"


def test_the_second_of_two_owners_is_fenced_off(tmp_path: Path) -> None:
    """Two writers that believe they own a shard cannot both write its next segment."""
    first, second = written(tmp_path), written(tmp_path)
    first.write(observation_columns([ROW]), {})
    with pytest.raises(FencedError, match="another worker"):
        second.write(observation_columns([ROW]), {})
    assert [entry.name for entry in tmp_path.iterdir()] == ["00000000.parquet"]


def test_a_killed_writers_rest_is_dropped_and_numbers_go_on(tmp_path: Path) -> None:
    """After a kill, half-written files are gone and the next segment has the next number."""
    written(tmp_path).write(observation_columns([ROW]), {})
    (tmp_path / ".writing-1-00000001.parquet").write_bytes(b"PAR1 half")
    writer = written(tmp_path)
    assert writer.write(observation_columns([ROW]), {}).name == "00000001.parquet"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a segment cannot be written, the error says so and what to do, and leaves nothing."""
    writer = written(tmp_path)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunFailed, match=r"No space left on device; free space there"):
        writer.write(observation_columns([ROW]), {})
    assert list(tmp_path.iterdir()) == []


def test_a_torn_segment_is_named_and_set_aside(tmp_path: Path) -> None:
    """A segment without its end is told of and renamed, and its number is not given again."""
    writer = written(tmp_path)
    whole = writer.write(observation_columns([ROW]), {})
    torn = writer.write(observation_columns([ROW]), {})
    torn.write_bytes(torn.read_bytes()[:-20])
    warnings: list[str] = []
    writer.open(warnings.append)
    assert len(warnings) == 1
    assert str(torn) in warnings[0]
    assert names(tmp_path) == [whole.name, f"{torn.name}.set-aside"]
    assert writer.write(observation_columns([ROW]), {}).name == segment_name(2)


ranges = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=12)


@given(st.integers(1, 60), ranges)
def test_live_files_cover_every_segment_once_when_ranges_nest(
    count: int, compactions: list[tuple[int, int]]
) -> None:
    """Compacting ranges that do not cross leaves every segment in exactly one live file."""
    singles = [segment_name(number) for number in range(count)]
    disjoint: list[str] = []
    free = 0
    for start, length in sorted(compactions):
        if start >= free and start + length < count and length:
            disjoint.append(segment_name(start, start + length))
            free = start + length + 1
    names = [*singles, *disjoint, ".writing-1-00000001.parquet", "notes.txt"]
    covered: list[int] = []
    for name in live(names):
        span = segment_range(name)
        assert span is not None
        covered.extend(range(span[0], span[1] + 1))
    assert covered == list(range(count))


def test_the_schema_is_the_records() -> None:
    """A segment's columns are the fields of an observation, in their order."""
    table = pa.table(observation_columns([ROW, ROW]), schema=OBSERVATIONS_SCHEMA)
    assert table.num_rows == 2
