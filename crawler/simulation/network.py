"""A network without sockets: names and hosts answer as they are fated to, in virtual time.

Room: network. Stands where `Sockets` does (`crawler/visit/outside.py`); what it was asked for is
counted in `Usage`. A worker's processor and line serve one after the other.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

import numpy as np

from crawler.simulation.host import Costs, Fate, Kind, Usage
from crawler.visit.body import Body
from crawler.visit.connect import AtPeer
from crawler.visit.dns import Resolver
from crawler.visit.failures import (
    ConnectTimeoutError,
    NoSuchNameError,
    NotConnectedError,
    SilentError,
)
from crawler.visit.fetch import Answer, Ask, Fetcher
from crawler.visit.kept import KEEP_S
from crawler.visit.options import VisitOptions
from crawler.visit.outside import nobody

_REFUSED = 111  # ECONNREFUSED
_TTL_S = 60.0


class Queue:
    """A processor or a line: what it is asked for, it does one after the other."""

    def __init__(self) -> None:
        self._free_at = 0.0

    async def serve(self, seconds: float) -> None:
        """Wait until it has spent so long on this."""
        if seconds <= 0:
            return
        now = asyncio.get_running_loop().time()
        self._free_at = max(now, self._free_at) + seconds
        await asyncio.sleep(self._free_at - now)


class SimulatedNetwork:
    """The network of one worker. `fates` are by host; `usage` may be shared by workers."""

    def __init__(
        self,
        fates: Mapping[str, Fate],
        costs: Costs,
        usage: Usage,
        draws: np.random.Generator,
        *,
        spread: float = 0.0,
    ) -> None:
        """`spread` is the sigma by which the time to the first byte varies around its median."""
        self.fates, self.costs, self.usage = fates, costs, usage
        self.processor, self.line = Queue(), Queue()
        self._draws, self._spread = draws, spread

    def resolver(self, options: VisitOptions, found: Callable[[float], None]) -> Resolver:
        """Return what knows every name's fate."""
        return _SimulatedResolver(self, options, found)

    def fetcher(
        self,
        options: VisitOptions,
        resolver: Resolver,
        *,
        connected: Callable[[float], None] = nobody,
        keep_alive: bool = True,
    ) -> Fetcher:
        """Return what sends requests to whom they are fated to reach."""
        return _SimulatedFetcher(self, options, resolver, connected, keep_alive=keep_alive)

    def ttfb_s(self, fate: Fate) -> float:
        """Draw the time to the first byte of one answer."""
        return fate.ttfb_s * (
            float(self._draws.lognormal(0.0, self._spread)) if self._spread else 1
        )

    def chance(self, share: float) -> bool:
        """Draw what happens to a share."""
        return share > 0 and (share >= 1 or float(self._draws.random()) < share)


class _SimulatedResolver(Resolver):
    def __init__(
        self, network: SimulatedNetwork, options: VisitOptions, found: Callable[[float], None]
    ) -> None:
        self._network, self._told, self._most_s = network, found, options.dns_timeout_s
        self._known: dict[str, float] = {}  # until when a name is known

    async def addresses(self, host: str) -> tuple[str, ...]:
        fate = self._network.fates[host]
        now = asyncio.get_running_loop().time()
        if self._known.get(host, 0.0) <= now:
            self._network.usage.lookups += 1
            await asyncio.sleep(min(fate.lookup_s, self._most_s))
            self._known[host] = now + _TTL_S
            if fate.kind is not Kind.NO_NAME:
                self._told(fate.lookup_s)
        if fate.kind is Kind.NO_NAME:
            raise NoSuchNameError("no such name", now)
        return (fate.address or f"of {host}",)

    async def foresee(self, host: str) -> None:
        with suppress(NoSuchNameError):
            await self.addresses(host)

    @property
    def told(self) -> tuple[str, ...]:
        return ()

    async def finds_anew(self, host: str) -> bool:
        return self._network.fates[host].kind is not Kind.NO_NAME

    def forget_failures(self) -> None:
        """Nothing is remembered."""

    async def close(self) -> None:
        """Nothing is open."""


class _SimulatedFetcher(Fetcher):
    def __init__(
        self,
        network: SimulatedNetwork,
        options: VisitOptions,
        resolver: Resolver,
        connected: Callable[[float], None],
        *,
        keep_alive: bool,
    ) -> None:
        self._network, self._options, self._names = network, options, resolver
        self._told, self._keeps = connected, keep_alive
        self._kept: dict[str, float] = {}  # by scheme and host: until when it is kept
        self._asked: dict[str, float] = {}  # by host: when it was asked last

    async def addresses(self, host: str) -> tuple[str, ...]:
        try:
            return await self._names.addresses(host)
        except NoSuchNameError:
            return ()

    async def close(self) -> None:
        """Nothing is open."""

    async def send(self, ask: Ask, at_peer: AtPeer | None = None) -> Answer:
        loop, network = asyncio.get_running_loop(), self._network
        began = loop.time()
        scheme, _, rest = ask.url.partition("://")
        host, _, path = rest.partition("/")
        fate = network.fates[host]
        await network.processor.serve(network.costs.request_cpu_s)
        network.usage.cpu_s += network.costs.request_cpu_s
        error = await self._connect(scheme, host, fate)
        if error is not None:
            return Answer(ask=ask, total_s=loop.time() - began, error=error)
        if at_peer is not None:
            await at_peer(fate.address or f"of {host}")
        answer = await self._answered(ask, host, path, fate, began)
        if self._keeps and answer.error is None:
            self._kept[f"{scheme}://{host}"] = loop.time() + KEEP_S
        return answer

    async def _connect(self, scheme: str, host: str, fate: Fate) -> NotConnectedError | None:
        """Make a connection where none is kept; return why that fails."""
        network, now = self._network, asyncio.get_running_loop().time()
        if self._kept.pop(f"{scheme}://{host}", 0.0) > now:
            return None
        network.usage.connections += 1
        if fate.kind is Kind.SILENT:
            await asyncio.sleep(self._options.connect_timeout_s)
            return ConnectTimeoutError("no connection")
        await asyncio.sleep(fate.connect_s)
        if fate.kind is Kind.REFUSES:
            return NotConnectedError(_REFUSED, "refused")
        self._told(fate.connect_s)
        network.usage.cpu_s += network.costs.host_cpu_s
        await network.processor.serve(network.costs.host_cpu_s)
        if scheme == "https":
            network.usage.tls_handshakes += 1
            await asyncio.sleep(2 * fate.connect_s)
        return None

    async def _answered(self, ask: Ask, host: str, path: str, fate: Fate, began: float) -> Answer:
        loop, network = asyncio.get_running_loop(), self._network
        network.usage.requests += 1
        gap_s, self._asked[host] = loop.time() - self._asked.get(host, -1e9), loop.time()
        if path != "robots.txt" and network.chance(fate.hanging_share):
            await asyncio.sleep(self._options.first_byte_timeout_s)
            return Answer(ask=ask, total_s=loop.time() - began, error=SilentError("silence"))
        await asyncio.sleep(network.ttfb_s(fate))
        ttfb_s, status = loop.time() - began, self._status(path, fate, gap_s)
        body = _robots(fate) if path == "robots.txt" and status == 200 else None
        if status == 200 and body is None:
            network.usage.body_bytes += fate.body_bytes
            network.usage.cpu_s += network.costs.picture_cpu_s
            await network.line.serve(fate.body_bytes / network.costs.bytes_per_s)
            await asyncio.sleep(fate.body_s)
        return Answer(
            ask=ask,
            status=status,
            ip=fate.address or f"of {host}",
            ttfb_s=ttfb_s,
            total_s=loop.time() - began,
            body=body or Body(b"", fate.body_bytes, bytes(32), bytes(16)),
        )

    def _status(self, path: str, fate: Fate, gap_s: float) -> int:
        if path == "robots.txt":
            return 200 if fate.crawl_delay_s else 404
        if gap_s < fate.tolerates_s:
            return 429
        is_link = path.removesuffix(".jpg").isdecimal()  # and not the canary's nonsense
        return 200 if is_link and self._network.chance(fate.served_share) else 404


def _robots(fate: Fate) -> Body:
    text = f"User-agent: *\nCrawl-delay: {fate.crawl_delay_s}\n".encode()
    return Body(text, len(text), None, None)
