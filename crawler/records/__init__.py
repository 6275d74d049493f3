"""The nouns that every room hands on: one frozen type a stage, and the shape of their tables.

Room: records. Touches nothing: no clock, no disk, no network, no settings.
`analysis` may read this package and nothing else of `crawler`. A noun is imported when it is first
asked for: its table's shape brings Arrow, a fifth of a second that many commands can do without.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.records.action import Decision, Review, WrittenReport
    from crawler.records.link import Invalid, ParsedUrl, ShardLink
    from crawler.records.observation import Hop, HostVisit, Observation, Outcome
    from crawler.records.visit import Origin, Visit, VisitResult

__all__ = [
    "Decision",
    "Hop",
    "HostVisit",
    "Invalid",
    "Observation",
    "Origin",
    "Outcome",
    "ParsedUrl",
    "Review",
    "ShardLink",
    "Visit",
    "VisitResult",
    "WrittenReport",
]

_NOUNS = {
    "action": ("Decision", "Review", "WrittenReport"),
    "link": ("Invalid", "ParsedUrl", "ShardLink"),
    "observation": ("Hop", "HostVisit", "Observation", "Outcome"),
    "visit": ("Origin", "Visit", "VisitResult"),
}


def __getattr__(name: str) -> type:
    """Import the module of a noun."""
    for module, nouns in _NOUNS.items():
        if name in nouns:
            noun: type = getattr(importlib.import_module(f"{__name__}.{module}"), name)
            return noun
    raise AttributeError(name)
