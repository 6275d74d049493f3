"""The abuse desks of registrars by their IANA id, from a table that people made by looking.

Room: disk. Its addresses go through the same sieve as any stranger's.
"""

import csv
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from crawler.contacts.addresses import contact_address
from crawler.offline.kept import DATA

TABLE = DATA / "registrars" / "registrars.csv"


@dataclass(frozen=True, slots=True)
class Desk:
    """A registrar's name, its mailboxes and forms, and when they were last looked at."""

    name: str
    addresses: tuple[str, ...]
    as_of: datetime


@cache
def desks() -> dict[int, Desk]:
    """Return the desk of every registrar that has an id and an address."""
    found = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            written = [*re.split(r"[\s,;]+", row["email"]), *row["form"].split()]
            addresses = tuple(filter(None, map(contact_address, filter(None, written))))
            if addresses and row["iana_id"].isdecimal():
                as_of = datetime.fromisoformat(row["as_of"]).replace(tzinfo=UTC)
                found[int(row["iana_id"])] = Desk(
                    row["name"], tuple(dict.fromkeys(addresses)), as_of
                )
    return found
