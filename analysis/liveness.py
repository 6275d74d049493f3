"""The liveness of a dataset: by verdict, by outcome, by domain, and the share that is up.

Room: sql. Reads the tables of `analysis/sql`; the interval is `interval.py`'s.
"""

from dataclasses import dataclass

from analysis.interval import Share, ShareSums, share_of
from analysis.session import Session, Terms

VERDICTS = ("alive", "changed", "soft_dead", "dying", "dead", "blocked", "unknown")
INVALID = "cannot be asked for"
# Several views read the verdicts; they are computed once.
TERMS = Terms(
    stored=("verdicts",),
    tables=("links", "share_up", "domains", "liveness_by_verdict", "liveness_by_outcome"),
)


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of the dataset: links and rows of the run, and its shares of the whole dataset."""

    name: str
    links: int
    rows: int
    share_of_links: float
    share_of_rows: float


@dataclass(frozen=True, slots=True)
class Domain:
    """A registered domain: its links in the run, and how many are up and down."""

    registered_domain: str
    links: int
    up: int
    down: int

    @property
    def share_up(self) -> float | None:
        """Return up among up and down, or None where nothing is judged."""
        return self.up / (self.up + self.down) if self.up + self.down else None


@dataclass(frozen=True, slots=True)
class Liveness:
    """What `stillup verdicts` shows. `sampled`: links stand for more than themselves."""

    links: int
    rows: int
    domains: int
    sampled: bool
    judged_links: int
    by_verdict: tuple[Portion, ...]
    by_outcome: tuple[Portion, ...]
    share_of_links: Share | None
    share_of_rows: Share | None
    largest: tuple[Domain, ...]


def read_liveness(session: Session, top: int = 10) -> Liveness:
    """Read the liveness of the run, with its `top` largest domains. Open the session with TERMS."""
    asked = session.connection
    sizes = asked.execute(
        "select count(*), coalesce(sum(row_count), 0)::ubigint, count(distinct registered_domain), "
        "coalesce(max(weight), 1) > 1 from links"
    ).fetchone()
    shares = {row[0]: row[1:] for row in asked.execute(_SHARES).fetchall()}
    by_verdict = _portions(session, "liveness_by_verdict", f"if(is_invalid, '{INVALID}', verdict)")
    by_outcome = _portions(session, "liveness_by_outcome", "outcome")
    largest = asked.execute(_LARGEST, [top]).fetchall()
    links, rows, domains, sampled = sizes or (0, 0, 0, False)
    return Liveness(
        links=links,
        rows=rows,
        domains=domains,
        sampled=sampled,
        judged_links=shares["links"][-1] if "links" in shares else 0,
        by_verdict=_in_order(by_verdict),
        by_outcome=by_outcome,
        share_of_links=_share(shares.get("links")),
        share_of_rows=_share(shares.get("rows")),
        largest=tuple(Domain(*row) for row in largest),
    )


_SHARES = (
    "select counted, up, down, unjudged, kish_size, variance, degrees_of_freedom, judged_links "
    "from share_up"
)
_LARGEST = (
    "select registered_domain, links, up, down from domains "
    "order by weighted_links desc, registered_domain limit ?"
)


def _portions(session: Session, view: str, name: str) -> tuple[Portion, ...]:
    rows = session.connection.execute(
        f"select {name} as name, links, rows, "
        "weighted_links / sum(weighted_links) over (), weighted_rows / sum(weighted_rows) over () "
        f"from {view} order by links desc, name"
    ).fetchall()
    return tuple(Portion(*row) for row in rows)


def _in_order(portions: tuple[Portion, ...]) -> tuple[Portion, ...]:
    """Put verdicts in the order of their definition, all of them, and what is invalid last."""
    found = {portion.name: portion for portion in portions}
    named = [found.get(name, Portion(name, 0, 0, 0.0, 0.0)) for name in VERDICTS]
    return (*named, *(found[name] for name in (INVALID,) if name in found))


def _share(row: tuple[float | None, ...] | None) -> Share | None:
    if row is None:
        return None
    up, down, unjudged, kish_size, variance, freedom = (value or 0.0 for value in row[:6])
    return share_of(
        ShareSums(
            up=up,
            down=down,
            unjudged=unjudged,
            kish_size=kish_size,
            variance=variance,
            degrees_of_freedom=freedom,
        )
    )
