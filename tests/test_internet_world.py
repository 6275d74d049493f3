"""The labelled world: made by seed, of its promised size, and findings find its leaks."""

import random
from pathlib import Path

import pytest

from analysis.derive import derive
from analysis.findings import TERMS, read_findings
from analysis.runfile import read_run
from analysis.session import ask
from bench.findings.score import score
from tests.conftest import MakeInternet
from tests.internet import PictureHost
from tests.internet.host import picture_reply
from tests.internet.messages import NOT_FOUND, Answer, Request, page
from tests.internet.world import Place, make_world
from tests.internet.world.leaks import LEAKS, leaking
from tests.internet.world.written import write_dataset, write_run
from tests.runs import crawled, finals, stillup_here

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow


class WorldHost(PictureHost):
    """Serves the links of a place as the world says."""

    def __init__(self, place: Place) -> None:
        """Answer for the place's links, which are on one host."""
        super().__init__(place.links[0].url.split("/")[2])
        self.outcomes = {link.url.split("/", 3)[3]: link.outcome for link in place.links}

    def look(self, request: Request) -> Answer:
        """Serve, refuse, or say that it is gone."""
        outcome = self.outcomes.get(request.target[1:], "gone")
        if outcome == "denied":
            return page(403, "No")
        return picture_reply(request) if outcome == "ok" else NOT_FOUND


def test_the_same_seed_makes_the_same_world() -> None:
    """A world is its seed: 2,000 ordinary places, sixty that leak, of eight kinds and more."""
    world = make_world(7)
    assert leaking(random.Random(7), LEAKS[:3]) == leaking(random.Random(7), LEAKS[:3])
    assert sum(place.kind.startswith("ordinary") for place in world) == 2_000
    assert sum(place.leaks for place in world) == 60
    assert len({kind.words.split(".")[0] for kind in LEAKS}) >= 8


def small(seed: int) -> list[Place]:
    """Return a part of a world: every leak and look-alike, and one ordinary place of five."""
    world = make_world(seed)
    ordinary = [place for place in world if place.kind.startswith("ordinary")]
    return [*ordinary[20::5], *(place for place in world if place not in ordinary)]


@pytest.mark.slow
def test_findings_find_the_leaks(tmp_path: Path) -> None:
    """Who works the list of a labelled world from the top finds leaks, and few innocents."""
    places = small(7)
    facts = read_run(write_run(tmp_path, places))
    derive(facts)
    found = ask(facts, lambda session: read_findings(session, None), TERMS)
    measured = score([one.place for one in found], {one.name for one in places if one.leaks})
    assert measured.precision[1] >= 0.9
    assert measured.average_precision >= 0.8


def test_a_crawl_sees_what_is_written(tmp_path: Path, make_internet: MakeInternet) -> None:
    """A part of the world, crawled for real, has the outcomes that are written for speed."""
    places = leaking(random.Random(7), LEAKS[4:6])
    places = [Place(one.name, one.kind, one.links[:6]) for one in places]
    dataset = write_dataset(tmp_path / "world.parquet", places)
    run = tmp_path / "run"
    done = stillup_here("plan", run, dataset)
    assert done.returncode == 0, done.stderr
    crawled(run, make_internet(*map(WorldHost, places)))
    seen = {url: row["outcome"] for url, row in finals(run).items()}
    assert seen == {link.url: link.outcome for one in places for link in one.links}
