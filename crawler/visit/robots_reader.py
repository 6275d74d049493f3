"""The robots.txt of any origin: read in its host's turn, once in its lifetime.

Room: network. What an answer means is decided in `crawler/robots.py`. Rules take ten to ninety
times the memory of their text, so what is kept of them is bounded: those that were read longest
ago are read again when they are needed again.
"""

import asyncio
from dataclasses import dataclass, replace
from operator import attrgetter

from crawler.records import Origin, ParsedUrl
from crawler.redirects import leads_on, redirect_target
from crawler.robots import (
    ROBOTS_BYTES,
    ROBOTS_REDIRECTS,
    Robots,
    RobotsAnswer,
    parse_robots,
    robots_of_status,
)
from crawler.visit.ask import Asker
from crawler.visit.clock import Clock
from crawler.visit.failures import PausedElsewhereError, TooLargeError
from crawler.visit.fetch import Answer, Ask
from crawler.visit.host_state import HostState
from crawler.visit.hosts import Hosts
from crawler.visit.kept_files import KeptFiles
from crawler.visit.options import VisitOptions

_KEPT_BYTES = 4_000_000  # of text: some 50 MB of real files' rules, 360 MB of the worst ones'
_LARGE_BYTES = 32 * 1024  # longer ones are parsed beside the event loop; 2 % of real ones are


@dataclass(frozen=True, slots=True)
class RobotsRead:
    """The rules of an origin. `unreached` is why no connection to it could be made, if none could."""

    robots: Robots
    unreached: BaseException | None = None


class RobotsReader:
    """Answers for the robots.txt of every origin that a crawl comes to."""

    def __init__(self, options: VisitOptions, asker: Asker, hosts: Hosts, clock: Clock) -> None:
        self._options = options
        self._asker = asker
        self._hosts = hosts
        self._clock = clock
        self._kept = KeptFiles(_KEPT_BYTES, attrgetter("robots"))

    def known(self, state: HostState, origin: Origin) -> RobotsRead | None:
        """Return the rules of an origin that were read within their lifetime."""
        robots = state.robots_of(origin, self._clock.now())
        return None if robots is None else RobotsRead(robots)

    async def read(self, state: HostState, origin: Origin) -> RobotsRead:
        """Return the rules of an origin. Unreachable ones are asked again the next time.

        Raises StoppedError.
        """
        if (known := self.known(state, origin)) is not None:
            return known
        answer, hops = await self._fetch(state, origin)
        if hops == 0 and answer.status is None and answer.unreached:
            return RobotsRead(Robots(RobotsAnswer.UNREACHABLE), answer.error)
        robots = await _robots_of(answer)
        if robots.answer is not RobotsAnswer.UNREACHABLE:
            state.robots[origin] = (robots, self._clock.now())
            self._kept.add(state, origin, answer)
            self._hosts.learned(state, robots.crawl_delay_s or 0.0)
        return RobotsRead(robots)

    async def _fetch(self, state: HostState, origin: Origin) -> tuple[Answer, int]:
        """Follow up to five redirects (RFC 9309, 2.3.1.2), each in the turn of its host.

        Return the last answer, and after how many redirects it came. All of them together may take
        as long as a link.
        """
        url = robots_url(origin)
        left_s = self._options.timeout_s
        hop = 0
        while True:
            answer = await self._asker.ask(state, url, self._ask(url, left_s))
            left_s -= answer.total_s
            location = answer.headers.get("Location")
            if hop == ROBOTS_REDIRECTS or location is None or not leads_on(answer.status, location):
                return answer, hop
            target = redirect_target(url.wire_url, location)
            if not isinstance(target, ParsedUrl):
                return answer, hop
            if left_s <= 0:
                return replace(
                    answer, error=TimeoutError("the redirects took all of the time")
                ), hop
            try:
                await self._asker.rest(answer)
            except PausedElsewhereError as error:
                return replace(answer, error=error), hop
            url, state, hop = target, self._hosts.named(target.host), hop + 1

    def _ask(self, url: ParsedUrl, timeout_s: float) -> Ask:
        return Ask(
            method="GET",
            url=url.wire_url,
            timeout_s=timeout_s,
            read_bytes=ROBOTS_BYTES,
            keep_bytes=ROBOTS_BYTES,
        )


async def _robots_of(answer: Answer) -> Robots:
    """Return what an answer means; of a file that is too large, its beginning holds."""
    is_cut = isinstance(answer.error, TooLargeError)
    if answer.status is None or (answer.error is not None and not is_cut):
        return Robots(RobotsAnswer.UNREACHABLE)
    meaning = robots_of_status(answer.status)
    if meaning is not RobotsAnswer.PARSED or answer.body is None:
        return Robots(meaning)
    if len(answer.body.head) < _LARGE_BYTES:
        return parse_robots(answer.body.head)
    return await asyncio.to_thread(parse_robots, answer.body.head)


def robots_url(origin: Origin) -> ParsedUrl:
    """Return where an origin's robots.txt is (RFC 9309, 2.3)."""
    return origin_url(origin, "/robots.txt")


def origin_url(origin: Origin, path: str) -> ParsedUrl:
    """Return the URL of a path of an origin."""
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    default = {"http": 80, "https": 443}[origin.scheme]
    port = "" if origin.port == default else f":{origin.port}"
    text = f"{origin.scheme}://{host}{port}{path}"
    return ParsedUrl(text, origin.scheme, origin.host, origin.port)
