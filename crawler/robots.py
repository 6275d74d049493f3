"""What a robots.txt answer allows (RFC 9309), whoever fetched it.

Room: pure rules. Parsing is Protego's; this file decides what statuses, sizes and encodings mean.
"""

from dataclasses import dataclass
from enum import StrEnum

from protego import Protego

PRODUCT_TOKEN = "stillup"  # noqa: S105  (RFC 9309, 2.2.1: how a robots.txt names us)
ROBOTS_BYTES = 512 * 1024  # RFC 9309, 2.5 asks for at least 500 KiB
ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2
ROBOTS_LIFETIME_S = 24 * 3600.0  # RFC 9309, 2.4


class RobotsAnswer(StrEnum):
    """How an origin answered for its robots.txt; the `robots` column of `hosts`."""

    PARSED = "parsed"  # 2xx: its rules hold
    MISSING = "missing"  # 4xx, or more than five redirects: everything is allowed
    UNREACHABLE = "unreachable"  # 5xx, 429, timeout, broken answer: nothing is fetched


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin. `rules` is None where nothing was parsed."""

    answer: RobotsAnswer
    rules: Protego | None = None

    def allows(self, wire_url: str) -> bool:
        """Tell whether this URL may be asked."""
        if self.rules is None:
            return self.answer is not RobotsAnswer.UNREACHABLE
        return bool(self.rules.can_fetch(wire_url, PRODUCT_TOKEN))

    @property
    def crawl_delay_s(self) -> float | None:
        """The Crawl-delay or the pace of a Request-rate, in seconds, whichever is slower."""
        if self.rules is None:
            return None
        rate = self.rules.request_rate(PRODUCT_TOKEN)
        wanted = [self.rules.crawl_delay(PRODUCT_TOKEN), rate and rate.seconds / rate.requests]
        return max((float(delay) for delay in wanted if delay), default=None)


def robots_of_status(status: int) -> RobotsAnswer:
    """Return what a robots.txt's final status means (RFC 9309, 2.3.1).

    429 is treated as "not now" rather than as "allowed": a host that is too busy to answer for
    its rules is too busy to be walked.
    """
    if 200 <= status < 300:
        return RobotsAnswer.PARSED
    if 300 <= status < 500 and status != 429:
        return RobotsAnswer.MISSING
    return RobotsAnswer.UNREACHABLE


def parse_robots(body: bytes) -> Robots:
    """Parse a robots.txt: UTF-8 with or without BOM; what is not UTF-8 is read as if it were.

    A page of HTML has no rule in it and so allows everything, as RFC 9309 has it.
    """
    text = body[:ROBOTS_BYTES].decode("utf-8-sig", errors="replace")
    return Robots(RobotsAnswer.PARSED, Protego.parse(text))
