"""Which files of a run are read."""

import os
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from analysis.segments import list_segments
from crawler.records import layout
from crawler.records.observation import OBSERVATIONS_SCHEMA
from tests.analysis.asking import value_of
from tests.analysis.runs import crawl, link, look, plan, write

FOLDER = "observations/shard=00000"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run with four segments of one observation each."""
    plan(tmp_path, [link(number) for number in range(9)])
    for number in range(1, 5):
        crawl(tmp_path, [look(number)], segment=number)
    return tmp_path


def names(run: Path) -> list[str]:
    return [path.removeprefix(f"{FOLDER}/") for path in list_segments(run).files["observations"]]


def test_only_final_names_count(run: Path) -> None:
    """Temporary files, notes and folders beside the segments are not read."""
    (run / FOLDER / ".00000009.parquet.123.tmp").write_bytes(b"PAR1")
    (run / FOLDER / "notes.txt").write_text("hello")
    assert names(run) == [layout.segment_name(number) for number in range(1, 5)]
    assert list_segments(run).set_aside == ()


@pytest.mark.parametrize("keep_bytes", [0, 3, 4, 11, 200, -1])
def test_a_torn_file_is_set_aside(run: Path, keep_bytes: int) -> None:
    """A file that was cut anywhere is named, and the others are read."""
    path = run / FOLDER / layout.segment_name(2)
    path.write_bytes(path.read_bytes()[:keep_bytes])
    [torn] = list_segments(run).set_aside
    assert (torn.path, torn.why) == (f"{FOLDER}/00000002.parquet", "is torn")
    assert value_of(run, "select count(*) from observations") == 3


def test_a_link_to_elsewhere_is_set_aside(
    run: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A symbolic link is not a segment, even one that leads to a Parquet file."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret.parquet"
    elsewhere.write_bytes((run / FOLDER / layout.segment_name(1)).read_bytes())
    (run / FOLDER / layout.segment_name(7)).symlink_to(elsewhere)
    [odd] = list_segments(run).set_aside
    assert odd.why == "is not a regular file"
    assert value_of(run, "select count(*) from observations") == 4


def test_a_compacted_file_stands_for_what_it_covers(run: Path) -> None:
    """Covered files are skipped while they are still there."""
    crawl(run, [look(number) for number in range(1, 4)], segment=1, last=3)
    assert names(run) == ["00000001-00000003.parquet", "00000004.parquet"]
    assert value_of(run, "select count(*) from observations") == 4


def test_a_torn_compacted_file_covers_nothing(run: Path) -> None:
    """What a torn compacted file would cover is read instead of it."""
    (run / FOLDER / layout.segment_name(1, 3)).write_bytes(b"PAR1 half of it")
    assert names(run) == [layout.segment_name(number) for number in range(1, 5)]
    assert len(list_segments(run).set_aside) == 1


def test_a_listing_is_never_of_two_moments(tmp_path: Path) -> None:
    """However compactions run into it, a listing holds every segment once, by itself or covered."""
    (tmp_path / FOLDER).mkdir(parents=True)
    content = pa.Table.from_pylist([], schema=OBSERVATIONS_SCHEMA)
    for number in range(60):
        write(tmp_path, layout.OBSERVATIONS, content, 0, number)
    done = threading.Event()
    compactor = threading.Thread(target=compact_step_by_step, args=(tmp_path / FOLDER, done))
    compactor.start()
    while not done.is_set():
        covered = [number for name in names(tmp_path) for number in numbers_of(name)]
        assert covered == list(range(60))
    compactor.join()


def compact_step_by_step(folder: Path, done: threading.Event) -> None:
    """Cover 0, 0-1, 0-2 and so on, deleting what was covered at once."""
    newest = layout.segment_name(0)
    for number in range(1, 60):
        os.link(folder / newest, folder / layout.segment_name(0, number))
        (folder / layout.segment_name(number)).unlink()
        (folder / newest).unlink()
        newest = layout.segment_name(0, number)
    done.set()


def numbers_of(name: str) -> range:
    first, last = layout.segment_range(name) or (0, -1)
    return range(first, last + 1)
