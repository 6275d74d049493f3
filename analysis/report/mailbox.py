"""Mail addresses: which can stand in a header, on a command line, in a report.

Room: pure rules. Stricter than RFC 5322: no quoted local part, no comment, no address literal. What
comes from a server on the other side is hostile, and what is left out can still be given by hand.
"""

import re

import idna

_LONGEST = 254  # RFC 5321, 4.5.3.1.3, without the brackets
_LONGEST_LOCAL = 64
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])"
)


def mailbox(text: str) -> str | None:
    """Return a mail address in its one spelling, its domain as A-labels; None if it is none."""
    local, at, domain = text.strip().rpartition("@")
    domain = _ascii(domain)
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return None
    address = f"{local}@{domain}"
    return address if len(local) <= _LONGEST_LOCAL and len(address) <= _LONGEST else None


def domain_of(address: str) -> str:
    """Return the domain of an address that `mailbox` returned."""
    return address.rpartition("@")[2]


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return ""
