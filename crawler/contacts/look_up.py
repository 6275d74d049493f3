"""Finds out whom to write to about places: asks what is not known, each once, and puts it together.

Room: network.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from crawler.contacts.getting import Getter, Trouble
from crawler.contacts.kept import Known
from crawler.contacts.neighbours import Contacts, networks
from crawler.contacts.questions import Kind, Question, by_convention, questions_of
from crawler.contacts.rdap import Rdap
from crawler.contacts.security import SecurityReader
from crawler.domains import registered_domain
from crawler.offline.bootstrap import Bootstrap
from crawler.records.contact import Place
from crawler.visit.clock import Clock
from crawler.visit.options import VisitOptions

_AT_A_TIME = 64

Answers = dict[Question, Contacts]


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Contacts of every place, those of earlier among them, and the questions without an answer.

    `asked` counts the questions that were to be asked now; `is_new` are the places that they were
    about. Where it was `stopped`, only places of which something was answered are new.
    """

    found: dict[Place, Contacts]
    unanswered: tuple[tuple[Question, str], ...]
    asked: int
    is_new: frozenset[Place]
    stopped: bool = False


@dataclass(slots=True)
class _Round:
    """One round of questions: what has been answered by now."""

    answers: Answers = field(default_factory=dict)
    unanswered: list[tuple[Question, str]] = field(default_factory=list)

    def take(self, question: Question, told: Contacts | Trouble) -> None:
        """Note what came of a question."""
        if isinstance(told, Trouble):
            self.unanswered.append((question, told.why))
        else:
            self.answers[question] = told


async def ask_about(
    places: Iterable[Place],
    known: Known,
    options: VisitOptions,
    servers: Bootstrap,
    now: datetime,
) -> LookedUp:
    """Ask everything about places that is not known since a day. Raises nothing of the network's.

    When it is cancelled it asks no more and returns what was answered by then.
    """
    places = tuple(places)
    due = _due(places, known, now)
    getter = Getter(options, Clock())
    done, stopped = _Round(), False
    try:
        security, rdap = SecurityReader(getter, now), Rdap(getter, servers, now)
        hosts = [one for one in due if one.kind is Kind.SECURITY]
        await asyncio.gather(
            _in_parallel(hosts, security, done), _by_server(due, rdap, known, done, now)
        )
    except asyncio.CancelledError:
        stopped = True
    finally:
        await getter.close()
    return _together(places, known, done, now, asked=len(due), stopped=stopped)


def remembered(places: Iterable[Place], known: Known, now: datetime) -> LookedUp:
    """Put together what is known of places, and ask nobody."""
    return _together(tuple(places), known, _Round(), now)


def _due(places: tuple[Place, ...], known: Known, now: datetime) -> tuple[Question, ...]:
    wanted = [question for place in places for question in questions_of(place, registered_domain)]
    return tuple(one for one in dict.fromkeys(wanted) if not known.holds(one, now))


async def _in_parallel(hosts: list[Question], security: SecurityReader, done: _Round) -> None:
    room = asyncio.Semaphore(_AT_A_TIME)

    async def one(question: Question) -> None:
        async with room:
            done.take(question, await security.contacts(question.about))

    await asyncio.gather(*map(one, hosts))


async def _by_server(
    due: tuple[Question, ...], rdap: Rdap, known: Known, done: _Round, now: datetime
) -> None:
    """Ask each registry one thing after the other; many addresses are of few networks."""
    lines: dict[str, list[Question]] = {}
    for question in due:
        if question.kind is not Kind.SECURITY:
            is_address = question.kind is Kind.ADDRESS
            lines.setdefault(rdap.server_of(question.about, is_address=is_address), []).append(
                question
            )
    fresh = [one for one in known.answers if one.kind is Kind.ADDRESS and known.holds(one, now)]
    near = networks(known.answers[one] for one in fresh)

    async def walk(line: list[Question]) -> None:
        for question in line:
            if question.kind is Kind.DOMAIN:
                told = await rdap.of_domain(question.about)
            else:
                told = near.of(question.about) or await rdap.of_address(question.about)
                near.take(told if isinstance(told, tuple) else ())
            done.take(question, told)

    await asyncio.gather(*map(walk, lines.values()))


def _together(
    places: tuple[Place, ...],
    known: Known,
    done: _Round,
    now: datetime,
    *,
    asked: int = 0,
    stopped: bool = False,
) -> LookedUp:
    """Return the contacts of every place: what was answered now, else before, and abuse@."""
    answers = {**known.answers, **done.answers}
    found: dict[Place, Contacts] = {}
    is_new = set()
    for place in places:
        wanted = questions_of(place, registered_domain)
        contacts = [contact for question in wanted for contact in answers.get(question, ())]
        found[place] = (*contacts, *by_convention(place, registered_domain, now))
        was_answered = not done.answers.keys().isdisjoint(wanted)
        if was_answered or (place.key not in known.places and not stopped):
            is_new.add(place)
    return LookedUp(found, tuple(done.unanswered), asked, frozenset(is_new), stopped)
