"""What people did is written down once, whole, and by whoever did it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analysis.actions import Overtaken, append, next_action
from analysis.segments import list_segments
from crawler.records import layout
from crawler.records.action import ACTIONS_SCHEMA
from crawler.records.errors import RunFailed
from crawler.sealed import fault
from tests.analysis.asking import rows_of
from tests.analysis.runs import acted, link, plan, report, review


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run in which nobody has acted."""
    return plan(tmp_path / "run", [link(1), link(2)])


def test_those_who_act_at_once_lose_nothing(run: Path) -> None:
    """Every action of many people at once is kept, each in a segment of its own."""
    wanted = [review(f"site{n}.test", reviewer=f"reviewer {n}") for n in range(40)]
    with ThreadPoolExecutor(8) as people:
        paths = list(people.map(lambda one: append(run, [one]), wanted))
    assert len(set(paths)) == len(wanted)
    found = rows_of(run, "select review_id from reviews")
    assert {row["review_id"] for row in found} == {one.review_id for one in wanted}


def test_who_was_overtaken_writes_nothing(run: Path) -> None:
    """An action that was decided on before somebody else's is not written."""
    before = next_action(run)
    acted(run, review("other.test"))
    with pytest.raises(Overtaken):
        append(run, [review("mine.test")], before)
    assert rows_of(run, "select place from reviews") == [{"place": "other.test"}]
    assert [path.name for path in (run / "actions").iterdir()] == ["00000000.parquet"]


def test_an_action_comes_back_as_it_was_written(run: Path) -> None:
    """Reviews and reports are read as they were written, and their segments prove themselves."""
    acted(run, review("a.test", note="ünïcode\nand lines"), report("SU-1", [1, 2], "a.test"))
    [reviewed] = rows_of(run, "select * from reviews")
    [reported] = rows_of(run, "select * from reports")
    assert reviewed["note"] == "ünïcode\nand lines"
    assert (reported["sent_to"], reported["links"]) == (["abuse@a.test"], 2)
    folder = run / layout.ACTIONS
    assert [fault(path, ACTIONS_SCHEMA) for path in folder.iterdir()] == [None, None]


def test_a_changed_segment_is_noticed(run: Path) -> None:
    """A segment of actions in which a bit was flipped is set aside, as every other one."""
    path = run / append(run, [review("a.test"), review("b.test")])
    content = bytearray(path.read_bytes())
    content[-60] ^= 1
    path.write_bytes(content)
    listing = list_segments(run)
    assert listing.files[layout.ACTIONS] == ()
    assert [segment.path for segment in listing.set_aside] == ["actions/00000000.parquet"]


def test_a_run_that_cannot_be_written_says_so(run: Path) -> None:
    """Where there is no folder for actions the error is one line that says what to do."""
    (run / layout.ACTIONS).write_text("in the way")
    with pytest.raises(RunFailed, match="cannot write in"):
        append(run, [review("a.test")])
