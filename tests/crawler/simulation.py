"""A crawl in virtual time: the real visits, turns and frontier over a network that is simulated.

Nothing sleeps: the event loop's clock jumps to whatever is due next, so hours of politeness take
milliseconds (`crawler/simulation/loop.py`). Only what opens sockets is replaced: `Fetcher` and
`Resolver`.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any, cast

from multidict import CIMultiDict, CIMultiDictProxy

from crawler.agenda import Agenda, HostEntry
from crawler.frontier import Frontier
from crawler.politeness import Policy
from crawler.records import Observation, ParsedUrl, ShardLink, Visit, VisitResult
from crawler.simulation.exact import walk_shard
from crawler.simulation.loop import VirtualClock, VirtualLoop
from crawler.turns import Turns
from crawler.urls import parse_url
from crawler.visit.body import Body
from crawler.visit.connect import AtPeer
from crawler.visit.dns import Resolver
from crawler.visit.failures import HungUpError, NotConnectedError
from crawler.visit.fetch import Answer, Ask, Fetcher
from crawler.visit.hosts import Hosts
from crawler.visit.options import VisitOptions
from crawler.visit.outside import nobody
from crawler.visit.walk import Walker
from tests.politeness_log import ROBOTS, Promise, Seen
from tests.visits import options_of_visit

_MOST_STEPS = 30_000


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

    loop = partial(VirtualLoop, most_steps=_MOST_STEPS)
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(_crawl(network, workers, policy, turns))


class _Outside:
    """Makes what reaches a simulated network."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def resolver(self, options: VisitOptions, found: Callable[[float], None]) -> Resolver:
        return cast("Resolver", SimResolver(self._network, found))

    def fetcher(
        self,
        options: VisitOptions,
        resolver: Resolver,
        *,
        connected: Callable[[float], None] = nobody,
        keep_alive: bool = True,
    ) -> Fetcher:
        return cast("Fetcher", SimFetcher(self._network, connected))


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
    clock = VirtualClock()
    hosts_known = Hosts(policy, clock, turns)
    walker = Walker(options_of_visit(policy=policy), clock, hosts_known, _Outside(network))
    agenda = cast("Agenda", SimAgenda(hosts))
    frontier = Frontier(agenda, policy, itertools.count(1))
    ready_at: dict[str, float] = {}
    began_at: dict[str, float] = {}

    def begins(visit: Visit) -> None:
        began_at[visit.host] = clock.now()
        crawled.waits.append(clock.now() - ready_at.get(visit.host, clock.now()))

    def ended(visit: Visit, result: VisitResult) -> None:
        crawled.visits.append((visit, began_at[visit.host], clock.now()))
        crawled.observations.extend(result.observations)
        ready_at[visit.host] = max(clock.now(), result.left_over.not_before)

    await walk_shard(walker, frontier, clock, policy.hosts_at_a_time, ended, begins)
    await walker.close()
