"""The addresses on a jCard (RFC 7095), as RDAP answers carry them.

Room: pure rules. A card is a stranger's JSON: whatever is not as it must be is passed over.
"""

from typing import Any

from crawler.contacts.addresses import contact_address

_MOST_PROPERTIES = 200
_NAMES = ("email", "contact-uri")


def addresses_of(card: Any) -> dict[str, list[str]]:
    """Return the usable addresses of a card by property, the preferred ones first.

    The properties are `email` and `contact-uri` (RFC 8605). Those without an address are left out.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for name, parameters, _, *values in _properties(card):
        for text in values:
            address = contact_address(text) if isinstance(text, str) else None
            if address is not None and name in _NAMES:
                found.setdefault(name, []).append((_preference(parameters), address))
    # Sorting keeps the card's order among equals.
    return {
        name: list(dict.fromkeys(address for _, address in sorted(rated, key=lambda one: one[0])))
        for name, rated in found.items()
    }


def full_name(card: Any) -> str | None:
    """Return the name on a card: of a company, as registrars are."""
    for name, _, _, *values in _properties(card):
        if name == "fn" and values and isinstance(values[0], str) and values[0].strip():
            return " ".join(values[0].split())[:200]
    return None


def _properties(card: Any) -> list[list[Any]]:
    """Return a card's properties: name in lower case, parameters, type, and the values."""
    if not isinstance(card, list) or len(card) < 2 or card[0] != "vcard":
        return []
    properties = card[1] if isinstance(card[1], list) else []
    return [
        [one[0].lower(), *one[1:]]
        for one in properties[:_MOST_PROPERTIES]
        if isinstance(one, list) and len(one) >= 4 and isinstance(one[0], str)
    ]


def _preference(parameters: Any) -> int:
    """Return PREF of a property, 1 to 100 (RFC 6350, 5.3); without one it is 100."""
    wanted = parameters.get("pref") if isinstance(parameters, dict) else None
    text = str(wanted)
    is_short = len(text) <= 3 and text.isdecimal()
    return int(text) if is_short and 1 <= int(text) <= 100 else 100
