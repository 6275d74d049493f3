"""A crawl in virtual time, by the crawl's own code: walker, hosts, turns and frontier.

Room: network (it runs their loop; no socket is opened). Workers take shards in the order given, one
each at a time, as an engine hands them out.
"""

import asyncio
import contextlib
import itertools
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from crawler.agenda import Agenda, HostEntry
from crawler.frontier import Frontier
from crawler.guard import AddressGuard
from crawler.options import MAX_REDIRECTS
from crawler.politeness import Policy
from crawler.records import ParsedUrl, ShardLink, Visit, VisitResult
from crawler.simulation.bounds import CONNECT_TIMEOUT_S, FIRST_BYTE_TIMEOUT_S
from crawler.simulation.host import Costs, Fate, HostPlan, Usage
from crawler.simulation.loop import VirtualClock, VirtualLoop
from crawler.simulation.network import SimulatedNetwork
from crawler.simulation.schedule import ShardWalk, makespan_s
from crawler.turns import LocalTurns
from crawler.visit.clock import Clock
from crawler.visit.hosts import Hosts
from crawler.visit.options import Mode, VisitOptions
from crawler.visit.walk import Walker


@dataclass(frozen=True, slots=True)
class World:
    """The hosts of each shard, how they answer, and what a worker spends."""

    shards: Mapping[int, Sequence[HostPlan]]
    fates: Mapping[str, Fate]
    costs: Costs
    spread: float = 0.0


@dataclass(slots=True)
class Simulated:
    """What a simulated crawl came to. `host_s` is when each host was done with."""

    walks: list[ShardWalk] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    outcomes: dict[str, int] = field(default_factory=dict)
    host_s: dict[str, float] = field(default_factory=dict)
    began_s: float = 0.0

    @property
    def makespan_s(self) -> float:
        """The time from the crawl's beginning to the end of its last shard."""
        return makespan_s(self.walks)


class PlannedAgenda:
    """The links of some hosts, made when they are asked for; the host that takes longest first."""

    def __init__(self, hosts: Sequence[HostPlan], policy: Policy) -> None:
        def takes_s(host: HostPlan) -> float:
            return host.links * policy.pace_of(host.registered_domain).min_delay_s

        self._hosts = sorted(hosts, key=lambda host: (-takes_s(host), -host.links, host.host))
        self._starts = list(itertools.accumulate((host.links for host in self._hosts), initial=0))

    def hosts(self) -> Iterator[HostEntry]:
        """Yield every host that has links."""
        for host, start in zip(self._hosts, self._starts, strict=False):
            if host.links:
                yield HostEntry(
                    host.host, host.registered_domain, host.domain_shards, start, host.links
                )

    def links(self, start: int, count: int) -> list[ShardLink]:
        """Return the links in `count` rows from `start` on; all are of one host."""
        at = bisect(self._starts, start) - 1
        host, first = self._hosts[at], self._starts[at]
        return [_link(host, row, row - first) for row in range(start, start + count)]


def _link(host: HostPlan, row: int, number: int) -> ShardLink:
    secure = number >= host.links - host.secure_links
    scheme, port = ("https", 443) if secure else ("http", 80)
    url = ParsedUrl(f"{scheme}://{host.host}/{number}.jpg", scheme, host.host, port)
    return ShardLink(row, url)


def simulate(
    world: World, order: Sequence[int], workers: int, policy: Policy, seed: int = 0
) -> Simulated:
    """Crawl the shards in that order with so many workers of one machine, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_crawl(world, order, workers, policy, seed))


async def _crawl(
    world: World, order: Sequence[int], workers: int, policy: Policy, seed: int
) -> Simulated:
    simulated = Simulated(began_s=asyncio.get_running_loop().time())
    waiting, turns = iter(order), LocalTurns()

    async def work(worker: int) -> None:
        for shard in waiting:  # shared: each shard is somebody's
            draws = np.random.default_rng((seed, shard))
            await _walk_one(world, shard, worker, policy, turns, draws, simulated)

    await asyncio.gather(*(work(worker) for worker in range(workers)))
    return simulated


async def _walk_one(
    world: World,
    shard: int,
    worker: int,
    policy: Policy,
    turns: LocalTurns,
    draws: np.random.Generator,
    simulated: Simulated,
) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.sleep(world.costs.shard_start_s)
    network = SimulatedNetwork(
        world.fates, world.costs, simulated.usage, draws, spread=world.spread
    )
    clock = VirtualClock()
    walker = Walker(_options(policy, shard), clock, Hosts(policy, clock, turns), network)
    agenda = cast("Agenda", PlannedAgenda(world.shards[shard], policy))
    frontier = Frontier(agenda, policy, itertools.count(1))

    def ended(visit: Visit, result: VisitResult) -> None:
        simulated.host_s[visit.host] = loop.time() - simulated.began_s
        for seen in result.observations:
            if seen.final:
                name = seen.outcome.value
                simulated.outcomes[name] = simulated.outcomes.get(name, 0) + 1

    await walk_shard(walker, frontier, clock, policy.hosts_at_a_time, ended)
    await walker.close()
    walk = ShardWalk(shard, worker, began - simulated.began_s, loop.time() - simulated.began_s)
    simulated.walks.append(walk)


async def walk_shard(
    walker: Walker,
    frontier: Frontier,
    clock: Clock,
    at_a_time: int,
    ended: Callable[[Visit, VisitResult], None],
    begins: Callable[[Visit], None] = lambda _visit: None,
) -> None:
    """Do what Scrapy's engine does: begin a visit whenever there is room and a host is ready."""
    running: set[asyncio.Task[None]] = set()
    defects: list[BaseException] = []
    news = asyncio.Event()

    async def walk(visit: Visit) -> None:
        result = await walker.walk(visit)
        ended(visit, result)
        frontier.put_back(result.left_over, clock.now())

    def done(task: asyncio.Task[None]) -> None:
        running.discard(task)
        news.set()
        if not task.cancelled() and (defect := task.exception()) is not None:
            defects.append(defect)

    while not frontier.is_empty:
        if defects:
            raise defects[0]
        while len(running) < at_a_time and (visit := frontier.next_visit(clock.now())):
            begins(visit)
            task = asyncio.create_task(walk(visit))
            running.add(task)
            task.add_done_callback(done)
        news.clear()
        wakes_at = None if len(running) >= at_a_time else frontier.wakes_at
        wait_s = None if wakes_at is None else max(0.0, wakes_at - clock.now())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), wait_s)


def _options(policy: Policy, shard: int) -> VisitOptions:
    """Return the options of a crawl that reaches nobody."""
    return VisitOptions(
        user_agent="stillup",
        mode=Mode.BODY,
        timeout_s=30.0,
        connect_timeout_s=CONNECT_TIMEOUT_S,
        first_byte_timeout_s=FIRST_BYTE_TIMEOUT_S,
        dns_timeout_s=5.0,
        max_bytes=1 << 30,
        max_redirects=MAX_REDIRECTS,
        policy=policy,
        guard=AddressGuard(),
        nameservers=(),
        connect_to=(),
        ca_file=None,
        round=1,
        shard=shard,
    )
