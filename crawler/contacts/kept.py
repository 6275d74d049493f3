"""What was found out before, and where what is found out now is kept: RUN/contacts.

Room: disk. Segments are only added to. An answer holds for a day; an older one is better than none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow.parquet as pq

from crawler.contacts.questions import Question, question_of
from crawler.contacts.ranking import ranked
from crawler.records.contact import CONTACTS_SCHEMA, Contact, Place, contact_of_row, contact_row
from crawler.records.layout import CONTACTS
from crawler.rundir import RunDirectory
from crawler.segments import Warn, writer_of

LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Known:
    """The last answer to every question, and the places that are written down."""

    answers: Mapping[Question, tuple[Contact, ...]]
    places: frozenset[tuple[str, str]]

    def holds(self, question: Question, now: datetime) -> bool:
        """Tell whether a question need not be asked again."""
        found = self.answers.get(question)
        return found is not None and now - found[0].asked_at < LIFETIME


class ContactBook:
    """The contacts of a run. Raises RunFailed where they cannot be read or written."""

    def __init__(self, run: RunDirectory, warn: Warn = lambda _: None) -> None:
        self._run = run
        self._writer = writer_of(run, CONTACTS, CONTACTS_SCHEMA)
        self._writer.open(warn)

    def known(self) -> Known:
        """Return what is known, whoever it was found out for."""
        answers: dict[Question, dict[Contact, None]] = {}
        places: set[tuple[str, str]] = set()
        for path in self._run.files(CONTACTS):
            for row in pq.read_table(path, partitioning=None).to_pylist():
                places.add((row["registered_domain"], row["host"]))
                contact = contact_of_row(row)
                if (question := question_of(contact)) is not None:
                    _take(answers.setdefault(question, {}), contact)
        return Known({one: tuple(found) for one, found in answers.items()}, frozenset(places))

    def keep(self, found: Mapping[Place, Iterable[Contact]], looked_at: datetime) -> None:
        """Write the contacts of places as of now, in one segment."""
        rows = [
            contact_row(place, looked_at, rank, contact)
            for place, contacts in found.items()
            for rank, contact in ranked(contacts)
        ]
        if rows:
            columns: dict[str, Sequence[Any]] = {
                name: [row[name] for row in rows] for name in CONTACTS_SCHEMA.names
            }
            self._writer.write(columns, {})


def _take(found: dict[Contact, None], contact: Contact) -> None:
    """Add a contact to the answer that it is of; a later answer takes an earlier one's place."""
    last = max((one.asked_at for one in found), default=contact.asked_at)
    if contact.asked_at > last:
        found.clear()
    if contact.asked_at >= last:
        found[contact] = None
