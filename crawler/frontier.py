"""The frontier: which host is visited next. It stands where Scrapy has its scheduler.

Room: Scrapy glue. `next_request` takes the next visit from the agenda or from what earlier visits
left over: of those whose time has come, the host with the most links left. Nothing is queued
twice. What is kept in memory is one entry for each host that was begun and not finished, and no
other is begun while those are many; links that a visit did not get to are read again.

Pinned to Scrapy's minor version: it wakes the engine through its private slot, because an engine
whose scheduler has nothing ready is otherwise asked again only every five seconds.
"""

import asyncio
import heapq
import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from crawler.agenda import Agenda, HostEntry
from crawler.politeness import Policy, delay_s
from crawler.records import ShardLink, Visit
from crawler.visit.hosts import Hosts

VISIT_SCHEME = "visit"

_MOST_BEGUN = 4_000  # hosts begun and not finished, while any of them is ready
_SLOWEST_AMONG = 1_000  # hosts with the most links left that an estimate looks at


@dataclass(slots=True)
class _HostWork:
    """What is left to do of one host."""

    entry: HostEntry
    next_row: int
    put_back: tuple[ShardLink, ...] = ()
    given: tuple[ShardLink, ...] = ()  # to the visit in flight
    fresh: int = 0  # of these, how many come from the rows before `next_row`

    @property
    def left(self) -> int:
        return len(self.put_back) + self.entry.start + self.entry.count - self.next_row

    def take_back(self, links: tuple[ShardLink, ...]) -> None:
        """Take what the visit left over: first what it did not get to, if anything, then the rest.

        Of the former, what was fresh is forgotten, to be read again from its rows.
        """
        given, self.given = self.given, ()
        unwalked = given[given.index(links[0]) :] if links and links[0] in given else ()
        if links[: len(unwalked)] != unwalked:
            unwalked = ()
        again = min(self.fresh, len(unwalked))
        self.next_row -= again
        self.put_back = links[: len(unwalked) - again] + links[len(unwalked) :]


@dataclass(slots=True)
class Frontier:
    """Hosts that were begun, and the agenda with those that were not. `now` is monotonic."""

    agenda: Agenda
    visit_links: int
    visit_ids: "itertools.count[int]"
    foresee: Callable[[str], None] | None = None  # is told of a host before its visit,
    ahead: int = 0  # when so many others are to be begun before it
    _ready: list[tuple[int, int, _HostWork]] = field(default_factory=list)
    _waiting: list[tuple[float, int, _HostWork]] = field(default_factory=list)
    _walking: dict[str, _HostWork] = field(default_factory=dict)
    _ties: "itertools.count[int]" = field(default_factory=itertools.count)
    _unseen: Iterator[HostEntry] = field(init=False)
    _next_entry: HostEntry | None = field(init=False)
    _coming: deque[HostEntry] = field(default_factory=deque)  # those after it, if told of

    def __post_init__(self) -> None:
        self._unseen = self.agenda.hosts()
        self._next_entry = next(self._unseen, None)

    def next_visit(self, now: float) -> Visit | None:
        """Return the visit to begin now, or None when none is ready."""
        self._look_ahead()
        while self._waiting and self._waiting[0][0] <= now:
            self._make_ready(heapq.heappop(self._waiting)[2])
        work = self._take_biggest()
        return None if work is None else self._visit(work)

    def put_back(self, visit: Visit, now: float) -> None:
        """Take back what a visit left over; the host may have more links in the agenda."""
        work = self._walking.pop(visit.host)
        work.take_back(visit.links)
        if work.left == 0:
            return
        if visit.not_before > now:
            heapq.heappush(self._waiting, (visit.not_before, next(self._ties), work))
        else:
            self._make_ready(work)

    def lose(self, visit: Visit) -> int:
        """Forget a host whose visit ended in a defect of ours; return how many links that leaves."""
        return self._walking.pop(visit.host).left + len(visit.links)

    @property
    def wakes_at(self) -> float | None:
        """When the next waiting host will be ready."""
        return self._waiting[0][0] if self._waiting else None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is left that could become a visit."""
        return not (self._ready or self._waiting or self._walking or self._next_entry)

    @property
    def walking(self) -> int:
        """How many hosts are being visited."""
        return len(self._walking)

    def slowest_s(self, hosts: Hosts, policy: Policy) -> float:
        """Return the seconds that politeness alone takes for the slowest host that is left."""
        begun = (entry[2] for entry in itertools.chain(self._ready, self._waiting))
        biggest = heapq.nlargest(_SLOWEST_AMONG, begun, key=lambda work: work.left)
        works = itertools.chain(self._walking.values(), biggest)
        slowest = max((_politeness_s(work, hosts) for work in works), default=0.0)
        if self._next_entry is None:
            return slowest
        pace = policy.pace_of(self._next_entry.registered_domain)
        return max(
            slowest, self._next_entry.count * self._next_entry.domain_shards * pace.min_delay_s
        )

    def _make_ready(self, work: _HostWork) -> None:
        heapq.heappush(self._ready, (-work.left, next(self._ties), work))

    def _take_biggest(self) -> _HostWork | None:
        entry = self._next_entry
        begun = len(self._ready) + len(self._waiting) + len(self._walking)
        if self._ready and (
            entry is None or begun >= _MOST_BEGUN or -self._ready[0][0] >= entry.count
        ):
            return heapq.heappop(self._ready)[2]
        if entry is None:
            return None
        self._next_entry = self._coming.popleft() if self._coming else next(self._unseen, None)
        return _HostWork(entry, entry.start)

    def _look_ahead(self) -> None:
        """Tell of hosts whose visits are not far."""
        missing = self.ahead - len(self._coming)
        if self.foresee is not None and missing > 0:
            for entry in itertools.islice(self._unseen, missing):
                self._coming.append(entry)
                self.foresee(entry.host)

    def _visit(self, work: _HostWork) -> Visit:
        entry = work.entry
        end = entry.start + entry.count
        wanted = min(self.visit_links - len(work.put_back), end - work.next_row)
        fresh = self.agenda.links(work.next_row, wanted) if wanted > 0 else []
        work.next_row += len(fresh)
        links = work.given = (*work.put_back, *fresh)
        work.put_back, work.fresh = (), len(fresh)
        self._walking[entry.host] = work
        return Visit(
            next(self.visit_ids), entry.host, entry.registered_domain, entry.domain_shards, links
        )


class FrontierScheduler(BaseScheduler):
    """Scrapy's view of the frontier. The spider gives it its frontier when it opens."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._frontier: Frontier | None = None
        self._alarm: asyncio.TimerHandle | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "FrontierScheduler":
        """Make the scheduler of a crawl."""
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        """Take over the spider's frontier."""
        self._frontier = spider.frontier  # type: ignore[attr-defined]

    def close(self, reason: str) -> None:  # noqa: ARG002
        """Stop waking the engine."""
        if self._alarm is not None:
            self._alarm.cancel()

    def has_pending_requests(self) -> bool:
        """Tell whether the crawl may not end yet."""
        return self._frontier is not None and not self._frontier.is_empty

    def enqueue_request(self, request: Request) -> bool:
        """Take back what a visit left over; nothing else is ever scheduled."""
        assert self._frontier is not None  # noqa: S101
        self._frontier.put_back(request.meta["visit"], time.monotonic())
        return True

    def next_request(self) -> Request | None:
        """Return the next visit as a request, or None until a host is ready."""
        assert self._frontier is not None  # noqa: S101
        visit = self._frontier.next_visit(time.monotonic())
        if visit is None:
            self._wake_later()
            return None
        return visit_request(visit, self._lost)

    def _lost(self, failure: Failure) -> None:
        """Forget a host whose visit ended in a defect of ours, and say so at the end."""
        request = failure.request  # type: ignore[attr-defined]
        spider: Any = self._crawler.spider
        spider.lost(request.meta["visit"], failure.value)

    def _wake_later(self) -> None:
        """Have the engine ask again when the next host is ready."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._frontier is not None and (moment := self._frontier.wakes_at) is not None:
            wait_s = max(0.0, moment - time.monotonic())
            self._alarm = asyncio.get_running_loop().call_later(wait_s, self._wake)

    def _wake(self) -> None:
        slot = self._crawler.engine._slot  # noqa: SLF001
        if slot is not None:
            slot.nextcall.schedule()


def visit_request(visit: Visit, errback: Callable[[Failure], Any] | None) -> Request:
    """Wrap a visit for Scrapy. All visits share one download slot: their pace is our own."""
    return Request(
        f"{VISIT_SCHEME}://visit/{visit.visit_id}",
        meta={"visit": visit, "download_slot": VISIT_SCHEME, "verbatim_url": True},
        errback=errback,
        dont_filter=True,
    )


def _politeness_s(work: _HostWork, hosts: Hosts) -> float:
    entry = work.entry
    state = hosts.of(entry.host, entry.registered_domain, entry.domain_shards)
    if state.name.settlement is not None:
        return 0.0
    return work.left * delay_s(state.known, state.pace, state.shards)
