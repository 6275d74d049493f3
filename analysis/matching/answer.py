"""What a match comes to for a person: where each link stands, and what could not be looked at.

Room: sql.
"""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from analysis.contracts import contracts
from analysis.matching.search import Question, search, text_of
from analysis.matching.shape import MATCHES
from analysis.session import Session, Terms

TERMS = Terms(tables=(MATCHES,))

# From what matters most to what matters least.
PLACES = ("served_now", "served_before", "promised")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A row of the view `matches`, whose contract says what each column means."""

    list: str
    category: str | None
    kind: str
    entry_hash: str
    distance: int
    quality: int | None
    link_id: int
    url: str
    host: str | None
    registered_domain: str | None
    place: str
    round: int | None
    attempt: int | None
    observed_at: datetime | None
    last_outcome: str | None
    last_look_at: datetime | None
    list_digest: str

    @property
    def weight(self) -> tuple[int, int, int]:
        """Sorts the rows of a link: the most telling one first."""
        return PLACES.index(self.place), self.distance, self.kind == "pdq"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of how many links of the run what is known; `with_fit_pdq` have a PDQ of enough quality."""

    links: int
    looked_at: int
    with_digest: int
    with_picture: int
    with_pdq: int
    with_fit_pdq: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: as rows to keep, as rows to read (best first), and how much was searched."""

    found: pa.Table
    matches: tuple[Match, ...]
    coverage: Coverage


def answer(session: Session, question: Question) -> Answer:
    """Search a run and say where each match stands by now."""
    found = search(session, question)
    asked = session.connection
    asked.register("fresh_matches", found)
    query = next(one.query for one in contracts() if one.name == MATCHES)
    rows = asked.sql(query.replace("segments.matches", "fresh_matches")).to_arrow_table()
    matches = sorted(
        (Match(**row) for row in rows.to_pylist()),
        key=lambda match: (*match.weight, match.registered_domain or "", match.link_id),
    )
    counts = asked.execute(text_of("coverage"), [question.min_quality]).fetchone() or (0,) * 6
    return Answer(found, tuple(matches), Coverage(*counts))
