"""What a reviewer has to decide on: a place of `findings`, its reasons, and what it serves now.

Room: sql. No picture is shown, nor fetched: whoever decides looks at the pages in a browser.
"""

from dataclasses import dataclass
from datetime import datetime

from analysis import findings
from analysis.findings import Explained, explain_finding
from analysis.nouns import read_nouns
from analysis.session import Session, Terms

_SHOWN = 20
TERMS = Terms(
    stored=findings.TERMS.stored,
    tables=("findings", "finding_reasons", "links", "live_links", "reviews", "reports"),
)


@dataclass(frozen=True, slots=True)
class LiveLink:
    """One link as it is served now; the fields are columns of `live_links`."""

    link_id: int
    url: str
    status: int | None
    media_type: str | None
    body_bytes: int | None
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class PastReview:
    """One decision of the past; the fields are columns of `reviews`."""

    reviewed_at: datetime
    decision: str
    reviewer: str
    note: str | None


@dataclass(frozen=True, slots=True)
class PastReport:
    """One report of the past; the fields are columns of `reports`."""

    report_number: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A place to decide on: why it is a finding, some of its live links, and what was done so far."""

    explained: Explained
    live: tuple[LiveLink, ...]
    reviews: tuple[PastReview, ...]
    reports: tuple[PastReport, ...]


def read_case(session: Session, place: str, lately: Session | None = None) -> Case:
    """Return the case of a place. Raises WrongUse where it is no finding of the run.

    `lately` is a newer session, of what was done by now.
    """
    explained = explain_finding(session, place)
    at = (explained.finding.level, place)
    return Case(
        explained,
        read_nouns(session, LiveLink, _LIVE, at),
        read_nouns(lately or session, PastReview, _REVIEWS, at),
        read_nouns(lately or session, PastReport, _REPORTS, at),
    )


_LIVE = (
    "from live_links where link_id in "
    "(select link_id from placed_links where level = ? and place = ?) "
    f"order by url, link_id limit {_SHOWN}"
)
_REVIEWS = "from reviews where level = ? and place = ? order by reviewed_at"
_REPORTS = "from reports where level = ? and place = ? order by written_at, report_number"
