"""The robots.txt of any origin: read in its host's turn, once in its lifetime.

Room: network. What an answer means is decided in `crawler/robots.py`.
"""

from dataclasses import dataclass, replace

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
from crawler.visit.fetch import Answer, Ask
from crawler.visit.hosts import Hosts, HostState
from crawler.visit.options import VisitOptions


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
        answer = await self._fetch(state, origin)
        if answer.status is None and answer.unreached:
            return RobotsRead(Robots(RobotsAnswer.UNREACHABLE), answer.error)
        robots = _robots_of(answer)
        if robots.answer is not RobotsAnswer.UNREACHABLE:
            state.robots[origin] = (robots, self._clock.now())
            slower_s = max(state.known.crawl_delay_s, robots.crawl_delay_s or 0.0)
            state.known = replace(state.known, crawl_delay_s=slower_s)
        return RobotsRead(robots)

    async def _fetch(self, state: HostState, origin: Origin) -> Answer:
        """Follow up to five redirects (RFC 9309, 2.3.1.2), each in the turn of its host."""
        url = _robots_url(origin)
        for hop in range(ROBOTS_REDIRECTS + 1):
            answer = await self._asker.ask(state, url, self._ask(url))
            location = answer.headers.get("Location")
            if hop == ROBOTS_REDIRECTS or not leads_on(answer.status, location) or location is None:
                return answer
            target = redirect_target(url.wire_url, location)
            if not isinstance(target, ParsedUrl):
                return answer
            url, state = target, self._hosts.named(target.host)
        return answer

    def _ask(self, url: ParsedUrl) -> Ask:
        return Ask(
            method="GET",
            url=url.wire_url,
            timeout_s=self._options.timeout_s,
            read_bytes=ROBOTS_BYTES,
            keep_bytes=ROBOTS_BYTES,
        )


def _robots_of(answer: Answer) -> Robots:
    if answer.error is not None or answer.status is None:
        return Robots(RobotsAnswer.UNREACHABLE)
    meaning = robots_of_status(answer.status)
    if meaning is RobotsAnswer.PARSED and answer.body is not None:
        return parse_robots(answer.body.head)
    return Robots(meaning)


def _robots_url(origin: Origin) -> ParsedUrl:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    default = {"http": 80, "https": 443}[origin.scheme]
    port = "" if origin.port == default else f":{origin.port}"
    text = f"{origin.scheme}://{host}{port}/robots.txt"
    return ParsedUrl(text, origin.scheme, origin.host, origin.port)
