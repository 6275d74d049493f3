"""Whom to write to about a place, with where that is said and when it was read.

Room: records.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import pyarrow as pa


class Scope(StrEnum):
    """What an address answers for; in the order in which they are written to."""

    DOMAIN = "domain"
    NETWORK = "network"
    REGISTRAR = "registrar"
    CONVENTION = "convention"


class Source(StrEnum):
    """Who says so."""

    SECURITY_TXT = "security.txt"
    RDAP = "rdap"
    REGISTRAR_TABLE = "registrar_table"
    ABUSE_AT = "abuse@"


@dataclass(frozen=True, slots=True)
class Place:
    """A host that serves links of a registered domain, and the addresses it was connected to at."""

    registered_domain: str
    host: str
    ips: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        """What a place is known by."""
        return self.registered_domain, self.host


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What one source says of one subject: a domain, a range of addresses or a registrar.

    `address` is a mail address or an https URL; None where the source was asked and names none,
    and `note` says why. `about` is what was asked for: the host, domain or IP address. `seen_at` is
    when the source said so; of a table that is the day of its row, however late it is asked.
    """

    scope: Scope
    source: Source
    subject: str
    about: str
    address: str | None
    source_url: str | None
    seen_at: datetime  # UTC
    asked_at: datetime  # UTC
    note: str | None = None


_TIME = pa.timestamp("us", tz="UTC")

# One row per place and contact, as they were at `looked_at`; the last look of a place counts.
CONTACTS_SCHEMA = pa.schema(
    [
        pa.field("registered_domain", pa.string(), nullable=False),
        pa.field("host", pa.string(), nullable=False),
        pa.field("looked_at", _TIME, nullable=False),
        pa.field("rank", pa.uint16()),  # null where there is no address
        pa.field("scope", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("about", pa.string(), nullable=False),
        pa.field("address", pa.string()),
        pa.field("source_url", pa.string()),
        pa.field("seen_at", _TIME, nullable=False),
        pa.field("asked_at", _TIME, nullable=False),
        pa.field("note", pa.string()),
    ]
)


def contact_row(
    place: Place, looked_at: datetime, rank: int | None, found: Contact
) -> dict[str, Any]:
    """Return a contact of a place as a row of `CONTACTS_SCHEMA`."""
    return {
        **asdict(found),
        "registered_domain": place.registered_domain,
        "host": place.host,
        "looked_at": looked_at,
        "rank": rank,
    }


def contact_of_row(row: dict[str, Any]) -> Contact:
    """Return the contact in a row of `CONTACTS_SCHEMA`."""
    names = ("subject", "about", "address", "source_url", "seen_at", "asked_at", "note")
    values = {name: row[name] for name in names}
    return Contact(scope=Scope(row["scope"]), source=Source(row["source"]), **values)
