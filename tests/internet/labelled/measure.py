"""A real crawl of the labelled hosts, and its verdicts held against the labels.

Room: command line (it runs stillup's commands and reads what they published).
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.internet import FakeInternet
from tests.internet.labelled import Label, LabelledLink, labelled_sites
from tests.runs import ask, crawled, stillup_here

_MEANS = {
    "alive": Label.ALIVE,
    "changed": Label.CHANGED,
    "soft_dead": Label.SOFT_DEAD,
    "dying": Label.DEAD,
    "dead": Label.DEAD,
    "blocked": Label.BLOCKED,
}
_QUERY = """
select link.url, verdict.verdict, verdict.reason, coalesce(signs.signs, [])
from links as link
join verdicts as verdict using (link_id)
left join (select link_id, list(sign) as signs from soft_signs group by link_id) as signs using (link_id)
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled link, what stillup said of it, and why."""

    link: LabelledLink
    verdict: str
    reason: str
    signs: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Tell whether the verdict means the label."""
        return _MEANS.get(self.verdict) is self.link.label

    @property
    def is_lost(self) -> bool:
        """Tell whether the picture is gone and the host does not say so."""
        return self.link.label is Label.SOFT_DEAD

    @property
    def is_found(self) -> bool:
        """Tell whether the verdict is soft_dead."""
        return self.verdict == "soft_dead"


@dataclass(frozen=True, slots=True)
class Score:
    """How well `soft_dead` was told, counted in links."""

    lost: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """Return which share of what was found is lost; 1 where nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Return which share of what is lost was found; 1 where nothing is lost."""
        return self.right / self.lost if self.lost else 1.0


def crawl_labelled(folder: Path, mode: str = "body") -> list[Judged]:
    """Plan and crawl every labelled link in `folder`, and return what came of each."""
    sites = labelled_sites()
    links = {link.url: link for site in sites for link in site.links}
    listing, run = folder / "links.jsonl", folder / "run"
    listing.write_text("".join(_line(link) for link in links.values()), encoding="utf-8")
    planned = stillup_here("plan", run, listing)
    assert planned.returncode == 0, planned.stderr
    with FakeInternet(sites) as internet:
        crawled(run, internet, "--mode", mode, published=True)
    rows = ask(run, _QUERY)
    assert len(rows) == len(links)
    judged = [Judged(links[url], verdict, why, tuple(signs)) for url, verdict, why, signs in rows]
    return sorted(judged, key=lambda one: one.link.url)


def score(judged: Iterable[Judged]) -> Score:
    """Count."""
    listed = list(judged)
    return Score(
        lost=sum(one.is_lost for one in listed),
        found=sum(one.is_found for one in listed),
        right=sum(one.is_lost and one.is_found for one in listed),
    )


def _line(link: LabelledLink) -> str:
    row = {
        name: value
        for name, value in asdict(link).items()
        if name in ("url", "width", "height", "sha256")
    }
    return json.dumps(row) + "\n"
