"""Whose network a host is in, and whom to write to: what the tables `providers` and `contacts` say.

Room: sql. The seam to them: a run whose version has no such table knows no provider and no contact.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from analysis.contracts import contracts
from analysis.nouns import read_nouns
from analysis.session import Session

TABLES = ("providers", "contacts")


@dataclass(frozen=True, slots=True)
class Provider:
    """Whose network a host's address is in; the fields are columns of `providers`."""

    host: str
    ip: str
    asn: int | None
    organisation: str | None
    network: str | None
    kind: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Contact:
    """An address to write to; the fields are columns of `contacts`."""

    registered_domain: str
    rank: int
    scope: str
    address: str
    source: str
    source_url: str | None
    seen_at: datetime | None


def read_providers(session: Session, hosts: Collection[str]) -> dict[tuple[str, str], Provider]:
    """Return what is known of the addresses of hosts, by host and address."""
    if not _is_there("providers"):
        return {}
    source = "from providers where ip is not null and host in (select unnest(?::varchar[]))"
    found = read_nouns(session, Provider, source, [list(hosts)])
    return {(one.host, one.ip): one for one in found}


def read_contacts(session: Session, domains: Collection[str]) -> tuple[Contact, ...]:
    """Return whom to write to about registered domains, the best first."""
    if not _is_there("contacts"):
        return ()
    source = (
        "from contacts where address is not null and registered_domain in "
        "(select unnest(?::varchar[])) order by rank, address, registered_domain, source"
    )
    return read_nouns(session, Contact, source, [list(domains)])


def _is_there(table: str) -> bool:
    return any(contract.name == table for contract in contracts())
