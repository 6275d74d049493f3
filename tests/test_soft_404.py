"""How well a soft death is told, on hosts whose links are labelled by construction."""

from pathlib import Path

import pytest

from tests.internet.labelled import Label, labelled_sites
from tests.internet.labelled.measure import Judged, crawl_labelled, score
from tests.internet.labelled.page import BODY, MODES, PAGE, body_tables, modes_table, with_measured

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

# What nobody can tell from outside, or what we know we are mistaken about; the page says why.
MISTAKEN = {"any-name-behind-a-word.test"}
MISSED = {
    "of-the-day.test",
    "quietly-removed.test",
    "removed-few.test",
    "stamped-and-mostly-alive.test",
    "stand-in-by-size.test",
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    """Every labelled link after a real crawl."""
    return crawl_labelled(tmp_path_factory.mktemp("labelled"))


def test_the_labels_are_many() -> None:
    """There are at least 40 labelled hosts with links, and every label occurs."""
    sites = [site for site in labelled_sites() if site.links]
    assert len(sites) >= 40
    assert {link.label for site in sites for link in site.links} == set(Label)


def test_precision_and_recall(judged: list[Judged]) -> None:
    """What is called soft_dead is lost, and what is lost is called so."""
    whole = score(judged)
    assert whole.precision >= 0.98
    assert whole.recall >= 0.9


def test_mistakes_are_known(judged: list[Judged]) -> None:
    """Every wrong verdict is of a host that the documentation names, and no other label suffers."""
    wrong = [one for one in judged if not one.is_right]
    assert {one.link.site for one in wrong if one.is_found} <= MISTAKEN
    assert {one.link.site for one in wrong if not one.is_found} <= MISSED


def test_a_museum_stays_alive(judged: list[Judged]) -> None:
    """Real pictures that are served as text/html are alive."""
    found = {one.verdict for one in judged if one.link.site == "museum.test"}
    assert found == {"alive"}


def test_the_page_is_what_was_measured(judged: list[Judged]) -> None:
    """The tables of docs/guide/soft-404.md are what this crawl came to."""
    text = PAGE.read_text(encoding="utf-8")
    assert with_measured(text, BODY, body_tables(judged)) == text


@pytest.mark.slow
def test_the_modes_are_what_was_measured(judged: list[Judged], tmp_path: Path) -> None:
    """So is its table by mode."""
    scores = [("body", score(judged))]
    for mode in ("sniff", "head"):
        (tmp_path / mode).mkdir()
        scores.append((mode, score(crawl_labelled(tmp_path / mode, mode))))
    text = PAGE.read_text(encoding="utf-8")
    assert with_measured(text, MODES, modes_table(scores)) == text
