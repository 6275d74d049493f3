"""A visit: the links of one host that are walked in one go, and what came of it.

Room: records.
"""

import math
from dataclasses import dataclass, field

from crawler.records.link import ShardLink
from crawler.records.observation import HostVisit, Observation


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: what a robots.txt speaks for (RFC 9309, 2.3)."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Visit:
    """Links of one host, in order. `not_before` is in seconds of the crawl's monotonic clock.

    `lasts_s` is how long its place may be had, where that is less than any visit lasts. `known` is
    what its walker knows of the host: whoever goes on with the host keeps that for as long.
    """

    visit_id: int
    host: str
    registered_domain: str
    domain_shards: int
    links: tuple[ShardLink, ...]
    not_before: float = 0.0
    lasts_s: float = math.inf
    known: object = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class VisitResult:
    """What a visit saw, what it learned of its host, and what is left over of it.

    `left_over` goes back to the frontier even when it has no links: the host may have more.
    """

    observations: tuple[Observation, ...]
    host: HostVisit
    left_over: Visit
