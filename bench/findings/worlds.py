"""A world as a run, and three rankings of its places."""

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from analysis.derive import derive
from analysis.findings import TERMS, read_findings
from analysis.meaning.keep import keep_meanings
from analysis.runfile import read_run
from analysis.session import Session, ask
from tests.internet.world import Place, make_world
from tests.internet.world.written import write_run

FINDINGS, HITS, PUNSAFE = "stillup findings", "count of hits", "mean punsafe"
MEANING = "stillup findings --semantic"
_COUNTED = (
    "select place from place_signals left join findings using (level, place) "
    "where not coalesce(is_shared, false) group by place order by sum(found) desc, place"
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A world's places by each way of ranking, best first; and where findings put each leak."""

    seed: int
    places: tuple[Place, ...]
    rankings: dict[str, list[str]]

    @property
    def leaks(self) -> dict[str, Place]:
        """The places that leak, by name."""
        return {place.name: place for place in self.places if place.leaks}

    def ranks(self) -> Counter[str]:
        """Return kind of leak → how many places of it are in the first 100."""
        top = set(self.rankings[FINDINGS][:100])
        return Counter(place.kind for name, place in self.leaks.items() if name in top)


def rank_world(seed: int, *, strange: bool, semantic: bool = False) -> Ranked:
    """Make the world of a seed, write it as a run, and rank its places; `semantic`: also by meaning."""
    places = make_world(seed, strange=strange)
    with tempfile.TemporaryDirectory() as folder:
        facts = read_run(write_run(Path(folder), places))
        derive(facts)
        rankings = ask(facts, _rankings, TERMS)
        if semantic:
            keep_meanings(facts)
            rankings[MEANING] = ask(facts, _rankings, TERMS)[FINDINGS]
    rankings[PUNSAFE] = sorted(
        (place.name for place in places),
        key=dict(map(_mean_punsafe, places)).__getitem__,
        reverse=True,
    )
    return Ranked(seed, tuple(places), rankings)


def _rankings(session: Session) -> dict[str, list[str]]:
    counted = session.connection.execute(_COUNTED).fetchall()
    return {
        FINDINGS: [finding.place for finding in read_findings(session, None)],
        HITS: [place for (place,) in counted],
    }


def _mean_punsafe(place: Place) -> tuple[str, float]:
    return place.name, sum(link.punsafe for link in place.links) / len(place.links)
