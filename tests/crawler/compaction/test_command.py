"""`stillup compact`: what it says, and what it leaves for a crawl and for questions."""

from pathlib import Path

import pytest

from crawler.records.layout import OBSERVATIONS, segment_name
from tests.crawler.compaction.runs import FOLDER, names, small_segments
from tests.runs import planned, stillup_here


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A planned run with nine segments of looks."""
    made = planned(tmp_path, ["http://a.test/1"])
    small_segments(made, 9)
    return made


def test_it_says_what_it_did_and_what_is_left_to_do(run: Path) -> None:
    """Files, rows and bytes in one line, what stays for readers in another; then that all is done."""
    first = stillup_here("compact", run)
    assert first.returncode == 0, first.stderr
    made, covered = first.stdout.splitlines()
    assert made.startswith("merged 16 files into 2: 48 rows, ")
    assert covered.startswith("16 merged files (")
    assert covered.endswith("compact again after 600 s to remove them")
    second = stillup_here("compact", run, "--keep-s", 0)
    assert second.stdout.startswith("nothing to merge\nremoved 16 merged files (")
    assert names(run) == ["00000000-00000007.parquet", segment_name(8)]
    assert stillup_here("compact", run).stdout == "nothing to merge\n"


def test_what_is_damaged_is_named_and_no_failure(run: Path) -> None:
    """A damaged segment is a line on stderr; the rest is merged, and the exit code is 0."""
    path = run / FOLDER / segment_name(3)
    path.write_bytes(path.read_bytes()[:-20])
    done = stillup_here("compact", run)
    assert done.returncode == 0
    assert (
        done.stderr == f"stillup: {OBSERVATIONS}/shard=00000/{path.name} is torn; left as it is\n"
    )


def test_where_there_is_no_run_it_fails_in_one_line(tmp_path: Path) -> None:
    """A folder that holds no run is exit 1; an option that cannot be is exit 2."""
    done = stillup_here("compact", tmp_path)
    assert done.returncode == 1
    assert "holds no run" in done.stderr
    assert stillup_here("compact", tmp_path, "--keep-s", -1).returncode == 2
