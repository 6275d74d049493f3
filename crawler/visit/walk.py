"""The visit: the links of one host, one after the other, at the host's pace.

Room: network. Reads from top to bottom: arrive, walk link after link, and hand back what is left.
A visit never fails: what happens to it is in its observations and in what is left over.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from crawler.doubt import Blame, Layer
from crawler.politeness import delay_s, gives_up, ready_at
from crawler.records import (
    HostVisit,
    Observation,
    Origin,
    Outcome,
    ShardLink,
    Visit,
    VisitResult,
)
from crawler.robots import RobotsAnswer
from crawler.visit.ask import Asker
from crawler.visit.canary import CanaryKeeper
from crawler.visit.clock import Clock, StoppedError
from crawler.visit.develop import Developer
from crawler.visit.doubt import Doubt
from crawler.visit.failures import LookUpError, describe, outcome_of_error
from crawler.visit.foresight import Foresight
from crawler.visit.host_state import HostState, Reach, Settlement
from crawler.visit.hosts import Hosts
from crawler.visit.look import Looker
from crawler.visit.observe import unasked
from crawler.visit.options import VisitOptions
from crawler.visit.outside import Outside, Sockets
from crawler.visit.reservations import ReservationReader
from crawler.visit.robots_reader import RobotsReader

# Outcomes that say nothing of the link: its origin could not be reached at all.
_UNREACHED = {
    Outcome.DNS_FAILURE,
    Outcome.CONNECT_REFUSED,
    Outcome.CONNECT_TIMEOUT,
    Outcome.CONNECT_FAILED,
    Outcome.TLS_FAILED,
}
# Outcomes that another try would not change.
_CERTAIN = {Outcome.DNS_NOT_FOUND, Outcome.ADDRESS_BLOCKED}

_PAUSED = Settlement(Outcome.RATE_LIMITED, "the host asked for a longer pause than a round waits")
_REFUSED = Settlement(Outcome.RATE_LIMITED, "the host went on refusing")
_NO_ROBOTS = Settlement(Outcome.ROBOTS_UNREACHABLE, "robots.txt could not be read")
_DISALLOWED = Settlement(Outcome.ROBOTS_DENIED, None)


@dataclass(slots=True)
class _Walk:
    """What a visit has come to so far."""

    visit: Visit
    state: HostState
    ends_at: float
    seen: list[Observation] = field(default_factory=list)
    later: list[ShardLink] = field(default_factory=list)
    later_at: float = 0.0
    began: float = 0.0  # of the link that is looked at now
    robots: RobotsAnswer | None = None

    def put_off(self, link: ShardLink, until: float) -> None:
        """Leave a link for a later visit, not before a moment."""
        self.later_at = min(self.later_at, until) if self.later else until
        self.later.append(link)


class Walker:
    """Walks visits; one of them serves all visits of a worker at the same time."""

    def __init__(
        self,
        options: VisitOptions,
        clock: Clock,
        hosts: Hosts | None = None,
        outside: Outside | None = None,
    ) -> None:
        """Walk over sockets, or over another `outside`."""
        outside = Sockets() if outside is None else outside
        self._options = options
        self._policy = options.policy
        self.clock = clock
        self.hosts = Hosts(options.policy, clock) if hosts is None else hosts
        self._resolver = outside.resolver(options, self._found)
        self.doubt = Doubt(options, self._resolver, self.hosts, clock, outside)
        self._foresight = Foresight(self._resolver.foresee, self._may_foresee)
        self._fetcher = outside.fetcher(options, self._resolver, connected=self._connected)
        asker = Asker(self._fetcher, self.hosts, self.doubt)
        self._robots = RobotsReader(options, asker, self.hosts, clock)
        self._developer = Developer(clock) if options.fingerprint else None
        self._looker = Looker(options, asker, self.hosts, self._robots, clock, self._developer)
        self._canaries = CanaryKeeper(options, asker, self.hosts, self._robots, clock)
        self._reservations = ReservationReader(options, asker, self.hosts, self._robots)

    async def walk(self, visit: Visit) -> VisitResult:
        """Walk one visit. Raises nothing but a defect of ours."""
        state = self.hosts.visited(visit)
        walk = _Walk(visit, state, self.clock.now() + min(self._policy.visit_s, visit.lasts_s))
        walked = 0
        try:
            await self._arrive(walk)
            while walked < len(visit.links) and not self._must_leave(walk):
                link = visit.links[walked]
                await self._link(walk, link)
                walked += 1
                await self._reservations.ask_after(walk.seen, link, state)
                if state.canary_due:
                    await self._canaries.ask_after(walk.seen, link, visit, state)
        except StoppedError:
            pass
        except asyncio.CancelledError:
            if not self._out_of_time():
                raise
        if self._developer is not None:
            await self._fingerprinted(walk, self._developer)
        return self._result(walk, visit.links[walked:])

    def foresee(self, host: str) -> None:
        """Look the name of a host up that will be visited soon."""
        self._foresight.announce(host)

    @property
    def told(self) -> tuple[str, ...]:
        """What happened to our own network, for the end of a crawl: a sentence for each thing."""
        return (*self.doubt.told, *self._resolver.told)

    async def close(self) -> None:
        """Close every connection."""
        await self._foresight.close()
        if self._developer is not None:
            await self._developer.close()
        await self.doubt.close()
        await self._fetcher.close()
        await self._resolver.close()

    async def _fingerprinted(self, walk: _Walk, developer: Developer) -> None:
        """Wait for what the pictures of a visit tell, unless the crawl is to stop."""
        try:
            walk.seen = await developer.finished(walk.seen)
        except asyncio.CancelledError:
            if not self._out_of_time():
                raise
            walk.seen = developer.as_they_are(walk.seen)

    def _out_of_time(self) -> bool:
        """Take a cancellation back that ends the time which a stop leaves to what is in flight."""
        task = asyncio.current_task()
        if not self.clock.stopping or task is None:
            return False
        task.uncancel()
        return True

    def _may_foresee(self) -> bool:
        return not (self.clock.stopping or self.doubt.network_is_away)

    def _found(self, took_s: float) -> None:
        self.doubt.vouch(Layer.NAMES, took_s)

    def _connected(self, took_s: float) -> None:
        self.doubt.vouch(Layer.CONNECTIONS, took_s)

    async def _arrive(self, walk: _Walk) -> None:
        """Find the host's addresses; without them nobody needs to be asked. Raises StoppedError."""
        state = walk.state
        if gives_up(state.known, self._policy, self.clock.now()):
            state.name.settlement = _PAUSED
        if state.name.settlement is not None:
            return
        while (error := await self._look_up(walk)) is not None:
            why = Settlement(outcome_of_error(error), describe(error))
            blame = await self._blame(walk, why.outcome)
            if blame is not Blame.OURS:
                self._unreached(state.name, replace(why, suspect=blame is Blame.UNKNOWN))
                return
            await self.doubt.network_back()
            self._resolver.forget_failures()  # they are of before, and would be ours again

    async def _look_up(self, walk: _Walk) -> LookUpError | None:
        """Find the addresses of the visit's host, or return why there are none.

        What failed began when the name servers were asked, which may have been before the visit.
        """
        walk.began = self.clock.now()
        try:
            walk.state.addresses = await self._resolver.addresses(walk.visit.host)
        except LookUpError as error:
            walk.began = min(walk.began, error.asked_at)
            return error
        walk.state.name.failures = 0
        return None

    def _must_leave(self, walk: _Walk) -> bool:
        """End the visit when it has lasted long enough, or would only wait."""
        if gives_up(walk.state.known, self._policy, self.clock.now()):
            walk.state.name.settlement = walk.state.name.settlement or _PAUSED
        if walk.state.name.settlement is not None:
            return self.clock.stopping
        moment = max(self.clock.now(), ready_at(walk.state.known), walk.state.name.rest_until)
        return self.clock.stopping or moment > walk.ends_at

    async def _link(self, walk: _Walk, link: ShardLink) -> None:
        """Look at one link, or find out why nobody is to be asked for it. Raises StoppedError."""
        url = link.url
        origin = Origin(url.scheme, url.host, url.port)
        reach = walk.state.reach(origin)
        if self._given_up(walk, link, reach):
            return
        walk.began = self.clock.now()
        known = self._robots.known(walk.state, origin)
        read = await self._robots.read(walk.state, origin) if known is None else known
        walk.robots = read.robots.answer
        if read.unreached is not None:
            error = read.unreached
            why = Settlement(outcome_of_error(error), describe(error))
            await self._failed(walk, link, reach, why)
        elif read.robots.answer is RobotsAnswer.UNREACHABLE:
            await self._failed(walk, link, reach, _NO_ROBOTS)
        elif not read.robots.allows(url.wire_url):
            self._unasked(walk, link, _DISALLOWED, inferred=False)
        elif (until := ready_at(walk.state.known)) > walk.ends_at:
            walk.put_off(link, until)  # reading robots.txt has taken the visit's time
        else:
            await self._look(walk, link, reach)

    def _given_up(self, walk: _Walk, link: ShardLink, reach: Reach) -> bool:
        """Settle or put off a link whose host or origin is known not to be reachable now."""
        settlement = walk.state.name.settlement or reach.settlement
        rest_until = max(walk.state.name.rest_until, reach.rest_until)
        if settlement is not None:
            self._unasked(walk, link, settlement, inferred=self._is_second(walk, settlement))
        elif rest_until > self.clock.now():
            walk.put_off(link, rest_until)
        else:
            return False
        return True

    async def _look(self, walk: _Walk, link: ShardLink, reach: Reach) -> None:
        seen = await self._looker.look(walk.visit, link, walk.state)
        if seen.outcome in _UNREACHED and not seen.hops:
            await self._failed(walk, link, reach, Settlement(seen.outcome, seen.error))
        elif seen.outcome is Outcome.RATE_LIMITED:
            self._refused(walk, link, seen)
        elif (
            seen.error is None
            or (blame := await self._blame(walk, seen.outcome, link)) is Blame.HOST
        ):
            reach.failures = 0
            walk.seen.append(seen)
        else:
            self._suspect(walk, link, seen, blame)

    def _refused(self, walk: _Walk, link: ShardLink, seen: Observation) -> None:
        """A 429, or a 503 with Retry-After: the link is asked again in its host's time, if at all."""
        now = self.clock.now()
        refusing = self.hosts.named(seen.host or walk.visit.host)
        if gives_up(walk.state.known, self._policy, now):
            walk.state.name.settlement = _PAUSED
        elif walk.state.refusals > 2 * self._policy.max_attempts:
            walk.state.name.settlement = _REFUSED
        hopeless = walk.state.name.settlement or gives_up(refusing.known, self._policy, now)
        final = seen.attempt >= self._policy.max_attempts or bool(hopeless)
        walk.seen.append(replace(seen, final=final))
        if not final:
            until = max(ready_at(walk.state.known), now + self.hosts.wait_s(refusing))
            walk.put_off(replace(link, attempts=seen.attempt), until)

    async def _failed(self, walk: _Walk, link: ShardLink, reach: Reach, why: Settlement) -> None:
        """Come back later to an origin that could not be reached; after some times, settle it.

        Raises StoppedError.
        """
        blame = await self._blame(walk, why.outcome, link)
        if blame is Blame.OURS:
            seen = unasked(self._options, walk.visit, link, why, inferred=False)
            self._suspect(walk, link, seen, blame)
            return
        self._unreached(reach, replace(why, suspect=blame is Blame.UNKNOWN))
        if reach.settlement is not None:
            self._unasked(walk, link, reach.settlement, inferred=False)
        else:
            walk.put_off(link, reach.rest_until)

    def _suspect(self, walk: _Walk, link: ShardLink, seen: Observation, blame: Blame) -> None:
        """Write down a look that our own network may have spoiled, and look again if it did."""
        again = blame is Blame.OURS
        walk.seen.append(replace(seen, final=not again, suspect=True))
        if again:
            walk.put_off(replace(link, attempts=seen.attempt), self.clock.now())

    async def _blame(self, walk: _Walk, outcome: Outcome, link: ShardLink | None = None) -> Blame:
        """Say whose the failure of what began last is. Raises StoppedError.

        A look may be laid at an outage in hindsight as long as its link may be looked at again.
        """
        again = link is not None and link.attempts + 1 < self._policy.max_attempts
        domain = walk.visit.registered_domain
        return await self.doubt.blame(outcome, domain, walk.began, in_hindsight=again)

    def _unreached(self, reach: Reach, why: Settlement) -> None:
        reach.failed(why, self._policy, self.clock.now())
        if why.outcome in _CERTAIN:
            reach.settlement = why

    def _unasked(self, walk: _Walk, link: ShardLink, why: Settlement, *, inferred: bool) -> None:
        walk.seen.append(unasked(self._options, walk.visit, link, why, inferred=inferred))

    def _is_second(self, walk: _Walk, settlement: Settlement) -> bool:
        """Tell whether a link only shares the fate of another: the first one stands for itself."""
        if settlement in (_PAUSED, _REFUSED) or walk.state.was_settled:
            return True
        walk.state.was_settled = True
        return settlement is not walk.state.name.settlement

    def _result(self, walk: _Walk, rest: tuple[ShardLink, ...]) -> VisitResult:
        """Sum a visit up: what was seen, what the host is like, and what is left over."""
        name = walk.state.name
        moments = [0.0]
        is_hopeless = gives_up(walk.state.known, self._policy, self.clock.now())
        if name.settlement is None and not is_hopeless:  # else nobody is asked any more
            moments = [ready_at(walk.state.known), name.rest_until]
            if walk.later and not rest:
                moments.append(walk.later_at)
        links, not_before = (*rest, *walk.later), max(moments)
        left_over = replace(walk.visit, links=links, not_before=not_before, known=walk.state)
        return VisitResult(tuple(walk.seen), self._host_visit(walk), left_over)

    def _host_visit(self, walk: _Walk) -> HostVisit:
        state, visit = walk.state, walk.visit
        blocked_s = state.known.blocked_until - self.clock.now()
        blocked_until = datetime.now(UTC) + timedelta(seconds=blocked_s) if blocked_s > 0 else None
        record = HostVisit(
            host=visit.host,
            registered_domain=visit.registered_domain,
            round=self._options.round,
            ips=state.addresses,
            robots=walk.robots,
            crawl_delay_s=state.known.crawl_delay_s or None,
            requests=state.requests,
            first_at=state.first_at,
            last_at=state.last_at,
            delay_s=delay_s(state.known, state.pace, state.parts),
            blocked_until=blocked_until,
            shard=self._options.shard,
            visit_id=visit.visit_id,
        )
        state.requests, state.first_at, state.last_at = 0, None, None
        return self._canaries.told(record, state)
