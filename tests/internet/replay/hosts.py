"""The hosts of the replay: what each answers, and how the ones that failed fail now.

Room: pure rules. The recording says only *that* a look ended in an exception; what it was is drawn
by host or link. What else is not in the recording (robots.txt, soft 404s, latency) is invented here,
by hash of the host, and said to be so in README.md.
"""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from tests.internet import messages
from tests.internet.draw import fraction, one_of, weighted
from tests.internet.host import NXDOMAIN, OWN_ADDRESS, SERVFAIL, Host, Listening
from tests.internet.messages import NOT_FOUND, Answer, Request, Reset, Respond, Script, Stall, Wait
from tests.internet.replay.recording import EXCEPTION, RecordedReply, Recording, authority_of
from tests.internet.replay.replies import served_reply


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """What the replay does beyond the recording.

    `robots`: "open" lets everything be fetched; "mixed" gives a few small hosts a Disallow or
    a Crawl-delay. `latency_ms` is the median of the hosts' latencies, 0 for none at all. `links`
    limits the replay to the first rows of the list. Bodies larger than `max_body_bytes` are cut
    down, a recorded Retry-After of an hour to `max_retry_after_s`.
    """

    robots: Literal["open", "mixed"] = "open"
    latency_ms: float = 0.0
    links: int | None = None
    max_body_bytes: int = 200_000
    max_retry_after_s: int = 2


class Failure(Enum):
    """How a host fails whose every reply is an exception of that crawl."""

    NO_NAME = "its name does not exist"
    NO_DNS = "its name server fails"
    REFUSED = "it refuses connections"
    BLACK_HOLE = "it never answers a connection"
    STALL = "it takes a request and says nothing"
    RESET = "it takes a request and resets"


_FAILURES = (
    (Failure.NO_NAME, 0.45),
    (Failure.NO_DNS, 0.05),
    (Failure.REFUSED, 0.10),
    (Failure.BLACK_HOLE, 0.10),
    (Failure.STALL, 0.15),
    (Failure.RESET, 0.15),
)
_LOOKUPS = {Failure.NO_NAME: NXDOMAIN, Failure.NO_DNS: SERVFAIL}
_LISTENING = {Failure.REFUSED: Listening.REFUSED, Failure.BLACK_HOLE: Listening.BLACK_HOLE}
_STALLED = Script((Stall(),))
_RESET = Script((Reset(),))

_SOFT_404_SHARE = 0.03
_ROBOTS_ALLOWING_SHARE = 0.15
_DISALLOW_SHARE = 0.03
_CRAWL_DELAY_SHARE = 0.03
# With more links than this a host's robots.txt stays open, or the drawn share would not be small.
_SMALL_HOST_LINKS = 20
_ALLOWING = "User-agent: *\nAllow: /\n"


class ReplayHost(Host):
    """One host of the list, with all its links."""

    def __init__(
        self, name: str, links: Mapping[str, RecordedReply], options: ReplayOptions
    ) -> None:
        """Serve `links`, by wire URL, as recorded."""
        super().__init__(name)
        self.links = links
        self.more_ports = tuple({port for url in links if (port := _port(url))})
        self._options = options
        self._robots = _robots_text(name, len(links), options)
        self._soft_404 = fraction("soft 404", name) < _SOFT_404_SHARE
        self._latency_s = _latency_s(name, options.latency_ms)
        self.failure = _failure(name, links)
        if self.failure is not None:
            self.lookup = _LOOKUPS.get(self.failure, OWN_ADDRESS)
            self.listening = _LISTENING.get(self.failure, Listening.SERVED)

    def robots(self, request: Request) -> Answer:
        """Answer 404, or the rules that were drawn for this host."""
        return self._later(NOT_FOUND if self._robots is None else messages.plain_text(self._robots))

    def look(self, request: Request) -> Answer:
        """Answer as recorded; what is not in the list is not found, or softly so."""
        recorded = self.links.get(request.url)
        if recorded is None:
            return self._later(messages.page(200, "Welcome") if self._soft_404 else NOT_FOUND)
        if recorded.status == EXCEPTION:
            return self._fail(request.url)
        reply = served_reply(
            request.url,
            recorded,
            max_body_bytes=self._options.max_body_bytes,
            max_retry_after_s=self._options.max_retry_after_s,
        )
        return self._later(reply)

    def _fail(self, url: str) -> Script:
        if self.failure is Failure.STALL:
            return _STALLED
        if self.failure is Failure.RESET:
            return _RESET
        return one_of((_STALLED, _RESET), "exception", url)

    def _later(self, reply: messages.Reply) -> Answer:
        if not self._latency_s:
            return reply
        return Script((Wait(self._latency_s), Respond(reply)), reply.status)


def replay_hosts(recording: Recording, options: ReplayOptions) -> list[ReplayHost]:
    """Return a host for every host name of the list; a host's ports are all its own."""
    by_host: dict[str, dict[str, RecordedReply]] = {}
    for authority, links in recording.by_authority().items():
        by_host.setdefault(authority.partition(":")[0], {}).update(links)
    return [ReplayHost(name, links, options) for name, links in sorted(by_host.items())]


def _port(url: str) -> int | None:
    port = authority_of(url).partition(":")[2]
    return int(port) if port else None


def _failure(name: str, links: Mapping[str, RecordedReply]) -> Failure | None:
    statuses = Counter(reply.status for reply in links.values())
    if set(statuses) != {EXCEPTION}:
        return None
    return weighted(_FAILURES, "failure", name)


def _robots_text(name: str, link_count: int, options: ReplayOptions) -> str | None:
    chance = fraction("robots", name)
    if options.robots == "mixed" and link_count <= _SMALL_HOST_LINKS:
        if chance < _DISALLOW_SHARE:
            return "User-agent: *\nDisallow: /\n"
        if chance < _DISALLOW_SHARE + _CRAWL_DELAY_SHARE:
            return f"User-agent: *\nCrawl-delay: {1 + int(fraction('crawl delay', name) * 3)}\n"
    return _ALLOWING if chance < _ROBOTS_ALLOWING_SHARE else None


def _latency_s(name: str, median_ms: float) -> float:
    """Draw a host's latency: log-normal, a tenth of the hosts is slower than four times the median."""
    if not median_ms:
        return 0.0
    return median_ms / 1000 * random.Random(name).lognormvariate(0.0, 1.1)
