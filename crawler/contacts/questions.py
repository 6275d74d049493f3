"""What has to be asked to know whom to write to about a place.

Room: pure rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address

from crawler.contacts.addresses import mailbox
from crawler.records.contact import Contact, Place, Scope, Source


class Kind(StrEnum):
    """Who is asked: the host itself, the registry of a domain, the registry of an address."""

    SECURITY = "security.txt"
    DOMAIN = "domain"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `about` is a host, a registered domain or an IP address."""

    kind: Kind
    about: str


def questions_of(place: Place, registered_domain: Callable[[str], str]) -> tuple[Question, ...]:
    """Return what has to be asked about a place, in the order of the contacts it gives."""
    domains = _domains(place, registered_domain)
    names = [name for name in domains if not is_address(name)]
    hosts = dict.fromkeys((place.host, *domains))
    return (
        *(Question(Kind.SECURITY, host) for host in hosts),
        *(Question(Kind.DOMAIN, name) for name in names),
        *(Question(Kind.ADDRESS, ip) for ip in place.ips),
    )


def question_of(contact: Contact) -> Question | None:
    """Return the question that a contact is an answer to; None where nobody was asked."""
    if contact.source is Source.ABUSE_AT:
        return None
    if contact.source is Source.SECURITY_TXT:
        return Question(Kind.SECURITY, contact.about)
    return Question(Kind.ADDRESS if is_address(contact.about) else Kind.DOMAIN, contact.about)


def by_convention(
    place: Place, registered_domain: Callable[[str], str], now: datetime
) -> tuple[Contact, ...]:
    """Return the mailboxes that every domain should have (RFC 2142, 2): abuse@, of names only."""
    names = [name for name in _domains(place, registered_domain) if not is_address(name)]
    addressed = [(name, mailbox(f"abuse@{name}")) for name in names]
    return tuple(
        Contact(
            scope=Scope.CONVENTION,
            source=Source.ABUSE_AT,
            subject=name,
            about=name,
            address=address,
            source_url=None,
            seen_at=now,
            asked_at=now,
        )
        for name, address in addressed
        if address is not None
    )


def is_address(text: str) -> bool:
    """Tell an IP address from a name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _domains(place: Place, registered_domain: Callable[[str], str]) -> list[str]:
    """Return the host's registered domain and the place's own, which a redirect may have left."""
    return list(dict.fromkeys((registered_domain(place.host), place.registered_domain)))
