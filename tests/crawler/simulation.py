"""A crawl in virtual time: the real visits, turns and frontier over a network that is simulated.

Nothing sleeps: the event loop's clock jumps to whatever is due next, so hours of politeness take
milliseconds. Only what opens sockets is replaced: `Fetcher` and `Resolver`.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, cast
from unittest.mock import patch

from multidict import CIMultiDict, CIMultiDictProxy

from crawler.agenda import Agenda, HostEntry
from crawler.frontier import Frontier
from crawler.politeness import Policy
from crawler.records import Observation, ParsedUrl, ShardLink, Visit, VisitResult
from crawler.turns import Turns
from crawler.urls import parse_url
from crawler.visit.body import Body
from crawler.visit.clock import Clock
from crawler.visit.connect import AtPeer
from crawler.visit.failures import HungUpError, NotConnectedError
from crawler.visit.fetch import Answer, Ask
from crawler.visit.hosts import Hosts
from crawler.visit.walk import Walker
from tests.politeness_log import ROBOTS, Promise, Seen
from tests.visits import options_of_visit

_MOST_STEPS = 30_000


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock stands still while anything runs, and jumps while nothing does."""

    def __init__(self) -> None:
        super().__init__()
        self._virtual_s = 1000.0
        self._steps = 0

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._virtual_s

    def _run_once(self) -> None:
        self._steps += 1
        assert self._steps < _MOST_STEPS, "something turns in circles"
        inside: Any = self
        if inside._scheduled:
            due = inside._scheduled[0]._when
            # asyncio runs what is due within its clock's resolution; by then it must be due.
            if not inside._ready or due < self._virtual_s + inside._clock_resolution:
                self._virtual_s = max(self._virtual_s, due)
        super()._run_once()  # type: ignore[misc]


class VirtualClock(Clock):
    """The crawl's clock on the virtual loop."""

    def __init__(self) -> None:
        super().__init__()
        self.now = asyncio.get_running_loop().time


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a simulated server does with one request. `status` None breaks the connection off.

    `retry_after` is a header's text, or seconds from now that are written as a date.
    """

    status: int | None = 200
    latency_s: float = 0.05
    body_s: float = 0.0
    retry_after: str | int | None = None
    location: str | None = None

    def header(self) -> str | None:
        """Return the text of Retry-After."""
        if isinstance(self.retry_after, int):
            moment = datetime.now(UTC) + timedelta(seconds=self.retry_after)
            return format_datetime(moment, usegmt=True)
        return self.retry_after


@dataclass(slots=True, kw_only=True)
class SimHost:
    """A simulated host: its responses, one after the other, and 200 to whatever comes later.

    `addresses` are what its name leads to; the first `dead` of them refuse connections.
    """

    name: str
    domain: str
    addresses: tuple[str, ...]
    dead: int = 0
    links: int = 3
    shards: int = 1
    crawl_delay_s: float | None = None
    responses: list[Response] = field(default_factory=list)
    transit_s: float = 0.0


@dataclass(slots=True)
class Network:
    """Every simulated host, and the log of what reached them."""

    hosts: dict[str, SimHost]
    log: list[Seen] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)  # hosts whose last answer left a connection
    most_at_once: int = 0
    _busy: dict[str, int] = field(default_factory=dict)

    async def serve(
        self, ask: Ask, at_peer: AtPeer | None, connected: Callable[[float], None]
    ) -> Answer:
        """Take a request as a server would, and answer it."""
        url = parse_url(ask.url)
        assert isinstance(url, ParsedUrl)
        host = self.hosts[url.host]
        started = asyncio.get_running_loop().time()
        if host.dead >= len(host.addresses):
            return _answer(ask, started, error=_refused())
        address = host.addresses[host.dead]
        connected(0.001)
        if at_peer is not None:
            await at_peer(address)
        left_at = asyncio.get_running_loop().time()
        await asyncio.sleep(host.transit_s)
        self._busy[url.host] = self._busy.get(url.host, 0) + 1
        self.most_at_once = max(self.most_at_once, self._busy[url.host])
        try:
            return await self._served(ask, url, host, address, (started, left_at))
        finally:
            self._busy[url.host] -= 1

    async def _served(
        self, ask: Ask, url: ParsedUrl, host: SimHost, address: str, moments: tuple[float, float]
    ) -> Answer:
        started, left_at = moments
        loop = asyncio.get_running_loop()
        is_robots = url.wire_url.endswith(ROBOTS)
        response = self._response(host, is_robots=is_robots)
        arrived, timeout_s = loop.time(), ask.timeout_s - (loop.time() - started)
        header, in_time = response.header(), response.latency_s <= timeout_s
        self.log.append(
            Seen(
                at=arrived,
                host=host.name,
                domain=host.domain,
                address=address,
                target=ROBOTS if is_robots else "/",
                status=response.status if in_time else None,
                answered_s=min(response.latency_s, timeout_s),
                pause_s=_pause_s(response) if in_time else 0.0,
                left_at=left_at,
            )
        )
        await asyncio.sleep(min(response.latency_s, timeout_s))
        if not in_time:
            return _answer(ask, started, error=TimeoutError())
        if response.status is None:
            over_kept = host.name in self.kept
            self.kept.discard(host.name)
            return _answer(ask, started, error=HungUpError("hung up"), over_kept=over_kept)
        self.kept.add(host.name)
        ttfb_s = loop.time() - started
        await asyncio.sleep(response.body_s)
        headers: CIMultiDict[str] = CIMultiDict()
        if header is not None:
            headers["Retry-After"] = header
        if response.location is not None:
            headers["Location"] = response.location
        return _answer(
            ask,
            started,
            status=response.status,
            headers=CIMultiDictProxy(headers),
            ip=address,
            ttfb_s=ttfb_s,
            body=_body(host, response, is_robots=is_robots),
        )

    def _response(self, host: SimHost, *, is_robots: bool) -> Response:
        if is_robots:
            return Response(status=404 if host.crawl_delay_s is None else 200)
        number = self.asked[host.name] = self.asked.get(host.name, -1) + 1
        return host.responses[number] if number < len(host.responses) else Response()


def _pause_s(response: Response) -> float:
    """Return what a Retry-After asks for by the standard, read another way than the crawler does."""
    given = response.retry_after
    if response.status is None or response.status < 300 or given is None:
        return 0.0
    if isinstance(given, int):
        # A date has no fractions, and it is read by the wall clock, which runs while ours stands.
        return max(0.0, given - 2.0)
    return float(given) if given.isdecimal() else 0.0


def _answer(ask: Ask, started: float, **known: Any) -> Answer:
    return Answer(ask=ask, total_s=asyncio.get_running_loop().time() - started, **known)


def _refused() -> NotConnectedError:
    return NotConnectedError(111, "refused")


def _body(host: SimHost, response: Response, *, is_robots: bool) -> Body:
    text = f"User-agent: *\nCrawl-delay: {host.crawl_delay_s}\n" if is_robots else "picture"
    return Body(text.encode(), len(text), b"0" * 32, b"0" * 16)


class SimResolver:
    """Names → addresses, at once."""

    def __init__(self, network: Network, found: Callable[[float], None]) -> None:
        self._network = network
        self._found = found

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return the addresses of a simulated host."""
        self._found(0.001)
        return self._network.hosts[host].addresses

    async def finds_anew(self, host: str) -> bool:
        """Tell whether a name is found: it always is."""
        return host in self._network.hosts

    async def foresee(self, host: str) -> None:
        """Do nothing: every name is found at once."""

    def forget_failures(self) -> None:
        """Do nothing: no name is not found."""

    @property
    def told(self) -> tuple[str, ...]:
        """Nothing is wrong."""
        return ()

    async def close(self) -> None:
        """Do nothing."""


class SimFetcher:
    """Sends requests into a simulated network."""

    def __init__(self, network: Network, connected: Callable[[float], None]) -> None:
        self._network = network
        self._connected = connected

    async def send(self, ask: Ask, at_peer: AtPeer | None = None) -> Answer:
        """Send one request."""
        return await self._network.serve(ask, at_peer, self._connected)

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return where a host is likely to be connected to."""
        return self._network.hosts[host].addresses

    async def close(self) -> None:
        """Do nothing."""


class SimAgenda:
    """The links of the simulated hosts, host after host."""

    def __init__(self, hosts: list[SimHost]) -> None:
        self._links: list[ShardLink] = []
        self._entries: list[HostEntry] = []
        for host in sorted(hosts, key=lambda host: -host.links):
            start = len(self._links)
            self._entries.append(HostEntry(host.name, host.domain, host.shards, start, host.links))
            for number in range(host.links):
                url = parse_url(f"http://{host.name}/{number}.jpg")
                assert isinstance(url, ParsedUrl)
                self._links.append(ShardLink(start + number, url))

    def hosts(self) -> Iterator[HostEntry]:
        """Yield every host."""
        return (entry for entry in self._entries if entry.count)

    def links(self, start: int, count: int) -> list[ShardLink]:
        """Return links by position."""
        return self._links[start : start + count]

    @property
    def total(self) -> int:
        """How many links there are."""
        return len(self._links)


@dataclass(slots=True)
class Crawled:
    """What a simulated crawl came to."""

    log: list[Seen]
    observations: list[Observation]
    visits: list[tuple[Visit, float, float]]  # with when they began and ended
    waits: list[float]  # seconds from when a host was ready to its visit's beginning
    lasted_s: float
    most_at_once: int


def promise(policy: Policy, hosts: list[SimHost]) -> Promise:
    """Return what the policy promises to the simulated hosts."""
    return Promise(
        host_delay_s=policy.pace.min_delay_s,
        domain_delay_s=policy.pace.domain_delay_s,
        address_delay_s=policy.address_delay_s,
        first_slowdown_s=policy.first_slowdown_s,
        slowdown_factor=policy.slowdown_factor,
        recovery_factor=policy.recovery_factor,
        max_delay_s=policy.pace.max_delay_s,
        max_crawl_delay_s=policy.pace.max_crawl_delay_s,
        crawl_delay_s={host.name: host.crawl_delay_s or 0.0 for host in hosts},
        shards={host.domain: host.shards for host in hosts},
        clock_s=1e-6,
        jitter_s=1e-6,
    )


def simulate(
    workers: list[list[SimHost]],
    policy: Policy,
    *,
    others: tuple[SimHost, ...] = (),
    turns: Callable[[], Turns | None] = lambda: None,
) -> Crawled:
    """Crawl the hosts of each worker in virtual time. `others` are only redirected to."""
    everyone = {host.name: host for hosts in workers for host in hosts}
    network = Network(everyone | {host.name: host for host in others})

    def fetcher(_options: Any, _resolver: Any, **given: Any) -> SimFetcher:
        return SimFetcher(network, given.get("connected", lambda _took_s: None))

    def resolver(_servers: Any, _timeout_s: Any, found: Any, **_rate: Any) -> SimResolver:
        return SimResolver(network, found)

    with (
        patch("crawler.visit.walk.Fetcher", fetcher),
        patch("crawler.visit.doubt.Fetcher", fetcher),
        patch("crawler.visit.walk.Resolver", resolver),
        asyncio.Runner(loop_factory=VirtualLoop) as runner,
    ):
        return runner.run(_crawl(network, workers, policy, turns))


async def _crawl(
    network: Network,
    workers: list[list[SimHost]],
    policy: Policy,
    turns: Callable[[], Turns | None],
) -> Crawled:
    began = asyncio.get_running_loop().time()
    crawled = Crawled(network.log, [], [], [], 0.0, 0)
    walks = [_worker(network, hosts, policy, turns(), crawled) for hosts in workers]
    await asyncio.gather(*walks)
    crawled.lasted_s = asyncio.get_running_loop().time() - began
    crawled.most_at_once = network.most_at_once
    return crawled


async def _worker(
    network: Network, hosts: list[SimHost], policy: Policy, turns: Turns | None, crawled: Crawled
) -> None:
    """Do what Scrapy's engine does: begin a visit whenever there is room and a host is ready."""
    clock = VirtualClock()
    walker = Walker(options_of_visit(policy=policy), clock, Hosts(policy, clock, turns))
    agenda = cast("Agenda", SimAgenda(hosts))
    frontier = Frontier(agenda, policy.visit_links, itertools.count(1))
    running: set[asyncio.Task[tuple[Visit, VisitResult]]] = set()
    ready_at: dict[str, float] = {}
    while not frontier.is_empty:
        while len(running) < policy.hosts_at_a_time and (visit := frontier.next_visit(clock.now())):
            crawled.waits.append(clock.now() - ready_at.get(visit.host, clock.now()))
            running.add(asyncio.create_task(_walked(walker, visit, clock, crawled)))
        wakes_at = frontier.wakes_at
        is_full = len(running) >= policy.hosts_at_a_time
        wait_s = None if wakes_at is None or is_full else max(0.0, wakes_at - clock.now())
        if not running:
            await asyncio.sleep(wait_s or 0.0)
            continue
        done, running = await asyncio.wait(
            running, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            visit, result = task.result()
            ready_at[visit.host] = max(clock.now(), result.left_over.not_before)
            frontier.put_back(result.left_over, clock.now())
    await walker.close()


async def _walked(
    walker: Walker, visit: Visit, clock: Clock, crawled: Crawled
) -> tuple[Visit, VisitResult]:
    began = clock.now()
    result = await walker.walk(visit)
    crawled.visits.append((visit, began, clock.now()))
    crawled.observations.extend(result.observations)
    return visit, result
