"""The overview: one page with every figure, its numbers, and nothing that acts."""

import shutil
from pathlib import Path

import pytest

from analysis.overview.charts import COLOURS, svg
from analysis.overview.figures import FIGURES, TERMS, Bar, Drawn, Figure, read_figures
from analysis.runfile import read_run
from analysis.session import ask
from tests.analysis.asking import rows_of
from tests.analysis.report.reports import HOSTILE
from tests.runs import stillup_here


@pytest.fixture(scope="module")
def drawn(crawled: Path) -> dict[str, Drawn]:
    """Return the figures of a run with something of everything, by their queries."""
    found: list[Drawn] = ask(read_run(crawled), read_figures, TERMS)
    return {one.figure.query: one for one in found}


def test_every_link_is_in_the_figures(crawled: Path, drawn: dict[str, Drawn]) -> None:
    """The bars of a figure add up to what the tables say, and every part has a colour."""
    [sizes] = rows_of(crawled, "select count(*) as links, sum(row_count)::int as rows from links")
    assert sum(bar.amount for bar in drawn["by_source"].bars) == sizes["rows"]
    assert sum(bar.amount for bar in drawn["flow"].bars) == sizes["links"]
    assert {bar.part for one in drawn.values() for bar in one.bars} <= set(COLOURS)
    missing = {figure.query for figure in FIGURES} - set(drawn)
    assert missing == {"by_year"}  # no URL of this run has a year


@pytest.mark.slow  # the first plot of a process starts a JavaScript engine
@pytest.mark.parametrize("is_grid", [True, False])
def test_a_hostile_name_stays_text(is_grid: bool) -> None:
    """No name of a stranger becomes an element of a plot."""
    figure = Figure("x", "Title", "Note", is_grid=is_grid)
    bars = tuple(
        Bar(name.encode("utf-8", "replace").decode(), "alive", 3.0)
        for name in HOSTILE
        if "\x00" not in name
    )
    picture = svg(Drawn(figure, bars, 0))
    assert picture.startswith("<svg")
    assert "<script" not in picture
    assert "<img" not in picture
    assert "onerror=alert(1)>" not in picture.replace("&gt;", "")
    assert "href=" not in picture


def test_the_page_is_whole_and_the_same_each_time(crawled: Path, tmp_path: Path) -> None:
    """`--overview` writes one page with every plot and its numbers, the same bytes each time."""
    run = Path(shutil.copytree(crawled, tmp_path / "run"))
    pages = []
    for _ in range(2):
        done = stillup_here("report", run, "--overview")
        assert done.returncode == 0, done.stderr
        pages.append((run / "reports" / "overview.html").read_text(encoding="utf-8"))
    assert pages[0] == pages[1]
    assert pages[0].count("<svg") == pages[0].count("<table>") >= 6
    assert "<script" not in pages[0]
    assert "site0.example" in pages[0]
    assert "95 % interval" in pages[0]
