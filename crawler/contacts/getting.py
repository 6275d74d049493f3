"""One small file from a stranger's server: its turn, robots.txt, certificate and redirects.

Room: network. What is in the file is for others to read. Unlike a link, it is not taken over a
connection whose certificate does not verify: whoever sits in between could name himself.
"""

from dataclasses import dataclass, replace

from crawler.outcomes import asks_to_slow_down
from crawler.records import Origin, Outcome, ParsedUrl
from crawler.redirects import leads_on, redirect_target
from crawler.robots import RobotsAnswer
from crawler.visit.ask import Asker
from crawler.visit.clock import Clock
from crawler.visit.dns import Resolver
from crawler.visit.failures import PausedElsewhereError, describe, outcome_of_error, unreached
from crawler.visit.fetch import Answer, Ask, Fetcher
from crawler.visit.host_state import HostState
from crawler.visit.hosts import Hosts
from crawler.visit.options import VisitOptions
from crawler.visit.robots_reader import RobotsReader

_REDIRECTS = 5
_TRIES = 2
_AGAIN_AFTER_S = 1.0
# What another try, later, may change.
_PASSING = {
    Outcome.DNS_FAILURE,
    Outcome.CONNECT_TIMEOUT,
    Outcome.CONNECT_FAILED,
    Outcome.TIMEOUT,
    Outcome.TRUNCATED,
    Outcome.PROTOCOL_ERROR,
    Outcome.RATE_LIMITED,
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no file. A passing trouble is no answer: it is asked again the next time.

    `was_unreached` where nobody has been asked at all.
    """

    why: str
    is_passing: bool
    was_unreached: bool = False


@dataclass(frozen=True, slots=True)
class Got:
    """A file: where it was in the end, and what its server says that it is."""

    url: str
    body: bytes
    content_type: str


class Getter:
    """Gets files, each in the turn of its host. Close it at the end."""

    def __init__(self, options: VisitOptions, clock: Clock) -> None:
        self._clock = clock
        self._timeout_s = options.timeout_s
        self._resolver = Resolver(options.nameservers, options.dns_timeout_s)
        self._fetcher = Fetcher(options, self._resolver)
        self._hosts = Hosts(options.policy, clock)
        self._asker = Asker(self._fetcher, self._hosts)
        self._robots = RobotsReader(options, self._asker, self._hosts, clock)

    async def get(
        self, url: ParsedUrl, most_bytes: int, *, robots: bool, accept: str = "*/*"
    ) -> Got | Trouble:
        """Get at most so many bytes of a file by https, following redirects.

        With `robots`, every origin on the way is asked for its robots.txt first. A server that was
        not reached, which may be our own network's fault, is tried once more.
        """
        ask = Ask(
            method="GET",
            url=url.wire_url,
            timeout_s=self._timeout_s,
            read_bytes=most_bytes,
            keep_bytes=most_bytes,
            headers={"Accept": accept},
        )
        got = await self._followed(url, ask, robots=robots)
        if isinstance(got, Trouble) and got.was_unreached and got.is_passing:
            await self._clock.sleep_until(self._clock.now() + _AGAIN_AFTER_S)
            got = await self._followed(url, ask, robots=robots)
        return got

    async def _followed(self, url: ParsedUrl, ask: Ask, *, robots: bool) -> Got | Trouble:
        for _ in range(_REDIRECTS + 1):
            state = self._hosts.named(url.host)
            if (refusal := await self._refusal(state, url, robots=robots)) is not None:
                return refusal
            answer = await self._answer(state, url, replace(ask, url=url.wire_url))
            if (problem := state.tls_problems.get(url.port)) is not None:
                return Trouble(f"its certificate does not verify ({problem})", is_passing=False)
            location = answer.headers.get("Location")
            if location is None or not leads_on(answer.status, location):
                return _got(url, answer)
            try:
                await self._asker.rest(answer)
            except PausedElsewhereError as error:
                return _trouble(error)
            target = redirect_target(url.wire_url, location)
            if not isinstance(target, ParsedUrl) or target.scheme != "https":
                return Trouble("it redirects to what is no https URL", is_passing=False)
            url = target
        return Trouble(f"more than {_REDIRECTS} redirects", is_passing=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._fetcher.close()
        await self._resolver.close()

    async def _refusal(self, state: HostState, url: ParsedUrl, *, robots: bool) -> Trouble | None:
        """Say why a host is not to be asked, or is not to be asked now."""
        if self._hosts.is_too_far(state):
            return Trouble("it asked for a longer pause than anybody waits", is_passing=True)
        if not robots:
            return None
        read = await self._robots.read(state, Origin(url.scheme, url.host, url.port))
        if read.unreached is not None:
            return _trouble(read.unreached)
        if read.robots.answer is RobotsAnswer.UNREACHABLE:
            return Trouble("its robots.txt cannot be read", is_passing=True)
        if not read.robots.allows(url.wire_url):
            return Trouble("its robots.txt says no", is_passing=False)
        return None

    async def _answer(self, state: HostState, url: ParsedUrl, ask: Ask) -> Answer:
        """Ask; and again, in the host's time, where it asks to be asked later."""
        answer = await self._asker.ask(state, url, ask)
        for _ in range(_TRIES - 1):
            if not asks_to_slow_down(answer.status or 0) or self._hosts.is_too_far(state):
                break
            answer = await self._asker.ask(state, url, ask)
        return answer


def _got(url: ParsedUrl, answer: Answer) -> Got | Trouble:
    """Return what an answer brought. Of a file that was cut there is the beginning."""
    if answer.error is not None:
        return _trouble(answer.error)
    status = answer.status or 0
    if status != 200 or answer.body is None:
        is_passing = status >= 500 or asks_to_slow_down(status)
        return Trouble(f"status {status}", is_passing=is_passing)
    return Got(url.wire_url, answer.body.head, answer.headers.get("Content-Type", ""))


def _trouble(error: BaseException) -> Trouble:
    is_passing = outcome_of_error(error) in _PASSING
    return Trouble(describe(error), is_passing=is_passing, was_unreached=unreached(error))
