"""What is known of each host while the crawl runs, and whose turn it is to ask it.

Room: network. Does what `crawler/politeness.py` decides; remembers a bounded number of hosts, and
never forgets one that somebody walks or keeps (`Visit.known`), or before its delay and its slowdown
have passed.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakValueDictionary

from crawler.domains import registered_domain
from crawler.neighbours import Notice
from crawler.politeness import (
    HostPace,
    Policy,
    answered,
    asked,
    delay_s,
    learned,
    may_be_forgotten,
    paused,
    ready_at,
    slowed,
    troubled,
)
from crawler.records import Visit
from crawler.turns import LocalTurns, Turns
from crawler.visit.clock import Clock, StoppedError
from crawler.visit.failures import PausedElsewhereError
from crawler.visit.host_state import HostState, Noted
from crawler.visit.others import Others
from crawler.visit.under_way import IN_FLIGHT_S, UnderWay

PATIENCE_S = 60.0  # the longest pause of a host that is waited for within a visit

_KEEP = 2_000  # beside those that are gone on with, which the frontier keeps
_FORGET_TRIES = 8
_LOOK_AGAIN_S = 0.1
# A delay below this is not kept for a restart, which takes about as long.
_NOTED_S = 2.0
_NOTED_AGAIN_AFTER = 30
_NOBODY = Notice(owner="", group="", shard=0, ttl_s=1.0)  # of a worker that no other hears of


class Hosts:
    """Every host that this worker has to do with, and the turns of domains and addresses.

    `keep` is told of every host whose pace must outlive this process. `begun_at` is when this
    worker took over from an earlier one, which may have asked anybody just before.
    """

    def __init__(
        self,
        policy: Policy,
        clock: Clock,
        turns: Turns | None = None,
        *,
        keep: Callable[[HostState], None] | None = None,
        begun_at: float | None = None,
        others: Others | None = None,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._turns: Turns = LocalTurns() if turns is None else turns
        self.under_way = UnderWay(self._turns, clock)
        self._others = Others(_NOBODY) if others is None else others
        self._keep = keep
        self._begun_at = begun_at
        self._hosts: OrderedDict[str, HostState] = OrderedDict()
        self._kept: WeakValueDictionary[str, HostState] = WeakValueDictionary()
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, host: str, registered_domain: str, shards: int = 1) -> HostState:
        """Return the state of a host, made anew when it is not known."""
        state = self._hosts.get(host)
        if state is None:
            state = self._kept.get(host) or self._new(host, registered_domain, shards)
            self._hosts[host] = self._kept[host] = state
            self._forget()
        self._hosts.move_to_end(host)
        state.shards = max(state.shards, shards)
        return state

    def visited(self, visit: Visit) -> HostState:
        """Return the state of a host that is visited, which is of our own shard."""
        state = self.of(visit.host, visit.registered_domain, visit.domain_shards)
        self._others.visits(state)
        return state

    def named(self, host: str) -> HostState:
        """Return the state of a host that a redirect led to."""
        known = self._hosts.get(host)
        return known if known is not None else self.of(host, registered_domain(host))

    def restore(self, host: str, registered_domain: str, known: HostPace, shards: int = 1) -> None:
        """Take over the pace of a host from an earlier run of this crawl."""
        state = self.of(host, registered_domain, shards)
        before = state.known
        state.known = HostPace(
            ready_at=max(before.ready_at, known.ready_at),
            blocked_until=max(before.blocked_until, known.blocked_until),
            slowdown_s=max(before.slowdown_s, known.slowdown_s),
        )
        known = state.known
        self._turns.hold(state.host_key, ready_at(known), self._clock.now(), known.slowdown_s)

    def wait_s(self, state: HostState) -> float:
        """Return the seconds that somebody who comes to a host now waits for its turn, about."""
        own_s = max(0.0, ready_at(state.known) - self._clock.now())
        return own_s + state.waiting * delay_s(state.known, state.pace, state.parts)

    def is_too_far(self, state: HostState) -> bool:
        """Tell whether the turn of a host is further away than anybody waits for within a visit."""
        blocked_s = state.known.blocked_until - self._clock.now()
        most_s = PATIENCE_S + delay_s(state.known, state.pace, state.parts)
        return blocked_s > PATIENCE_S or self.wait_s(state) > most_s

    async def rest(self, pause_s: float) -> None:
        """Wait as long as a redirect asks for. Raises StoppedError and PausedElsewhereError."""
        if pause_s > PATIENCE_S:
            raise PausedElsewhereError("the redirect is to be followed later")
        await self._clock.sleep_until(self._clock.now() + pause_s)

    async def turn(self, state: HostState, port: int = 0) -> float:
        """Wait until the host, its domain and its address may be asked; return when it left.

        Raises StoppedError, and PausedElsewhereError where the host asked for a longer pause than
        anybody waits for. The caller holds the host's lock, and tells what came of the request.
        """
        self._refuse_long_pause(state)
        left_at = None
        while left_at is None:
            await self._be_ready(state)
            state.turn_address = state.peers.get(port) or next(iter(state.addresses), "")
            domain, address = state.domain_key, _address_key(state.turn_address)
            if domain not in self._lines and address not in self._lines:
                left_at = self._leave(state)
            if left_at is None:
                left_at = await self._stand_in_line(state)
        if (slowdown_s := self._turns.slowdown_s(state.host_key)) > state.known.slowdown_s:
            state.known = replace(state.known, slowdown_s=slowdown_s)  # another worker was told
        state.known = asked(state.known, state.pace, left_at, state.parts)
        self.under_way.left(state, left_at)
        return left_at

    async def connected(self, state: HostState, port: int, address: str) -> None:
        """Wait for the turn of the address that a request is about to be sent to.

        Mostly it was foreseen. It was not when the first of a host's addresses does not answer,
        or when its name leads somewhere else by now: then the request leaves, and counts, later.
        """
        state.peers[port] = address
        if address != state.turn_address:
            state.turn_address = address
            self.under_way.waits(state)
            left_at = None
            while left_at is None:
                left_at = await self._stand_in_line(state, is_under_way=True)
            state.known = asked(state.known, state.pace, left_at, state.parts)
            self.under_way.left(state, left_at)

    def answered(
        self, state: HostState, ago_s: float, latency_s: float, *, good: bool = True
    ) -> None:
        """Note an answer that began some seconds ago, or no answer, and did not ask to slow down."""
        state.refusals = 0
        self.under_way.ended(state)
        began_at = self._clock.now() - ago_s
        pace, shards = state.pace, state.parts
        if good:
            state.known = answered(
                state.known, self._policy, pace, now=began_at, latency_s=latency_s, shards=shards
            )
        else:
            state.known = troubled(
                state.known, pace, now=began_at, latency_s=latency_s, shards=shards
            )
        self._settle(state)

    def slowed(self, state: HostState, retry_after_s: float | None) -> None:
        """Note a 429 or 503."""
        state.refusals += 1
        self.under_way.ended(state)
        state.known = slowed(
            state.known,
            self._policy,
            state.pace,
            now=self._clock.now(),
            retry_after_s=retry_after_s,
            shards=state.parts,
        )
        self._settle(state)

    def paused(self, state: HostState, pause_s: float) -> None:
        """Note a Retry-After that came with any other answer."""
        state.known = paused(state.known, now=self._clock.now(), pause_s=pause_s)
        self._settle(state)

    def learned(self, state: HostState, crawl_delay_s: float) -> None:
        """Note the Crawl-delay of a robots.txt that was just read."""
        now = self._clock.now()
        state.known = learned(state.known, state.pace, crawl_delay_s, now, state.parts)
        self._settle(state)

    def abandoned(self, state: HostState) -> None:
        """Note that a request was broken off, by a stop or a defect: it counts until now."""
        now = self._clock.now()
        self.under_way.abandoned(state)
        state.known = asked(state.known, state.pace, now, state.parts)
        self._settle(state)

    def _new(self, host: str, registered_domain: str, shards: int) -> HostState:
        pace = self._policy.pace_of(registered_domain)
        state = HostState(host, registered_domain, pace, shards)
        if self._begun_at is not None:
            state.known = asked(state.known, pace, self._begun_at, shards)
        return state

    async def _be_ready(self, state: HostState) -> None:
        """Wait until the host may be asked, by us and not by other workers. Raises StoppedError."""
        while True:
            now = self._clock.now()
            until = max(ready_at(state.known), now + self._others.wait_s(state, self._policy))
            if until <= now and not self._clock.stopping:
                return
            await self._clock.sleep_until(until)

    async def _stand_in_line(self, state: HostState, *, is_under_way: bool = False) -> float | None:
        """Wait behind those who came before, at the domain and then at the address.

        A request that is under way has taken its host's turn already. None where the host's turn is
        over before the line is.
        """
        domain, address = state.domain_key, _address_key(state.turn_address)
        async with self._line(domain):
            now = self._clock.now()
            while (free_at := self._turns.free_at(domain)) > now:
                await self._clock.sleep_until(free_at)
                now = self._clock.now()
            async with self._line(address):
                while (left_at := self._leave(state, is_under_way=is_under_way)) is None:
                    if not is_under_way and self._others.wait_s(state, self._policy):
                        return None
                    await self._clock.sleep_until(self._free_at(state, is_under_way=is_under_way))
        return left_at

    def _line(self, key: str) -> asyncio.Lock:
        """Return the line at a domain or an address: first come, first served."""
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = asyncio.Lock()
        return line

    def _leave(self, state: HostState, *, is_under_way: bool = False) -> float | None:
        """Take the turns of host, domain and address and return the moment, or None if not free."""
        if self._clock.stopping:
            raise StoppedError
        if not is_under_way and self._others.wait_s(state, self._policy):
            return None
        if self._others.address_wait_s(state, self._policy):
            return None
        now = self._clock.now()
        wanted = [(state.domain_key, now + state.pace.domain_delay_s * state.parts)]
        if not is_under_way:
            wanted.append((state.host_key, now + IN_FLIGHT_S))
        if state.turn_address:
            address = _address_key(state.turn_address)
            wanted.append((address, now + self._policy.address_delay_s * self._others.groups))
        if self._turns.take(wanted, now):
            return None
        self._others.left(state)
        return now

    def _free_at(self, state: HostState, *, is_under_way: bool) -> float:
        """Return when the turns of a host that could not leave may be free.

        Another worker takes a host for longer than its request will need, and nobody wakes us when
        the answer is there.
        """
        host_at = 0.0 if is_under_way else self._turns.free_at(state.host_key)
        now = self._clock.now()  # after that: another worker may have taken it a moment ago
        if host_at - now > IN_FLIGHT_S:  # another worker was asked for a pause
            state.known = paused(state.known, now=now, pause_s=host_at - now)
            self._refuse_long_pause(state)
        keys = (state.domain_key, _address_key(state.turn_address))
        host_at = min(host_at, now + _LOOK_AGAIN_S)
        ours_at = now + self._others.address_wait_s(state, self._policy)
        return max(host_at, ours_at, *(self._turns.free_at(key) for key in keys))

    def _refuse_long_pause(self, state: HostState) -> None:
        if state.known.blocked_until - self._clock.now() > PATIENCE_S:
            text = f"{state.host} asked for a pause"
            raise PausedElsewhereError(text)

    def _settle(self, state: HostState) -> None:
        """Tell other workers when the host may be asked next, and keep what a restart must know."""
        now = self._clock.now()
        known = state.known
        free_at = now + IN_FLIGHT_S if self.under_way.has(state) else ready_at(known)
        self._turns.hold(state.host_key, max(free_at, ready_at(known)), now, known.slowdown_s)
        if self._keep is None:
            return
        noted, until = state.noted, state.known.blocked_until
        wait_s = delay_s(state.known, state.pace)
        wait_s = wait_s if wait_s > max(_NOTED_S, state.pace.min_delay_s) else 0.0
        is_due = wait_s and now > noted.at + _NOTED_AGAIN_AFTER * wait_s
        if (
            is_due
            or until > noted.blocked_until
            or not noted.delay_s / 2 <= wait_s <= (1.5 * noted.delay_s)
        ):
            state.noted = Noted(wait_s, until, now)
            self._keep(state)

    def _forget(self) -> None:
        """Drop hosts that were used longest ago, if they owe us no waiting."""
        now = self._clock.now()
        for _ in range(_FORGET_TRIES):
            if len(self._hosts) <= _KEEP:
                return
            host, state = next(iter(self._hosts.items()))
            if state.lock.locked() or not may_be_forgotten(state.known, now):
                self._hosts.move_to_end(host)
            else:
                del self._hosts[host]


def _address_key(address: str) -> str:
    return "a " + address
