"""One host, as far as a worker knows it: its pace, its robots.txt, and how reaching it has gone.

Room: network. Whose turn it is to ask is the matter of `hosts.py`.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from crawler.doubt import Asked
from crawler.neighbours import digest
from crawler.politeness import HostPace, Pace, Policy, host_retry_at
from crawler.records import Observation, Origin, Outcome
from crawler.robots import ROBOTS_LIFETIME_S, Robots
from crawler.tdm import TdmRule


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is recorded of links that nobody is asked for any more."""

    outcome: Outcome
    error: str | None
    suspect: bool = False


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


@dataclass(frozen=True, slots=True)
class Canary:
    """What a host said to nonsense. `answer` is None where nobody was asked."""

    visit_id: int
    tries: int  # of this worker, with this one
    url: str
    outcome: Outcome
    answer: Observation | None = None


@dataclass(slots=True)
class Noted:
    """What was last kept of a host for a restart: its delay (0 for none), its block, and when."""

    delay_s: float = 0.0
    blocked_until: float = 0.0
    at: float = 0.0


@dataclass(slots=True, weakref_slot=True)
class HostState:
    """One host, as far as this worker knows it."""

    host: str
    registered_domain: str
    pace: Pace
    shards: int = 1
    sharers: int = 1  # groups of workers that ask it as well
    known: HostPace = field(default_factory=HostPace)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)  # one request at a time
    robots: dict[Origin, tuple[Robots, float]] = field(default_factory=dict)
    tdm_rules: dict[Origin, tuple[TdmRule, ...]] = field(default_factory=dict)
    tdm_due: Origin | None = None  # whose tdmrep.json is to be asked for
    was_settled: bool = False  # one link stands for the attempt that settled the name
    name: Reach = field(default_factory=Reach)
    origins: dict[Origin, Reach] = field(default_factory=dict)
    tls_problems: dict[int, str] = field(default_factory=dict)  # by port
    addresses: tuple[str, ...] = ()
    peers: dict[int, str] = field(default_factory=dict)  # by port: the address of the last request
    turn_address: str = ""  # the address whose turn the request in flight took
    asked: Asked | None = None  # the request that left last
    waiting: int = 0  # requests that wait for their turn or are in flight
    noted: Noted = field(default_factory=Noted)
    head_lies: bool = False
    head_confirmed: int = 0  # refusals of HEAD that GET came to as well
    refusals: int = 0  # rate-limited answers in a row
    canary_due: bool = True
    canary: Canary | None = None
    requests: int = 0  # since the last visit's end
    first_at: datetime | None = None
    last_at: datetime | None = None
    host_key: str = field(init=False)  # in the turns
    domain_key: str = field(init=False)
    domain_digest: str = field(init=False)  # in notices to other workers

    def __post_init__(self) -> None:
        """Name the turns of the host and of its domain."""
        self.host_key, self.domain_key = f"h {self.host}", f"d {self.registered_domain}"
        self.domain_digest = digest(self.registered_domain)

    @property
    def parts(self) -> int:
        """How many workers, or groups of them, ask this host at an equal share of its rate."""
        return self.shards * self.sharers

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
