"""A run's findings, and how the score of one came about, read from a session.

Room: sql. Computes nothing: every number is a column of `findings` or `finding_reasons`.
"""

from dataclasses import dataclass, fields
from typing import Any

from analysis.session import Session, Terms
from crawler.records.errors import WrongUse

TERMS = Terms(
    stored=("looks", "verdicts", "signals", "placed_links", "place_signals", "finding_reasons"),
    tables=("findings", "finding_reasons", "links"),
)
# Of a score, what must be left when luck is taken out.
_HIGH, _MEDIUM = 0.6, 0.25


@dataclass(frozen=True, slots=True)
class Finding:
    """A registered domain, or a tenant of one that many share, with its reasons."""

    rank: int
    place: str
    level: str
    links: int
    open_links: int
    live_links: int
    score: float
    confidence: float
    reasons: tuple[str, ...]
    examples: tuple[int, ...]

    @property
    def confidence_word(self) -> str:
        """The confidence as a word: high, medium or low."""
        if self.confidence >= _HIGH:
            return "high"
        return "medium" if self.confidence >= _MEDIUM else "low"


@dataclass(frozen=True, slots=True)
class Reason:
    """One kind of signal of a finding; the fields are columns of `finding_reasons`."""

    kind: str
    links: int
    found: int
    calmed: int
    hits: float
    share_elsewhere: float
    expected: float
    doublings: float
    strength: float
    points: float
    sure_points: float
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Explained:
    """A finding with its reasons, the weightiest first, and the URLs of its examples."""

    finding: Finding
    of: int
    reasons: tuple[Reason, ...]
    urls: tuple[tuple[int, str], ...]


def read_findings(session: Session, top: int | None) -> list[Finding]:
    """Return the first `top` findings, or all. A domain whose tenants are listed is left out."""
    rows = session.connection.execute(f"{_RANKED} limit ?", [2**62 if top is None else top])
    return [_finding(row) for row in rows.fetchall()]


def explain_finding(session: Session, place: str) -> Explained:
    """Return the arithmetic of a place's score. Raises WrongUse where it is no finding."""
    asked = session.connection
    row = asked.execute(f"from ({_RANKED}) where place = ?", [place]).fetchone()
    if row is None:
        row = asked.execute(f"{_SHARED} and place = ?", [place]).fetchone()
    if row is None:
        raise WrongUse(f"{place} is no finding of this run; stillup findings RUN lists them")
    finding = _finding(row)
    reasons = asked.execute(_REASONS, [finding.level, place]).fetchall()
    urls = asked.execute(
        "select link_id, url from links where link_id in (select unnest(?::ubigint[])) "
        "order by link_id",
        [list(finding.examples)],
    ).fetchall()
    [count] = asked.execute(f"select count(*) from ({_RANKED})").fetchone() or (0,)
    return Explained(finding, count, tuple(Reason(*one) for one in reasons), tuple(urls))


_FIELDS = tuple(field.name for field in fields(Finding))
_COLUMNS = "place, level, links, open_links, live_links, score, confidence, reasons, examples"
_ORDER = "score desc, confidence desc, live_links desc, place, level"
_RANKED = (
    f"select row_number() over (order by {_ORDER}) as rank, {_COLUMNS} from findings "
    f"where not is_shared order by {_ORDER}"
)
_SHARED = f"select 0 as rank, {_COLUMNS} from findings where is_shared"
_REASONS = (
    "select kind, links, found, calmed, hits, share_elsewhere, expected, doublings, strength, "
    "points, sure_points, evidence from finding_reasons where level = ? and place = ? "
    "order by points desc, kind"
)


def _finding(row: tuple[Any, ...]) -> Finding:
    columns = dict(zip(_FIELDS, row, strict=True))
    return Finding(**columns | {name: tuple(columns[name]) for name in ("reasons", "examples")})
