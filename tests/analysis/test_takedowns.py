"""`stillup takedowns`: the table, the curve, and both for programs."""

import csv
import io
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.takedowns import ALL, NOT_KNOWN, Followup, grouped
from tests.analysis.asking import rows_of
from tests.analysis.runs import acted, crawl, link, look, plan, report
from tests.runs import stillup_here


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run with twelve reported links at two places: eight go, two stay, one returns, one is refused."""
    root = plan(tmp_path_factory.mktemp("takedowns") / "run", [link(n) for n in range(12)])
    crawl(root, [look(n, day=-1) for n in range(12)])
    days = {2: 1.0, 3: 3.0, 4: 7.0, 5: 14.0}
    seen = {
        **{n: ["gone"] * 4 for n in (0, 1)},
        **{n: ["ok", "gone", "gone", "gone"] for n in (2, 3, 4, 5)},
        **{n: ["ok", "ok", "ok", "gone"] for n in (6, 7)},
        **{n: ["ok"] * 4 for n in (8, 9)},
        10: ["gone", "ok", "ok", "ok"],
        11: ["denied"] * 4,
    }
    for at, (number, day) in enumerate(days.items()):
        crawl(root, [look(n, seen[n][at], number, day) for n in range(12)], segment=number)
    acted(
        root,
        report("SU-1", range(6), "=HYPERLINK(1)"),
        report("SU-2", range(6, 12), "b.test"),
        report("SU-3", [9], "b.test", day=8, reminder_of="SU-2"),
    )
    return root


def test_the_figures_are_those_worked_out_by_hand(run: Path) -> None:
    """Eleven were seen: two go on day 1, four on day 3, two on day 14; three are up on day 14.

    S(1) = 9/11; S(3) = 9/11 · 5/9 = 5/11; S(14) = 5/11 · 3/5 = 3/11.
    """
    done = stillup_here("takedowns", run, "--format", "json")
    assert done.returncode == 0, done.stderr
    everything, unknown = json.loads(done.stdout)["groups"]
    assert (everything["name"], unknown["name"]) == (ALL, NOT_KNOWN)
    assert everything["curve"] == unknown["curve"]
    assert (everything["reports"], everything["links"]) == (2, 12)
    assert everything["states"] == {
        "gone": 8, "back": 1, "up": 2, "unclear": 1, "not_looked_yet": 0
    }  # fmt: skip
    steps = [(s["days"], s["at_risk"], s["gone"], s["censored"]) for s in everything["curve"]]
    assert steps == [(1.0, 11, 2, 0), (3.0, 9, 4, 0), (14.0, 5, 2, 3)]
    shares = [step["share"] for step in everything["curve"]]
    assert shares == pytest.approx([9 / 11, 5 / 11, 3 / 11])
    assert everything["median_days"] == 3.0


def test_the_table_is_for_people(run: Path) -> None:
    """The table has every state, the curve its bars and bounds, and the text says what both mean."""
    done = stillup_here("takedowns", run, "--by", "place")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    row = next(line for line in lines if line.startswith("b.test"))
    assert row.split() == ["b.test", "1", "6", "2", "1", "2", "1", "0"]
    assert "=HYPERLINK(1): the share still up; half gone after 3.0 d" in lines
    assert "b.test: the share still up" in lines
    bar = next(line for line in lines if line.strip().startswith("3 d"))
    assert "45.5 % (16.7 % to 70.7 %), 5 followed on" in bar
    assert "Links of one host mostly go together" in " ".join(done.stdout.split())


def test_csv_is_for_spreadsheets(run: Path) -> None:
    """One row a step, and no name of a place is a formula."""
    done = stillup_here("takedowns", run, "--by", "place", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["place"] for row in rows} == {"all", "'=HYPERLINK(1)", "b.test"}
    assert rows[0]["place"] == "all"
    assert rows[0]["step_share"].startswith("0.818")
    assert len(rows) == 3 + 2 + 1


def test_nothing_reported_says_so(tmp_path: Path) -> None:
    """A run without reports is no failure."""
    root = plan(tmp_path / "run", [link(1)])
    crawl(root, [look(1)])
    done = stillup_here("takedowns", root)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert done.stdout.startswith("Nothing was reported yet")
    assert json.loads(stillup_here("takedowns", root, "--format", "json").stdout)["groups"]


@dataclass
class Model:
    """What became of a reported link, look after look."""

    state: str = "not_looked_yet"
    gone_day: int | None = None
    back_day: int | None = None

    def see(self, outcome: str, status: int | None, day: int) -> None:
        """Take in one more look."""
        is_up = outcome in {"ok", "not_modified"}
        if not is_up and outcome != "gone" and status != 451:
            self.state = "unclear" if self.state == "not_looked_yet" else self.state
        elif is_up and self.state == "gone":
            self.state, self.back_day = "back", day
        elif is_up:
            self.state = "back" if self.state == "back" else "up"
        elif self.state != "gone":
            self.state, self.gone_day = "gone", day


LOOKS = st.sampled_from(
    [
        ("ok", 200),
        ("not_modified", 304),
        ("gone", 404),
        ("denied", 403),
        ("denied", 451),
        ("timeout", None),
    ]
)


@settings(max_examples=3, deadline=None)  # a session each, so many links in each
@given(st.lists(st.lists(LOOKS, max_size=6), min_size=20, max_size=40))
def test_what_became_of_a_link_is_the_model(found: list[list[tuple[str, int | None]]]) -> None:
    """For every history the SQL says what reading it look by look says."""
    models = []
    with tempfile.TemporaryDirectory() as folder:
        root = plan(Path(folder) / "run", [link(n) for n, _ in enumerate(found)])
        looks = [look(n, day=-1) for n, _ in enumerate(found)]
        for number, history in enumerate(found):
            models.append(model := Model())
            for day, (outcome, status) in enumerate(history, start=1):
                model.see(outcome, status, day)
                looks.append(look(number, outcome, day + 1, day, status=status))
        crawl(root, looks)
        acted(root, report("SU-1", range(len(found))))
        rows = rows_of(
            root,
            "select state, day(gone_at) - 1 as gone_day, day(came_back_at) - 1 as back_day "
            "from takedowns order by link_id",
        )
    assert rows == [asdict(model) for model in models]


def test_looks_of_a_round_are_one_moment() -> None:
    """What was up a minute before another was seen gone is still there half of the time, not a third."""
    minute = 1 / 1440
    seen = [("up", 3 - minute), ("gone", 3 + minute), ("up", 3.0), ("gone", 3 + 2 * minute)]
    rows = [Followup("SU-1", None, "a.test", state, days) for state, days in seen]
    [step] = grouped(rows, "place")[0].curve
    assert (step.days, step.at_risk, step.gone, step.share) == (3.0, 4, 2, 0.5)


def test_groups_are_told_apart() -> None:
    """A provider's links are its own, and a group that nobody has looked at has no curve."""
    rows = [
        Followup("SU-1", "Host A", "a.test", "gone", 2.0),
        Followup("SU-1", "Host A", "a.test", "up", 9.0),
        Followup("SU-2", None, "b.test", "not_looked_yet", None),
    ]
    everything, first, unknown = grouped(rows, "provider")
    assert (everything.reports, everything.links) == (2, 3)
    assert (first.name, first.median_days, len(first.curve)) == ("Host A", 2.0, 2)
    assert (unknown.name, unknown.curve, unknown.median_days) == (NOT_KNOWN, (), None)
