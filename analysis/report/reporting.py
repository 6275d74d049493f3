"""Reports what is confirmed, once: drafts what is due, writes it down, then hands it on.

Room: sql. What is written down is decided on what there was; where somebody acted meanwhile it is
decided anew, so two who report at once write one report.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from analysis.actions import Overtaken, append, next_action
from analysis.report.canonical import canonical, digest, parsed
from analysis.report.draft import TERMS, Choices, Standing, draft, read_report, read_standings
from analysis.report.model import Kind, Report
from analysis.runfile import RunFacts
from analysis.segments import SetAside
from analysis.session import Session, ask
from crawler.records import layout
from crawler.records.action import WrittenReport
from crawler.records.errors import RunFailed, WrongUse

_TIMES = 100
# Standings of a place that has its report, or reminder, of this round.
_WRITTEN = ("reported", "reminded")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place that is not reported, and why: a standing of `report_standing`, or a word of `draft`."""

    standing: Standing
    why: str


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of it: reports that are new, those that this round had, and what waits."""

    new: tuple[Report, ...]
    known: tuple[Report, ...]
    waiting: tuple[Waiting, ...]


def report_places(
    facts: RunFacts,
    places: Collection[str],
    choices: Choices,
    now: Callable[[], datetime],
    warn: Callable[[SetAside], None] = lambda _: None,
) -> Reported:
    """Report what is due of `places`, or of all where none is named, and write it down.

    Raises WrongUse for a place that is neither a finding nor reviewed, and RunFailed where it cannot
    be known what was reported.
    """
    for _ in range(_TIMES):
        expected = next_action(facts.store)
        found = ask(facts, partial(_drafted, facts, places, choices), TERMS, warn)
        if not found.new:
            return found
        try:
            append(facts.store, [_written(one, now()) for one in found.new], expected)
        except Overtaken:
            continue
        return found
    raise RunFailed(f"{facts.store.location}: others act too fast to report beside them; try again")


def _drafted(
    facts: RunFacts,
    places: Collection[str],
    choices: Choices,
    session: Session,
) -> Reported:
    _refuse_torn(session)
    new: list[Report] = []
    known: list[Report] = []
    waiting: list[Waiting] = []
    for standing in _wanted(read_standings(session), places):
        why, number = _stands(standing, choices.kind)
        if why in _WRITTEN and number is not None:
            known.append(read_report(session, number))
        elif why != "due":
            waiting.append(Waiting(standing, why))
        elif isinstance(made := draft(session, facts, standing, choices), str):
            waiting.append(Waiting(standing, made))
        else:
            new.append(parsed(canonical(made)))
    return Reported(tuple(new), tuple(known), tuple(waiting))


def _refuse_torn(session: Session) -> None:
    """Raise RunFailed if a segment of actions is not read: it may hold that a report was written."""
    for segment in session.listing.set_aside:
        if segment.path.startswith(f"{layout.ACTIONS}/"):
            raise RunFailed(
                f"{segment.path} {segment.why}, so it is not known what was reported; put back a "
                "copy of it, or remove it if a report twice is no harm"
            )


def _wanted(standings: Collection[Standing], places: Collection[str]) -> list[Standing]:
    missing = set(places) - {one.place for one in standings}
    if missing:
        raise WrongUse(f"{min(missing)} is no finding of this run; stillup findings RUN lists them")
    return [one for one in standings if not places or one.place in places]


def _stands(standing: Standing, kind: Kind) -> tuple[str, str | None]:
    """Return how a place stands with this kind of report, and the number of the one of this round."""
    if kind is Kind.REMINDER:
        return standing.reminder_standing, standing.reminder_now
    return standing.report_standing, standing.report_now


def _written(report: Report, at: datetime) -> WrittenReport:
    content = canonical(report)
    return WrittenReport(
        report_number=report.number,
        written_at=at,
        round=report.round,
        level=report.level,
        place=report.place,
        ground=report.ground,
        language=report.language,
        reporter=report.sender.name,
        sent_to=tuple(one.address for one in report.recipients),
        link_ids=tuple(link.link_id for link in report.links),
        sha256=digest(content),
        content=content,
        reminder_of=report.reminds_of.number if report.reminds_of else None,
    )
