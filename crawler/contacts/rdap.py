"""The abuse contacts of a network and of a registrar, asked of the registries (RFC 9082).

Room: network. What an answer says is read in `rdap_answer.py`. A registry's RDAP is made for
programs, so nobody is asked for a robots.txt; each server is asked in its turn all the same, at most
once a second, and its Retry-After holds.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from crawler.contacts.getting import Getter, Got, Trouble
from crawler.contacts.rdap_answer import (
    RDAP_BYTES,
    RdapAnswer,
    Registrar,
    read_card,
    read_rdap,
)
from crawler.offline.bootstrap import Bootstrap
from crawler.offline.registrars import desks
from crawler.records import ParsedUrl
from crawler.records.contact import Contact, Scope, Source
from crawler.urls import parse_url

# RFC 7480, 4.2. Some servers send a page to whoever does not name it.
_ACCEPT = "application/rdap+json, application/json;q=0.9"
_HELD_BACK = "the registry holds it back (RFC 9537)"
_NOBODY = "the answer names no abuse contact"
_NO_SERVER = "no RDAP server is known for it"

Contacts = tuple[Contact, ...]


class Rdap:
    """Asks registries; `now` is the moment that answers are kept as of, UTC."""

    def __init__(self, getter: Getter, servers: Bootstrap, now: datetime) -> None:
        self._getter = getter
        self._servers = servers
        self._now = now

    def server_of(self, about: str, *, is_address: bool) -> str:
        """Return the base URL that is asked about something; empty where there is none."""
        find = self._servers.of_address if is_address else self._servers.of_domain
        return find(about) or ""

    async def of_address(self, ip: str) -> Contacts | Trouble:
        """Return the abuse contacts of the network that an address is in, or why there are none."""
        nothing = self._contact(Scope.NETWORK, ip, ip)
        base = self.server_of(ip, is_address=True)
        if not base:
            return (replace(nothing, note=_NO_SERVER),)
        told = await self._told(f"{base}ip/{ip}", ip)
        if isinstance(told, Trouble):
            return told if told.is_passing else (replace(nothing, note=told.why),)
        url, answer = told
        abuse = answer.abuse or await self._cards(answer.cards)
        if not abuse and answer.related:
            more = await self._told(answer.related[0], ip)
            if not isinstance(more, Trouble):
                url, answer = more
                abuse = answer.abuse
        found = self._contact(Scope.NETWORK, answer.subject, ip, url)
        return _with_addresses(found, abuse, answer)

    async def of_domain(self, name: str) -> Contacts | Trouble:
        """Return the abuse contacts of a domain and of its registrar, or why there are none."""
        nothing = self._contact(Scope.REGISTRAR, name, name)
        base = self.server_of(name, is_address=False)
        if not base:
            return (replace(nothing, note=_NO_SERVER),)
        told = await self._told(f"{base}domain/{name}", name)
        if isinstance(told, Trouble):
            return told if told.is_passing else (replace(nothing, note=told.why),)
        url, answer = told
        of_domain = self._contact(Scope.DOMAIN, name, name, url)
        contacts = tuple(replace(of_domain, address=address) for address in answer.abuse)
        return (*contacts, *await self._of_registrar(name, url, answer))

    async def _of_registrar(self, name: str, url: str, answer: RdapAnswer) -> Contacts:
        """Return what the registry says of the registrar, else the registrar itself, else the table."""
        registrar = answer.registrar
        subject = (registrar and registrar.name) or name
        if (registrar is None or not registrar.abuse) and answer.related:
            more = await self._told(answer.related[0], name)
            if not isinstance(more, Trouble) and (its := more[1].registrar) and its.abuse:
                url, registrar = more[0], its
                subject = its.name or subject
        said = self._contact(Scope.REGISTRAR, subject, name, url)
        if registrar is not None and not registrar.abuse:
            said = replace(said, note=_NOBODY)
            return self._of_table(said, registrar) or (said,)
        return _with_addresses(said, registrar.abuse if registrar else (), answer)

    def _of_table(self, said: Contact, registrar: Registrar) -> Contacts:
        desk = desks().get(registrar.iana_id or -1)
        if desk is None:
            return ()
        found = replace(said, source=Source.REGISTRAR_TABLE, seen_at=desk.as_of, note=None)
        found = replace(found, subject=registrar.name or desk.name)
        return tuple(replace(found, address=one) for one in desk.addresses)

    async def _told(self, url: str, about: str) -> tuple[str, RdapAnswer] | Trouble:
        got = await self._file(url)
        if isinstance(got, Trouble):
            return got
        answer = read_rdap(got.body, about)
        # What is broken today may be whole tomorrow.
        return Trouble(answer, is_passing=True) if isinstance(answer, str) else (got.url, answer)

    async def _cards(self, urls: Iterable[str]) -> tuple[str, ...]:
        """Return the addresses of abuse entities that an answer only names."""
        files = [await self._file(url) for url in urls]
        return tuple(one for got in files if isinstance(got, Got) for one in read_card(got.body))

    async def _file(self, text: str) -> Got | Trouble:
        url = parse_url(text)
        if not isinstance(url, ParsedUrl) or url.scheme != "https":
            return Trouble("the registry's address is no https URL", is_passing=False)
        return await self._getter.get(url, RDAP_BYTES, robots=False, accept=_ACCEPT)

    def _contact(self, scope: Scope, subject: str, about: str, url: str | None = None) -> Contact:
        return Contact(
            scope=scope,
            source=Source.RDAP,
            subject=subject,
            about=about,
            address=None,
            source_url=url,
            seen_at=self._now,
            asked_at=self._now,
        )


def _with_addresses(found: Contact, addresses: tuple[str, ...], answer: RdapAnswer) -> Contacts:
    """Return a contact for each address, or the one that says why there is none."""
    if not addresses:
        return (replace(found, note=_HELD_BACK if answer.held_back else _NOBODY),)
    return tuple(replace(found, address=address) for address in addresses)
