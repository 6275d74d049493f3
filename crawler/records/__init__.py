"""The nouns that every room hands on: one frozen type a stage, and the shape of their tables.

Room: records. Touches nothing: no clock, no disk, no network, no settings.
`analysis` may read this package and nothing else of `crawler`.
"""

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
