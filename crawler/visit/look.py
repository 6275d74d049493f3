"""One link, looked at once: asked, and followed through its redirects.

Room: network. Pace and robots.txt of every host on the way are asked of `Asker` and
`RobotsReader`; what was seen is written down by `observe.py`.
"""

from dataclasses import replace
from datetime import UTC, datetime

from crawler.outcomes import asks_to_slow_down
from crawler.records import Hop, Observation, Origin, Outcome, ParsedUrl, ShardLink, Visit
from crawler.redirects import leads_on, redirect_target
from crawler.robots import RobotsAnswer
from crawler.visit.ask import Asker
from crawler.visit.clock import Clock
from crawler.visit.develop import Developer
from crawler.visit.failures import (
    BadLocationError,
    PausedElsewhereError,
    RefusedError,
    RobotsDeniedError,
    RobotsUnreachableError,
    SchemeBlockedError,
    TooManyRedirectsError,
    UnreachedElsewhereError,
)
from crawler.visit.fetch import Answer, Ask
from crawler.visit.host_state import HostState
from crawler.visit.hosts import Hosts
from crawler.visit.observe import Seen, observation
from crawler.visit.options import SNIFF_RANGE, Mode, VisitOptions
from crawler.visit.robots_reader import RobotsReader

_HEAD_CONFIRMED = 3  # refusals of HEAD that GET must confirm before HEAD is believed


class Looker:
    """Looks at links."""

    def __init__(
        self,
        options: VisitOptions,
        asker: Asker,
        hosts: Hosts,
        robots: RobotsReader,
        clock: Clock,
        developer: Developer | None = None,
    ) -> None:
        """With a `developer`, pictures that are served are fingerprinted."""
        self._developer = developer
        self._options = options
        self._asker = asker
        self._hosts = hosts
        self._robots = robots
        self._clock = clock

    async def look(self, visit: Visit, link: ShardLink, state: HostState) -> Observation:
        """Look at one link of a visit. Raises StoppedError, and nothing else."""
        if self._developer is not None:
            await self._developer.room()
        url = link.url
        started_at = datetime.now(UTC)
        hops: list[Hop] = []
        left_s = self._options.timeout_s
        while True:
            answer = await self._ask(state, url, left_s, link.conditions(url.wire_url))
            left_s -= answer.total_s
            error = answer.error
            location = answer.headers.get("Location")
            if error is not None or location is None or not leads_on(answer.status, location):
                break
            hops.append(Hop(answer.status or 0, url.wire_url))
            try:
                await self._asker.rest(answer)
                url = self._next_url(url, location, len(hops), left_s)
                state = await self._admitted(url)
            except RefusedError as refusal:
                error = refusal
                break
        total_s = self._options.timeout_s - left_s
        seen = Seen(link, url, answer, tuple(hops), started_at, total_s, error)
        found = observation(self._options, visit, state, seen)
        sleeve = answer.body.sleeve if answer.body is not None else None
        if self._developer is not None and sleeve is not None and found.outcome is Outcome.OK:
            self._developer.develop(found, sleeve)
        return found

    async def _ask(
        self, state: HostState, url: ParsedUrl, timeout_s: float, headers: dict[str, str] | None
    ) -> Answer:
        sleeve = None if self._developer is None else self._developer.sleeve
        ask = Ask(
            method="GET", url=url.wire_url, timeout_s=timeout_s, sleeve=sleeve, headers=headers
        )
        if self._options.mode is Mode.BODY:
            return await self._asker.ask(state, url, ask)
        part = replace(ask, read_bytes=SNIFF_RANGE, range_bytes=SNIFF_RANGE)
        if self._options.mode is Mode.HEAD:
            return await self._head(state, url, replace(ask, method="HEAD"), part)
        return await self._part(state, url, part)

    async def _part(self, state: HostState, url: ParsedUrl, part: Ask) -> Answer:
        answer = await self._asker.ask(state, url, part)
        if answer.status == 416:  # nothing to take a range of: an empty body, or a server's whim
            return await self._asker.ask(state, url, replace(part, range_bytes=None))
        return answer

    async def _head(self, state: HostState, url: ParsedUrl, head: Ask, part: Ask) -> Answer:
        """Ask HEAD; where its refusal is not yet believed of this host, ask GET as well."""
        if state.head_lies:
            return await self._part(state, url, part)
        answer = await self._asker.ask(state, url, head)
        refused = answer.error is not None or (answer.status or 0) >= 400
        believed = state.head_confirmed >= _HEAD_CONFIRMED or asks_to_slow_down(answer.status or 0)
        if not refused or believed or answer.unreached:
            return answer
        second = await self._part(state, url, part)
        state.head_lies = second.status != answer.status
        state.head_confirmed += second.status == answer.status
        return second

    def _next_url(self, url: ParsedUrl, location: str, hops: int, left_s: float) -> ParsedUrl:
        """Return where a redirect leads. Raises RefusedError where it may not be followed."""
        if hops > self._options.max_redirects:
            text = f"more than {self._options.max_redirects} redirects"
            raise TooManyRedirectsError(text)
        if left_s <= 0:
            raise TooManyRedirectsError("the redirects took all of the time")
        target = redirect_target(url.wire_url, location)
        if isinstance(target, ParsedUrl):
            return target
        if target.reason == "scheme":
            raise SchemeBlockedError("a redirect to another scheme than http and https")
        text = f"a redirect to what is no URL ({target.reason})"
        raise BadLocationError(text)

    async def _admitted(self, url: ParsedUrl) -> HostState:
        """Return the host that a redirect leads to. Raises RefusedError where it lets nobody in."""
        state = self._hosts.named(url.host)
        if self._hosts.is_too_far(state):
            text = f"the turn of {url.host} is too far away"
            raise PausedElsewhereError(text)
        read = await self._robots.read(state, Origin(url.scheme, url.host, url.port))
        if read.unreached is not None:
            text = f"{url.host} cannot be reached"
            raise UnreachedElsewhereError(text) from read.unreached
        if read.robots.answer is RobotsAnswer.UNREACHABLE:
            text = f"the robots.txt of {url.host} cannot be read"
            raise RobotsUnreachableError(text)
        if not read.robots.allows(url.wire_url):
            text = f"the robots.txt of {url.host} says no"
            raise RobotsDeniedError(text)
        return state
