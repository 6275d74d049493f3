"""In which order contacts are written to: the issue's order, made a table.

Room: pure rules.
"""

from collections.abc import Iterable

from crawler.records.contact import Contact, Scope, Source

# The domain itself, then who carries it, then who registered it, then what is only convention.
_SCOPES = (Scope.DOMAIN, Scope.NETWORK, Scope.REGISTRAR, Scope.CONVENTION)
_SOURCES = (Source.SECURITY_TXT, Source.RDAP, Source.REGISTRAR_TABLE, Source.ABUSE_AT)


def ranked(found: Iterable[Contact]) -> list[tuple[int | None, Contact]]:
    """Return contacts with their rank from 1 on; an address counts once, where it ranks best.

    Within a scope and source the order is the one they came in. What names no address has no rank.
    """
    ordered = sorted(found, key=lambda one: (_SCOPES.index(one.scope), _SOURCES.index(one.source)))
    ranks: list[tuple[int | None, Contact]] = []
    seen: set[str] = set()
    for one in ordered:
        if one.address is None:
            ranks.append((None, one))
        elif one.address not in seen:
            seen.add(one.address)
            ranks.append((len(seen), one))
    return ranks
