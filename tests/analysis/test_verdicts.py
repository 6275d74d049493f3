"""The verdict in SQL against a small model of it in Python, on random histories."""

import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records import Observation, Outcome
from tests.analysis.asking import rows_of
from tests.analysis.runs import crawl, link, look, plan

PROMISED = "aa" * 32

SERVED = {Outcome.OK, Outcome.NOT_MODIFIED, Outcome.TOO_LARGE}
DEAD = {
    Outcome.GONE,
    Outcome.CLIENT_ERROR,
    Outcome.TOO_MANY_REDIRECTS,
    Outcome.DNS_NOT_FOUND,
    Outcome.CONNECT_REFUSED,
}
BLOCKED = {
    Outcome.DENIED,
    Outcome.RATE_LIMITED,
    Outcome.ROBOTS_DENIED,
    Outcome.ROBOTS_UNREACHABLE,
}
UNASKED = {Outcome.URL_INVALID, Outcome.ADDRESS_BLOCKED}


@dataclass
class Model:
    """A link's state, look after look."""

    verdict: str = "unknown"
    told: str = "unknown"
    body: str = "transient"  # what a 304 shows that no body came before
    deaths: tuple[Observation, ...] = ()

    def see(self, seen: Observation) -> None:
        """Take in one more look."""
        shows = self.shows(seen)
        if shows in {"alive", "changed"}:
            self.deaths = ()
        if shows == "dead":
            self.deaths = (*self.deaths, seen)
        if shows in {"alive", "changed", "soft_dead", "blocked", "dead"}:
            self.told = shows
        if len(self.deaths) >= 3 and self.age() >= timedelta(days=9):
            self.verdict = "dead"
        elif shows == "dead" or (shows == "transient" and self.told == "dead"):
            self.verdict = "dying"
        else:
            self.verdict = "unknown" if shows in {"transient", "unasked"} else shows

    def shows(self, seen: Observation) -> str:
        """What one look shows by itself, given the last body."""
        if seen.outcome in SERVED:
            if seen.outcome is not Outcome.NOT_MODIFIED:
                self.body = self.shown_by_body(seen)
            return self.body
        if seen.outcome in DEAD:
            return "dead"
        if seen.outcome in BLOCKED:
            return "blocked"
        return "unasked" if seen.outcome in UNASKED else "transient"

    def shown_by_body(self, seen: Observation) -> str:
        """Digest before sniffed type, and never the header."""
        if seen.sha256 is not None and seen.sha256.hex() == PROMISED:
            return "alive"
        if seen.media_type == "text/html":
            return "soft_dead"
        return "changed" if seen.sha256 is not None else "alive"

    def age(self) -> timedelta:
        """Between the first and the last dead look."""
        return self.deaths[-1].observed_at - self.deaths[0].observed_at


def model_of(history: list[Observation]) -> Model:
    """What a history amounts to."""
    model = Model()
    for seen in history:
        if seen.final and not seen.suspect:
            model.see(seen)
    return model


@st.composite
def histories(draw: st.DrawFn) -> list[Observation]:
    """Up to seven rounds of looks at a link, some with an attempt that was not final."""
    link_id = 0
    day, history = 0.0, []
    for number in range(1, draw(st.integers(0, 7)) + 1):
        day += draw(st.sampled_from([0.5, 3, 4.5, 9]))
        served = {
            "media_type": draw(st.sampled_from([None, "image/jpeg", "text/html"])),
            "content_type": draw(st.sampled_from(["text/html", "image/jpeg"])),
            "sha256": draw(st.sampled_from([None, bytes.fromhex(PROMISED), b"b" * 32])),
        }
        outcome = draw(st.sampled_from([*Outcome, *[Outcome.GONE, Outcome.OK] * 8]))
        suspect = draw(st.sampled_from([False] * 4 + [True]))
        if draw(st.booleans()):
            history.append(look(link_id, "ok", number, day - 0.1, final=False))
        columns = served if outcome is Outcome.OK else {}
        history.append(look(link_id, outcome, number, day, attempt=2, suspect=suspect, **columns))
    return history


@settings(max_examples=4, deadline=None)  # a session each, so many links in each
@given(st.lists(histories(), min_size=30, max_size=60))
def test_verdict_is_the_model(found: list[list[Observation]]) -> None:
    """For every history the SQL says what reading it look by look says."""
    with tempfile.TemporaryDirectory() as folder:
        run = plan(Path(folder), [link(i, expected_sha256=PROMISED) for i, _ in enumerate(found)])
        crawl(run, [replace(seen, link_id=i) for i, one in enumerate(found) for seen in one])
        rows = rows_of(run, "select verdict, dead_looks from verdicts order by link_id")
    models = [model_of(history) for history in found]
    assert [(row["verdict"], row["dead_looks"]) for row in rows] == [
        (model.verdict, len(model.deaths)) for model in models
    ]
