"""What became of what was reported, by provider or place: counts and survival curves.

Room: sql.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.session import Session, Terms
from analysis.survival import Followed, Step, kaplan_meier, median_days

TERMS = Terms(
    tables=("takedowns",),
    stored=("soft_signs", "looks", "followed_looks", "addresses", "address_networks"),
)
STATES = ("gone", "back", "up", "unclear", "not_looked_yet")
ALL, NOT_KNOWN = "all", "not known"
# Looks within a tenth of a day are one moment: which of them came first in a round tells nothing.
_MOMENT_DIGITS = 1

_ROWS = "select report_number, provider, place, state, days from takedowns order by all"


@dataclass(frozen=True, slots=True)
class Followup:
    """A reported link, as `takedowns` has it."""

    report_number: str
    provider: str | None
    place: str
    state: str
    days: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The reported links of one provider or place; `states` counts them, `curve` is of those seen."""

    name: str
    reports: int
    links: int
    states: dict[str, int]
    median_days: float | None
    curve: tuple[Step, ...]


def read_takedowns(session: Session) -> list[Followup]:
    """Read every reported link."""
    return [Followup(*row) for row in session.connection.execute(_ROWS).fetchall()]


def grouped(rows: Iterable[Followup], by: str) -> list[Group]:
    """Return all links together, then by `provider` or `place`, those with most links first."""
    found: defaultdict[str, list[Followup]] = defaultdict(list)
    everything = list(rows)
    for row in everything:
        found[getattr(row, by) or NOT_KNOWN].append(row)
    groups = [_group(name, of_it) for name, of_it in found.items()]
    return [_group(ALL, everything), *sorted(groups, key=lambda one: (-one.links, one.name))]


def _group(name: str, rows: list[Followup]) -> Group:
    seen = [
        Followed(days=round(row.days, _MOMENT_DIGITS), gone=row.state == "gone")
        for row in rows
        if row.days is not None
    ]
    curve = kaplan_meier(seen)
    return Group(
        name=name,
        reports=len({row.report_number for row in rows}),
        links=len(rows),
        states={state: sum(row.state == state for row in rows) for state in STATES},
        median_days=median_days(curve),
        curve=curve,
    )
