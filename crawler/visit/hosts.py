"""What is known of each host while the crawl runs, and whose turn it is to ask it.

Room: network. Does what `crawler/politeness.py` decides; remembers a bounded number of hosts, and
never forgets one before its delay has passed.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from crawler.domains import registered_domain
from crawler.politeness import (
    HostPace,
    Pace,
    Policy,
    answered,
    asked,
    host_retry_at,
    ready_at,
    slowed,
)
from crawler.records import Origin, Outcome
from crawler.robots import ROBOTS_LIFETIME_S, Robots
from crawler.visit.clock import Clock

_KEEP = 20_000


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is recorded of links that nobody is asked for any more."""

    outcome: Outcome
    error: str | None


@dataclass(slots=True)
class Reach:
    """How reaching an origin, or the name of a whole host, has gone."""

    failures: int = 0
    rest_until: float = 0.0
    settlement: Settlement | None = None

    def failed(self, settlement: Settlement, policy: Policy, now: float) -> None:
        """Note that it could not be reached: rest a while, and after some times give it up."""
        self.failures += 1
        self.rest_until = host_retry_at(policy, self.failures, now)
        if self.failures >= policy.max_host_failures:
            self.settlement = settlement


@dataclass(slots=True)
class HostState:
    """One host, as far as this worker knows it."""

    host: str
    registered_domain: str
    pace: Pace
    shards: int = 1
    known: HostPace = field(default_factory=HostPace)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)  # one request at a time
    robots: dict[Origin, tuple[Robots, float]] = field(default_factory=dict)
    was_settled: bool = False  # one link stands for the attempt that settled the name
    name: Reach = field(default_factory=Reach)
    origins: dict[Origin, Reach] = field(default_factory=dict)
    tls_problems: dict[int, str] = field(default_factory=dict)  # by port
    addresses: tuple[str, ...] = ()
    kept_alive: bool = False  # its last answer left a connection that may be used again
    head_lies: bool = False
    head_confirmed: int = 0  # refusals of HEAD that GET came to as well
    refusals: int = 0  # rate-limited answers in a row
    requests: int = 0  # since the last visit's end
    first_at: datetime | None = None
    last_at: datetime | None = None

    def robots_of(self, origin: Origin, now: float) -> Robots | None:
        """Return the robots.txt of an origin if it was read within its lifetime."""
        found = self.robots.get(origin)
        return found[0] if found and now - found[1] < ROBOTS_LIFETIME_S else None

    def reach(self, origin: Origin) -> Reach:
        """Return how reaching an origin of this host has gone."""
        return self.origins.setdefault(origin, Reach())

    def count(self, moment: datetime) -> None:
        """Note a request at a moment (UTC)."""
        self.requests += 1
        self.first_at = self.first_at or moment
        self.last_at = moment


class Hosts:
    """Every host that this worker has to do with, and the turns of domains and addresses."""

    def __init__(self, policy: Policy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._hosts: OrderedDict[str, HostState] = OrderedDict()
        self._domain_free_at: OrderedDict[str, float] = OrderedDict()
        self._address_free_at: OrderedDict[str, float] = OrderedDict()

    def of(self, host: str, registered_domain: str, shards: int = 1) -> HostState:
        """Return the state of a host, made anew when it is not known."""
        state = self._hosts.get(host)
        if state is None:
            pace = self._policy.pace_of(registered_domain)
            state = self._hosts[host] = HostState(host, registered_domain, pace, shards)
            self._forget()
        self._hosts.move_to_end(host)
        state.shards = max(state.shards, shards)
        return state

    def named(self, host: str) -> HostState:
        """Return the state of a host that a redirect led to."""
        known = self._hosts.get(host)
        return known if known is not None else self.of(host, registered_domain(host))

    def restore(self, host: str, registered_domain: str, known: HostPace) -> None:
        """Take over the pace of a host from an earlier run of this crawl."""
        self.of(host, registered_domain).known = known

    async def turn(self, state: HostState) -> float:
        """Wait until the host, its domain and its address may be asked; return when it left.

        Raises StoppedError. The caller holds the host's lock.
        """
        now = self._clock.now()
        if ready_at(state.known) > now or self._clock.stopping:
            await self._clock.sleep_until(ready_at(state.known))
            now = self._clock.now()
        if (booked := self._book(state, now)) > now:
            await self._clock.sleep_until(booked)
            now = self._clock.now()
        state.known = asked(state.known, state.pace, now, state.shards)
        return now

    def answered(self, state: HostState, asked_at: float, latency_s: float) -> None:
        """Note an answer that did not ask to slow down."""
        state.refusals = 0
        state.known = answered(
            state.known,
            self._policy,
            state.pace,
            now=asked_at + latency_s,
            latency_s=latency_s,
            shards=state.shards,
        )

    def slowed(self, state: HostState, retry_after_s: float | None) -> None:
        """Note a 429 or 503."""
        state.refusals += 1
        state.known = slowed(
            state.known,
            self._policy,
            state.pace,
            now=self._clock.now(),
            retry_after_s=retry_after_s,
        )

    def _book(self, state: HostState, now: float) -> float:
        """Take the next free moment of the host's domain and of its address."""
        domain, address = state.registered_domain, next(iter(state.addresses), "")
        moment = max(
            now, self._domain_free_at.get(domain, 0.0), self._address_free_at.get(address, 0.0)
        )
        _take(self._domain_free_at, domain, moment + state.pace.domain_delay_s * state.shards, now)
        if address:
            _take(self._address_free_at, address, moment + self._policy.address_delay_s, now)
        return moment

    def _forget(self) -> None:
        """Drop the host that was used longest ago, if it owes us no waiting."""
        if len(self._hosts) <= _KEEP:
            return
        host, state = next(iter(self._hosts.items()))
        if state.lock.locked() or ready_at(state.known) > self._clock.now():
            self._hosts.move_to_end(host)
        else:
            del self._hosts[host]


def _take(free_at: OrderedDict[str, float], key: str, moment: float, now: float) -> None:
    """Book `key` until a moment, and drop a few bookings that have passed."""
    free_at[key] = moment
    free_at.move_to_end(key)
    while len(free_at) > _KEEP:
        oldest = next(iter(free_at))
        if free_at[oldest] > now:
            break
        del free_at[oldest]
