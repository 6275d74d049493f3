"""Compaction on disk: the same rows in fewer files, whatever is damaged or done meanwhile."""

import errno
import json
import os
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawler.compaction.blocks import Limits
from crawler.compaction.footers import VISIT_RANGES
from crawler.records.errors import RunFailed
from crawler.records.layout import HOSTS, OBSERVATIONS, live, segment_name
from crawler.records.observation import OBSERVATIONS_SCHEMA
from crawler.records.seal import joined_rows, prove
from crawler.sealed import fault
from crawler.segments import FencedError
from tests.crawler.compaction.runs import (
    FOLDER,
    START,
    compacted,
    content,
    links,
    look,
    names,
    small_segments,
    write,
    writer,
)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with eleven segments of three rows in both tables."""
    small_segments(tmp_path, 11)
    return tmp_path


def test_the_same_rows_in_fewer_files(run: Path) -> None:
    """Both tables have the same rows as before, in files that prove themselves."""
    before = {table: content(run, table) for table in (OBSERVATIONS, HOSTS)}
    tally = compacted(run)
    assert {table: content(run, table) for table in before} == before
    assert names(run) == [
        "00000000-00000007.parquet",
        "00000008-00000009.parquet",
        segment_name(10),
    ]
    assert (tally.merged_files, tally.made_files, tally.removed_files) == (20, 4, 20)
    assert tally.rows == 60
    assert not tally.left
    assert [fault(run / FOLDER / name, OBSERVATIONS_SCHEMA) for name in names(run)] == [None] * 3


def test_a_merged_file_is_sorted_and_carries_on_the_visits(run: Path) -> None:
    """Rows lie by domain and host; the footer names the visits of all that was merged."""
    [eight] = [at for at in run.glob(f"{FOLDER}/0000000[0-7].parquet") if at.stem.endswith("3")]
    visits = pq.read_schema(eight).metadata[b"stillup.visits"]
    compacted(run)
    table = pq.read_table(run / FOLDER / segment_name(0, 7), partitioning=None)
    keys = [(row["registered_domain"] or "~", row["host"] or "~") for row in table.to_pylist()]
    assert keys == sorted(keys)
    assert table.schema.remove_metadata() == OBSERVATIONS_SCHEMA
    ranges = pa.scalar(table.schema.metadata[VISIT_RANGES.encode()]).as_py()
    told = {n for first, last in json.loads(ranges) for n in range(first, last + 1)}
    assert told == set(table["visit_id"].to_pylist())
    assert set(json.loads(visits)) <= told


def test_what_is_covered_stays_for_its_time(run: Path) -> None:
    """Covered files are there until they have been covered long enough, then they go."""
    before = content(run)
    first = compacted(run, keep_s=600)
    assert (first.removed_files, first.waiting_files) == (0, 20)
    assert set(map(segment_name, range(11))) <= set(names(run))
    early = compacted(run, keep_s=600, now=START + timedelta(seconds=599))
    assert (early.made_files, early.removed_files, early.waiting_files) == (0, 0, 20)
    late = compacted(run, keep_s=600, now=START + timedelta(seconds=600))
    assert (late.removed_files, late.waiting_files) == (20, 0)
    assert names(run) == live(names(run))
    assert content(run) == before


def test_merged_files_are_merged_again(run: Path) -> None:
    """As a crawl goes on, files of ranges become parts of wider ones, and each row stays once."""
    compacted(run)
    small = writer(run)
    for number in range(100, 121):
        write(small, [number])
    compacted(run)
    assert names(run)[:2] == ["00000000-00000015.parquet", "00000016-00000023.parquet"]
    assert links(run) == [*range(33), *range(100, 121)]


def test_the_digest_of_the_rows_stays(run: Path) -> None:
    """However often files are merged, their seals together stand for the same rows, and no others."""
    before = rows_digest(run)
    compacted(run, keep_s=600)
    assert rows_digest(run) == before
    small = writer(run)
    for number in range(100, 121):
        write(small, [number])
    more = rows_digest(run)
    assert more != before
    compacted(run)
    assert rows_digest(run) == more


def rows_digest(run: Path) -> int:
    """Return what the seals of the live observations say of their rows."""
    found: list[int] = []
    for name in live(names(run)):
        content = (run / FOLDER / name).read_bytes()
        seal = prove(lambda at, size, of=content: of[at : at + size], len(content))  # type: ignore[misc]
        assert seal is not None
        found.append(seal.rows_digest)
    return joined_rows(found)


def test_a_file_grows_no_larger_than_it_may(run: Path) -> None:
    """What would exceed the limits of a file stays in several."""
    compacted(run, limits=Limits(rows=6, size_bytes=10**9))
    assert len(names(run)) == 6
    size = max(entry.stat().st_size for entry in (run / FOLDER).iterdir())
    assert compacted(run, limits=Limits(rows=10**6, size_bytes=size)).made_files == 0


@pytest.mark.parametrize("at", [40, -40], ids=["body", "footer"])
def test_a_damaged_segment_is_left_alone_and_named(run: Path, at: int) -> None:
    """What was changed is not merged; its neighbours are, and a worker sets it aside as ever."""
    damaged = run / FOLDER / segment_name(5)
    held = bytearray(damaged.read_bytes())
    held[at] ^= 1
    damaged.write_bytes(held)
    tally = compacted(run)
    assert [Path(path).name for path in tally.left] == [damaged.name]
    assert damaged.read_bytes() == held
    assert names(run)[:4] == [
        "00000000-00000003.parquet", segment_name(4), segment_name(5), "00000006-00000007.parquet",
    ]  # fmt: skip
    writer(run)
    assert compacted(run).left == {}
    assert "00000000-00000007.parquet" in names(run)
    assert len(links(run)) == 30


def test_a_file_of_another_program_is_left_alone_and_named(run: Path) -> None:
    """A segment without a seal is not merged, and stays what readers read."""
    path = run / FOLDER / segment_name(2)
    pq.write_table(pq.read_table(path, partitioning=None), path)
    before = content(run)
    assert compacted(run).left == {f"{FOLDER}/{path.name}": "has no seal"}
    assert path.name in live(names(run))
    assert content(run) == before


def test_nothing_is_removed_for_a_file_that_was_damaged(run: Path) -> None:
    """What a merged file covers stays when that file is no longer what was written."""
    compacted(run, keep_s=600)
    merged = run / FOLDER / segment_name(0, 7)
    held = bytearray(merged.read_bytes())
    held[40] ^= 1
    merged.write_bytes(held)
    tally = compacted(run)
    assert list(tally.left) == [f"{FOLDER}/{merged.name}"]
    assert set(map(segment_name, range(8))) <= set(names(run))
    writer(run)
    assert links(run) == list(range(33))


def test_a_crawl_goes_on_beside_a_compaction(run: Path) -> None:
    """A worker that began before a compaction writes on after it, under the number it had in mind."""
    worker = writer(run)
    compacted(run)
    assert write(worker, [100]).name == segment_name(11)
    assert write(writer(run), [101]).name == segment_name(12)
    assert links(run) == [*range(33), 100, 101]


def test_a_worker_that_was_overtaken_is_fenced_off_by_what_was_compacted(run: Path) -> None:
    """A number whose file was merged and removed is not free for a worker that slept meanwhile."""
    asleep, awake = writer(run), writer(run)
    for number in (100, 101, 102, 103, 104, 105):
        write(awake, [number])
    compacted(run)
    assert segment_name(asleep.number) not in names(run)
    with pytest.raises(FencedError):
        write(asleep, [100])
    assert links(run) == [*range(33), *range(100, 106)]


def test_a_full_disk_leaves_all_as_it_was(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a merged file cannot be written, the error says what to do, and no name has changed."""
    before = names(run), content(run)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(RunFailed, match=r"No space left on device; free space there"):
        compacted(run)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunFailed, match=r"TMPDIR names another folder.*No space left on device"):
        compacted(run)
    assert (names(run), content(run)) == before


def test_what_a_killed_compaction_left_is_swept(run: Path) -> None:
    """A half-written merged file goes; what a crawl is just writing does not."""
    left = run / FOLDER / f".writing-{'0a' * 16}-{segment_name(0, 7)}"
    under_way = run / FOLDER / f".writing-17-{segment_name(11)}"
    for path in (left, under_way):
        path.write_bytes(b"PAR1 half")
    compacted(run)
    assert not left.exists()
    assert under_way.exists()


def test_columns_of_a_later_version_are_not_lost(run: Path) -> None:
    """A segment with a column that this version does not know is left alone."""
    from crawler.sealed import write_sealed

    table = pq.read_table(run / FOLDER / segment_name(3), partitioning=None)
    more = table.append_column("mood", pa.array(["calm"] * len(table)))
    (run / FOLDER / segment_name(3)).unlink()
    write_sealed(run / FOLDER / segment_name(3), more.schema, [more])
    [why] = compacted(run).left.values()
    assert why == "has a column that this version has not (mood)"
    assert look(1).link_id in links(run)
