"""The frontier: which host is visited next. It stands where Scrapy has its scheduler.

Room: Scrapy glue. `next_request` takes the next visit from the agenda or from what earlier visits
left over: of those whose time has come, the host that will take longest. A large host is asked first
how slowly it wants to be asked. Where places are few, one is kept for a host that will take much
longer and is due soon, and lent out until then. Nothing is queued twice. What is kept in memory is
one entry for each host that was begun and not finished, with what its walker knows of it, and no other is
begun while those are many; links that a visit did not get to are read again.

Pinned to Scrapy's minor version: it wakes the engine through its private slot, because an engine
whose scheduler has nothing ready is otherwise asked again only every five seconds.
"""

import asyncio
import heapq
import itertools
import math
import time
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from crawler.agenda import Agenda, HostEntry
from crawler.crowds import Crowds, Ranked
from crawler.host_work import LEAST_LINK_S, HostWork
from crawler.places import (
    LEAST_LENT_S,
    SCOUT_S,
    free_until,
    goes_before_s,
    most_of_domain,
    worth_scouting,
)
from crawler.politeness import Policy, delay_s
from crawler.records import Visit
from crawler.visit.hosts import Hosts

VISIT_SCHEME = "visit"

_MOST_BEGUN = 1_000  # hosts begun and not finished, while any of them is ready
_MOST_KEPT = 10_000  # hosts begun and not finished, also while all of them have to wait
_SLOWEST_AMONG = 1_000  # hosts with the most links left that an estimate looks at


@dataclass(slots=True)
class Frontier:
    """Hosts that were begun, and the agenda with those that were not. `now` is monotonic."""

    agenda: Agenda
    policy: Policy
    visit_ids: "itertools.count[int]"
    foresee: Callable[[str], None] | None = None  # is told of a host before its visit
    _ready: list[Ranked] = field(default_factory=list)  # a heap
    _waiting: list[tuple[float, int, float, HostWork]] = field(default_factory=list)  # sorted
    _waiting_s: list[float] = field(default_factory=list)  # how long these take; sorted
    _walking: dict[str, HostWork] = field(default_factory=dict)
    _crowds: Crowds = field(default_factory=Crowds)  # of those, and who is put aside for them
    _ends: list[float] = field(default_factory=list)  # of the visits in flight, likely; sorted
    _ties: "itertools.count[int]" = field(default_factory=itertools.count)
    _unseen: Iterator[HostEntry] = field(init=False)
    _next: HostWork | None = field(init=False)  # the first that was not begun
    _coming: deque[HostEntry] = field(default_factory=deque)  # those after it, if told of
    _slowest_s: float = field(init=False)  # what the host with most links takes, as far as is known

    def __post_init__(self) -> None:
        self._unseen = self.agenda.hosts()
        self._next = self._unbegun()
        self._slowest_s = 0.0 if self._next is None else self._next.takes_s

    def next_visit(self, now: float) -> Visit | None:
        """Return the visit to begin now, or None when none is ready."""
        self._look_ahead()
        while self._waiting and self._waiting[0][0] <= now:
            _, _, takes_s, rested = self._waiting.pop(0)
            del self._waiting_s[bisect_left(self._waiting_s, takes_s)]
            self._make_ready(rested)
        scouted = self._to_scout()
        work = scouted or self._slowest_with_room()
        if work is None or (until := self._free_until(work, now)) < now + LEAST_LENT_S:
            return None
        if work is self._next:
            self._next = self._unbegun()
        else:
            heapq.heappop(self._ready)
        if scouted is not None:
            work.is_scouted = True
            until = min(until, now + SCOUT_S)
        return self._visit(work, now, until)

    def put_back(self, visit: Visit, now: float) -> None:
        """Take back what a visit left over; the host may have more links in the agenda."""
        work = self._ended(visit)
        work.take_back(visit.links, max(now, visit.not_before))
        work.known = visit.known
        if work.left == 0:
            return
        if visit.not_before > now:
            insort(self._waiting, (visit.not_before, next(self._ties), work.takes_s, work))
            insort(self._waiting_s, work.takes_s)
        else:
            self._make_ready(work)

    def lose(self, visit: Visit) -> int:
        """Forget a host whose visit ended in a defect of ours; return how many links that leaves."""
        return self._ended(visit).left + len(visit.links)

    @property
    def wakes_at(self) -> float | None:
        """When the next waiting host will be ready."""
        return self._waiting[0][0] if self._waiting else None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is left that could become a visit."""
        return not (self._kept or self._next)

    @property
    def walking(self) -> int:
        """How many hosts are being visited."""
        return len(self._walking)

    def slowest_s(self, hosts: Hosts) -> float:
        """Return the seconds that politeness alone takes for the slowest host that is left."""
        begun = [*(one[-1] for one in self._ready), *(one[-1] for one in self._waiting)]
        begun += self._crowds.all_aside()
        biggest = heapq.nlargest(_SLOWEST_AMONG, begun, key=lambda work: work.left)
        works = itertools.chain(self._walking.values(), biggest)
        slowest = max((_politeness_s(work, hosts) for work in works), default=0.0)
        return slowest if self._next is None else max(slowest, self._next.takes_s)

    def _ended(self, visit: Visit) -> HostWork:
        work = self._walking.pop(visit.host)
        del self._ends[bisect_left(self._ends, work.ends)]
        if (freed := self._crowds.end(visit.registered_domain)) is not None:
            heapq.heappush(self._ready, freed)
        return work

    def _make_ready(self, work: HostWork) -> None:
        heapq.heappush(self._ready, self._ranked(work))

    def _ranked(self, work: HostWork) -> Ranked:
        return -work.takes_s, next(self._ties), work

    def _unbegun(self) -> HostWork | None:
        """Return the first host that was not begun; how long its links take is not known yet."""
        entry = self._coming.popleft() if self._coming else next(self._unseen, None)
        if entry is None:
            return None
        pace = self.policy.pace_of(entry.registered_domain)
        link_s = max(pace.min_delay_s, LEAST_LINK_S) * entry.domain_shards
        return HostWork(entry, entry.start, link_s)

    def _to_scout(self) -> HostWork | None:
        """Return the first host that was not begun, if the crawl may have to wait for it."""
        work, visit_s = self._next, self.policy.visit_s
        if work is None or self._begun >= _MOST_BEGUN or self._kept >= _MOST_KEPT:
            return None
        if self._is_crowded(work):
            return None
        if not worth_scouting(work.takes_s, self._may_take_s(work), self._slowest_s, visit_s):
            return None
        return work

    def _may_take_s(self, work: HostWork) -> float:
        """Return how long a host takes that asks for the longest Crawl-delay which is obeyed."""
        pace = self.policy.pace_of(work.entry.registered_domain)
        return work.left * max(pace.min_delay_s, pace.max_crawl_delay_s) * work.entry.domain_shards

    @property
    def _begun(self) -> int:
        return len(self._ready) + len(self._waiting) + len(self._walking)

    @property
    def _kept(self) -> int:
        return self._begun + self._crowds.aside

    def _slowest_with_room(self) -> HostWork | None:
        """Return the host that will take longest; put those aside whose domain has its places.

        Where all that are left have a place, nobody stays aside.
        """
        while (work := self._slowest()) is not None and self._is_crowded(work):
            if work is self._next:
                self._next = self._unbegun()
            else:
                heapq.heappop(self._ready)
            self._crowds.put_aside(work.entry.registered_domain, self._ranked(work))
        if work is None and self._crowds.aside and self._all_have_places:
            for freed in self._crowds.free_all():
                heapq.heappush(self._ready, freed)
            return self._slowest()
        return work

    @property
    def _all_have_places(self) -> bool:
        """Tell whether there are as many places as hosts that are left: then nobody is in the way."""
        return self._next is None and self._kept <= self.policy.hosts_at_a_time

    def _is_crowded(self, work: HostWork) -> bool:
        """Tell whether so many hosts of a domain are visited that others would only stand in its line."""
        if self._all_have_places:
            return False
        domain, policy = work.entry.registered_domain, self.policy
        every_s = policy.pace_of(domain).domain_delay_s * work.entry.domain_shards
        most = most_of_domain(policy.hosts_at_a_time, policy.visit_s, every_s)
        return self._crowds.visited(domain) >= most

    def _slowest(self) -> HostWork | None:
        """Return the host that will take longest of those that may be visited now."""
        unbegun = self._next if self._kept < _MOST_KEPT else None
        if self._ready and (
            unbegun is None or self._begun >= _MOST_BEGUN or -self._ready[0][0] >= unbegun.takes_s
        ):
            return self._ready[0][-1]
        return unbegun

    def _free_until(self, work: HostWork, now: float) -> float:
        """Return until when a host may have a place, for the sake of those that go before it."""
        free = max(1, self.policy.hosts_at_a_time - len(self._walking))
        least_s = goes_before_s(work.takes_s, self.policy.visit_s)
        if free > len(self._waiting_s) - bisect_right(self._waiting_s, least_s):
            return math.inf
        soon = bisect_right(self._waiting, now + self.policy.visit_s, key=itemgetter(0))
        waiting = itertools.islice(self._waiting, soon)
        dues = (due for due, _, takes_s, _ in waiting if takes_s > least_s)
        return free_until(free, self._ends, now, dues)

    def _look_ahead(self) -> None:
        """Tell of hosts whose visits are not far."""
        missing = self.policy.names_ahead - len(self._coming)
        if self.foresee is not None and missing > 0:
            for entry in itertools.islice(self._unseen, missing):
                self._coming.append(entry)
                self.foresee(entry.host)

    def _visit(self, work: HostWork, now: float, until: float) -> Visit:
        entry, policy = work.entry, self.policy
        lasts_s = work.visit_lasts_s(policy.visit_s)
        end = entry.start + entry.count
        most = 1 if work.is_scouted else policy.visit_links
        wanted = min(most - len(work.put_back), end - work.next_row)
        fresh = self.agenda.links(work.next_row, wanted) if wanted > 0 else []
        work.next_row += len(fresh)
        links = work.given = (*work.put_back, *fresh)
        work.put_back, work.fresh = (), len(fresh)
        work.began, work.ends = now, min(until, now + lasts_s)
        self._walking[entry.host] = work
        self._crowds.begin(entry.registered_domain)
        insort(self._ends, work.ends)
        return Visit(
            next(self.visit_ids),
            entry.host,
            entry.registered_domain,
            entry.domain_shards,
            links,
            lasts_s=until - now,
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


def _politeness_s(work: HostWork, hosts: Hosts) -> float:
    if not work.was_visited:
        return work.takes_s  # and nothing is known of it that should be looked up
    entry = work.entry
    state = hosts.of(entry.host, entry.registered_domain, entry.domain_shards)
    if state.name.settlement is not None:
        return 0.0
    return work.left * delay_s(state.known, state.pace, state.shards)
