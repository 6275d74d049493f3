"""The networks that registries have told of: many addresses are of few of them.

Room: pure rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from crawler.records.contact import Contact

Contacts = tuple[Contact, ...]
_Span = tuple[int, int, int]  # IP version, first and last address


@dataclass(slots=True)
class Networks:
    """What was answered of networks, each once, however many of its addresses were asked about."""

    _told: dict[_Span, Contacts] = field(default_factory=dict)

    def take(self, told: Contacts) -> None:
        """Note an answer about an address; one that names no range says nothing of others."""
        first, dash, last = told[0].subject.partition("-") if told else ("", "", "")
        if dash:
            begin, end = ip_address(first), ip_address(last)
            self._told[begin.version, int(begin), int(end)] = told

    def of(self, address: str) -> Contacts:
        """Return what is known of the smallest network that an address is in; nothing if of none."""
        asked = ip_address(address)
        spans = [span for span in self._told if _holds(span, asked.version, int(asked))]
        if not spans:
            return ()
        smallest = min(spans, key=lambda span: span[2] - span[1])
        return tuple(replace(one, about=address) for one in self._told[smallest])


def networks(answers: Iterable[Contacts]) -> Networks:
    """Return the networks that answers are about."""
    found = Networks()
    for told in answers:
        found.take(told)
    return found


def _holds(span: _Span, version: int, address: int) -> bool:
    return span[0] == version and span[1] <= address <= span[2]
