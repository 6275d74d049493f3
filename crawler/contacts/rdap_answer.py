"""An RDAP answer (RFC 9083) → the abuse contacts that it names, and whose they are.

Room: pure rules. Only cards whose role is abuse are read: the addresses of registrants, technicians
and administrators are people's own. An answer is a stranger's JSON; what is not as it must be is
passed over, and how much of it is looked at is bounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import orjson

from crawler.contacts.addresses import form_url
from crawler.contacts.jcard import addresses_of, full_name
from crawler.contacts.redaction import Redaction, mail_redactions
from crawler.records import ParsedUrl
from crawler.urls import parse_url

RDAP_BYTES = 1024 * 1024
MOST_CONTACTS = 10
_MOST_ENTITIES, _DEEPEST, _LONGEST_NAME = 500, 8, 1024
_JSON = "rdap+json"


@dataclass(frozen=True, slots=True)
class Registrar:
    """The registrar that a domain's answer names. `iana_id` is None where it gives none."""

    name: str | None
    iana_id: int | None
    abuse: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RdapAnswer:
    """What an answer tells, and `related` and `cards`: where other answers may tell more.

    Those are the registrar's own about the same domain, and an abuse entity named without its card.
    """

    subject: str
    abuse: tuple[str, ...] = ()
    registrar: Registrar | None = None
    related: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    held_back: bool = False


@dataclass(frozen=True, slots=True)
class _Entity:
    said: dict[str, Any]
    roles: frozenset[str]
    under: frozenset[str]  # the roles of those that it is nested in


def read_rdap(body: bytes, about: str) -> RdapAnswer | str:
    """Read an answer about a domain or an IP address, or say why it is none."""
    if len(body) >= RDAP_BYTES:
        return "the answer is larger than 1 MiB"
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "the answer is no JSON"
    if not isinstance(answer, dict) or "errorCode" in answer:
        return "the answer is no RDAP object"
    subject = _subject(answer, about)
    if subject is None:
        return "the answer is about something else"
    # A card that is for abuse alone comes before one that is for everything.
    entities = tuple(sorted(_entities(answer), key=lambda one: len(one.roles)))
    redactions = mail_redactions(answer)
    desks = [one for one in entities if "abuse" in one.roles and "registrar" not in one.under]
    abuse = _abuse(desks, redactions)
    return RdapAnswer(
        subject=subject,
        abuse=abuse,
        registrar=_registrar(entities, redactions),
        related=_links(answer, "related"),
        cards=()
        if abuse
        else tuple(link for one in desks for link in _links(one.said, "self"))[:2],
        held_back=any(one.is_of("abuse") for one in redactions),
    )


def read_card(body: bytes) -> tuple[str, ...]:
    """Return the addresses of an entity's own answer."""
    try:
        answer = orjson.loads(body[:RDAP_BYTES])
    except orjson.JSONDecodeError:
        return ()
    return _addresses(answer.get("vcardArray"), ()) if isinstance(answer, dict) else ()


def _subject(answer: dict[str, Any], about: str) -> str | None:
    """Return what an answer is about, if that is what was asked for: a range, or a domain."""
    if answer.get("objectClassName") == "ip network":
        return _range(answer, about)
    is_domain = answer.get("objectClassName") == "domain"
    names = (answer.get("ldhName"), answer.get("unicodeName"))
    same = any(isinstance(name, str) and _spelled(name) == about for name in names)
    return about if is_domain and same else None


def _spelled(name: str) -> str | None:
    """Return a domain name in the one spelling that hosts have here, or None."""
    url = parse_url(f"http://{name.rstrip('.')}/") if len(name) <= _LONGEST_NAME else None
    return url.host if isinstance(url, ParsedUrl) else None


def _range(answer: dict[str, Any], about: str) -> str | None:
    try:
        first, last, asked = (
            ip_address(str(text).partition("/")[0])
            for text in (answer.get("startAddress"), answer.get("endAddress"), about)
        )
        is_within = int(first) <= int(asked) <= int(last)
    except ValueError:
        return None
    same_family = first.version == last.version == asked.version
    return f"{first}-{last}" if same_family and is_within else None


def _entities(answer: dict[str, Any]) -> Iterator[_Entity]:
    """Yield the entities of an answer, whatever they are nested in."""
    waiting: list[tuple[dict[str, Any], frozenset[str], int]] = [(answer, frozenset(), 0)]
    seen = 0
    while waiting and seen < _MOST_ENTITIES:
        holder, under, depth = waiting.pop(0)
        nested = holder.get("entities")
        for one in nested if isinstance(nested, list) else ():
            seen += 1
            if not isinstance(one, dict) or seen > _MOST_ENTITIES:
                continue
            said = one.get("roles")
            roles = (
                frozenset(str(role).lower() for role in said)
                if isinstance(said, list)
                else frozenset()
            )
            yield _Entity(one, roles, under)
            if depth < _DEEPEST:
                waiting.append((one, under | roles, depth + 1))


def _registrar(
    entities: tuple[_Entity, ...], redactions: tuple[Redaction, ...]
) -> Registrar | None:
    named = next((one.said for one in entities if "registrar" in one.roles), None)
    if named is None:
        return None
    desks = [
        one for one in entities if "abuse" in one.roles and "registrar" in one.under | one.roles
    ]
    ids = named.get("publicIds")
    given = [
        str(one.get("identifier"))
        for one in (ids if isinstance(ids, list) else ())
        if isinstance(one, dict) and "registrar" in str(one.get("type")).lower()
    ]
    number = next((int(text) for text in given if text.isdecimal() and len(text) < 10), None)
    return Registrar(full_name(named.get("vcardArray")), number, _abuse(desks, redactions))


def _abuse(desks: list[_Entity], redactions: tuple[Redaction, ...]) -> tuple[str, ...]:
    found = [
        address for one in desks for address in _addresses(one.said.get("vcardArray"), redactions)
    ]
    return tuple(dict.fromkeys(found))[:MOST_CONTACTS]


def _addresses(card: Any, redactions: tuple[Redaction, ...]) -> tuple[str, ...]:
    """Return a card's addresses: mailboxes first, unless only parts of them are shown."""
    found = addresses_of(card)
    spoilt = any(one.spoils and one.is_of("abuse") for one in redactions)
    return (*([] if spoilt else found.get("email", [])), *found.get("contact-uri", []))


def _links(said: dict[str, Any], rel: str) -> tuple[str, ...]:
    """Return where other RDAP answers are, by https only. A link need not say its type (RFC 9083, 4.2)."""
    links = said.get("links")
    found = (
        form_url(str(one.get("href")))
        for one in (links[:100] if isinstance(links, list) else ())
        if isinstance(one, dict) and one.get("rel") == rel and _JSON in str(one.get("type", _JSON))
    )
    return tuple(url for url in found if url is not None)[:2]
