"""Whose network a host is in, and whom to write to: what the tables `providers` and `contacts` say.

Room: sql.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

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
    source = "from providers where ip is not null and host in (select unnest(?::varchar[]))"
    found = read_nouns(session, Provider, source, [list(hosts)])
    return {(one.host, one.ip): one for one in found}


def read_contacts(session: Session, served: Collection[tuple[str, str]]) -> tuple[Contact, ...]:
    """Return whom to write to about registered domains and the hosts that serve them, best first."""
    source = (
        "from contacts where (registered_domain, host) in "
        "(select unnest(?::varchar[]), unnest(?::varchar[])) "
        "order by rank, address, registered_domain, host"
    )
    return read_nouns(
        session, Contact, source, [list(column) for column in zip(*served, strict=True)]
    )
