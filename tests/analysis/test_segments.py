"""Which files of a run are read."""

import contextlib
import os
import threading
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.filesystem import ReadOnlyRun
from analysis.runfile import read_run
from analysis.segments import SetAside, kept_aside, list_segments
from analysis.session import ask, terms_of
from crawler.records import layout
from crawler.records.observation import OBSERVATIONS_SCHEMA
from crawler.sealed import write_sealed
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


@pytest.fixture
def sealed(run: Path) -> Path:
    """Return a run with a fifth segment, of 500 observations and sealed as a crawl does it."""
    content = pa.Table.from_pylist(
        [asdict(look(number, etag=f"{number:x}", body_bytes=number)) for number in range(500)],
        schema=OBSERVATIONS_SCHEMA,
    )
    write_sealed(run / FOLDER / layout.segment_name(5), OBSERVATIONS_SCHEMA, [content])
    return run


QUERY = "select count(*) || '.' || sum(hash(o))::varchar from observations as o"


def answered(run: Path) -> tuple[str, list[SetAside]]:
    """Return a digest of all observations, and what was set aside meanwhile."""
    told: list[SetAside] = []
    row = ask(
        read_run(run),
        lambda it: it.connection.execute(QUERY).fetchone(),
        terms_of(QUERY),
        warn=told.append,
    )
    assert row is not None
    return str(row[0]), told


@pytest.mark.parametrize("at", [0.3, 0.999])
def test_a_flipped_byte_is_never_answered_from(sealed: Path, at: float) -> None:
    """A segment that was changed in its body or its end is left out and named, the rest is read."""
    path = sealed / FOLDER / layout.segment_name(5)
    content = bytearray(path.read_bytes())
    content[int(at * len(content))] ^= 4
    path.write_bytes(content)
    answer, told = answered(sealed)
    path.unlink()
    assert answered(sealed) == (answer, [])
    assert [one.path for one in told] == [f"{FOLDER}/00000005.parquet"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255), data=st.data())
def test_no_changed_byte_comes_through(
    sealed: Path, at: float, flip: int, data: st.DataObject
) -> None:
    """Whatever is read of a changed segment, by name and in pieces, is right or an error."""
    name = f"{FOLDER}/00000005.parquet"
    whole = (sealed / name).read_bytes()
    changed = bytearray(whole)
    changed[int(at * len(whole))] ^= flip
    (sealed / name).write_bytes(changed)
    damaged: dict[str, str] = {}
    try:
        found = list_segments(sealed)
        if name in found.seals:
            file = ReadOnlyRun(sealed, [name], found.seals, damaged).open(name)
            start, size = data.draw(st.tuples(*[st.integers(0, len(whole))] * 2))
            file.seek(start)
            with contextlib.suppress(OSError):
                assert file.read(size) == whole[start : start + size]
            file.seek(0)
            with pytest.raises(OSError, match="was changed"):
                file.read(len(whole))
            assert name in damaged
        else:
            assert name in [one.path for one in found.set_aside]
    finally:
        (sealed / name).write_bytes(whole)


def test_a_segment_without_a_seal_that_cannot_be_decoded_is_set_aside(run: Path) -> None:
    """A file of another program is named as well, when DuckDB gives up on it."""
    path = run / FOLDER / layout.segment_name(3)
    content = bytearray(path.read_bytes())
    content[20:400] = bytes(380)
    path.write_bytes(content)
    _, told = answered(run)
    assert [(one.path, one.why) for one in told] == [
        (f"{FOLDER}/00000003.parquet", "cannot be decoded")
    ]


def test_a_file_of_another_table_is_set_aside(run: Path) -> None:
    """Parquet with other columns is named and left out, and does not keep the rest from being read."""
    pq.write_table(pa.table({"a": [1]}), run / FOLDER / layout.segment_name(8))
    [odd] = list_segments(run).set_aside
    assert odd.why == "has no column link_id"
    assert value_of(run, "select count(*) from observations") == 4


def test_a_segment_of_an_earlier_version_is_read(run: Path) -> None:
    """A column that a segment lacks is null in its rows."""
    columns = [name for name in OBSERVATIONS_SCHEMA.names if name != "etag"]
    content = pa.Table.from_pylist([asdict(look(9, etag="gone"))], schema=OBSERVATIONS_SCHEMA)
    pq.write_table(content.select(columns), run / FOLDER / layout.segment_name(8))
    crawl(run, [look(10, etag="kept")], segment=9)
    assert list_segments(run).set_aside == ()
    assert value_of(run, "select string_agg(etag) from observations") == "kept"


def test_what_a_crawl_set_aside_is_listed_and_not_read(run: Path) -> None:
    """A segment under the name that a crawl gives a damaged one is told of by `kept_aside` alone."""
    path = run / FOLDER / layout.segment_name(2)
    for name in ("00000002.parquet.set-aside", "00000002.parquet.set-aside-2"):
        (run / FOLDER / name).write_bytes(path.read_bytes())
    assert kept_aside(run) == [
        f"{FOLDER}/00000002.parquet.set-aside",
        f"{FOLDER}/00000002.parquet.set-aside-2",
    ]
    assert list_segments(run).set_aside == ()
    assert value_of(run, "select count(*) from observations") == 4
