"""Whom a report is made out to, out of all who could be written to.

Room: pure rules. What the sender gave comes before all. Else the domain and its network are written to
together, as either may act, and neither takes the other's places, however many addresses a site has of
itself; the registrar only where neither is known, and `abuse@` (RFC 2142) last.
"""

from collections.abc import Collection, Sequence

from analysis.report.hosting import Contact
from analysis.report.mailbox import mailbox
from analysis.report.model import Recipient

_TOGETHER = ("domain", "network")
_MOST = 4
CONVENTION = "abuse@"
GIVEN = "given"


def recipients(
    contacts: Sequence[Contact], domains: Collection[str], given: Sequence[str]
) -> tuple[Recipient, ...]:
    """Return the recipients, none where no mail address is known. `contacts` come best first."""
    if given:
        return tuple(Recipient(address=one, scope=GIVEN, source=GIVEN) for one in given)
    known = [(one, address) for one in contacts if (address := mailbox(one.address)) is not None]
    for scopes in (_TOGETHER, ("registrar",), ("convention",)):
        found = {address: one for one, address in reversed(known) if one.scope in scopes}
        chosen = [address for _, address in known if address in found]
        if chosen:
            taken = _taken({one: found[one].scope for one in chosen})
            return tuple(_recipient(found[one], one) for one in taken)
    usual = [mailbox(f"abuse@{domain}") for domain in sorted(domains)]
    return tuple(
        Recipient(address=one, scope="convention", source=CONVENTION)
        for one in usual[:_MOST]
        if one
    )


def _taken(scopes: dict[str, str]) -> list[str]:
    """Return at most `_MOST` addresses, best first: of each scope half of these, then who comes next."""
    first = [
        one
        for scope in dict.fromkeys(scopes.values())
        for one in [one for one, its in scopes.items() if its == scope][: _MOST // 2]
    ]
    taken = list(dict.fromkeys((*first, *scopes)))[:_MOST]
    return [one for one in scopes if one in taken]


def _recipient(contact: Contact, address: str) -> Recipient:
    return Recipient(
        address=address,
        scope=contact.scope,
        source=contact.source,
        source_url=contact.source_url,
        seen_at=contact.seen_at,
    )
