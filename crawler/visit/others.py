"""Other groups of workers that may ask the same hosts and addresses, and what they leave to us.

Room: network. What groups make of each other's notices is decided in `crawler/neighbours.py`; a
thread (`crawler/holding.py`) brings those notices and takes ours, while visits ask here.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from crawler.neighbours import Neighbours, Notice, address_window, digest, host_window
from crawler.politeness import Policy
from crawler.visit.host_state import HostState

# How soon to look again whether all others have read what we wrote.
LOOK_AGAIN_S = 0.5
# A domain that we have not asked for so long is one that we do not ask.
_ASKED_S = 60.0
_KEEP = 20_000
# Of an address that was asked so often for one domain alone, others will hardly have another.
_LONELY_AFTER = 3

Value = TypeVar("Value")


@dataclass(slots=True)
class _Asked:
    """A domain that others may ask too: when we did last, and in which notice we first said so."""

    at: float
    said: int | None = None


class Others:
    """What is known of other groups. All of it is right for a worker that is alone."""

    def __init__(
        self,
        own: Notice,
        *,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.known = Neighbours(own)
        self.wanted = threading.Event()  # that our notice is written soon
        self._now = now
        self._wall = wall
        self._asked: dict[str, _Asked] = {}
        self._lock = threading.Lock()
        self._own: OrderedDict[str, float] = OrderedDict()  # when we asked there last
        self._tenants: OrderedDict[str, tuple[str, int]] = OrderedDict()

    @property
    def groups(self) -> int:
        """How many groups there are, our own among them."""
        return 1 if not self.known.others else len(self.known.groups())

    def visits(self, state: HostState) -> None:
        """Note a host of our own shard: nobody else asks its domain, but for redirects."""
        _kept(self._own, state.domain_digest, self._own.get(state.domain_digest, -_ASKED_S))

    def wait_s(self, state: HostState, policy: Policy) -> float:
        """Return how long a host is not ours to ask yet, 0 if it is; and note that we would."""
        domain = state.domain_digest
        is_own = domain in self._own
        if is_own and not self.known.is_asked_by_others(domain):
            state.sharers = 1
            return 0.0
        said = self._would_ask(domain)
        known = self.known  # after that: what is asked is said in every notice from here on
        if known.is_alone:
            state.sharers = 1
            return 0.0
        share = known.share_of_domain(domain)
        if said is None or share is None or not known.have_read(said):
            return LOOK_AGAIN_S
        # The shares of a domain that is split are apart as it is.
        is_split = is_own and state.shards > 1
        state.sharers = -(-share.groups // state.shards) if is_split else share.groups
        if share.groups == 1 or is_split:
            return 0.0
        least_s = max(
            state.pace.min_delay_s, min(state.known.crawl_delay_s, state.pace.max_crawl_delay_s)
        )
        mine = host_window(share, self.groups, least_s, policy.address_delay_s)
        return mine.opens_in(self._wall())

    def address_wait_s(self, state: HostState, policy: Policy) -> float:
        """Return how long the address of a host is not ours to ask yet, 0 if it is."""
        if self.known.is_alone or not state.turn_address or self._is_lonely(state):
            return 0.0
        share = self.known.share_of_all()
        if share is None:
            return LOOK_AGAIN_S
        return address_window(share, policy.address_delay_s).opens_in(self._wall())

    def left(self, state: HostState) -> None:
        """Note that a request leaves for a host and the address whose turn it has taken."""
        if state.domain_digest in self._own:
            self._own[state.domain_digest] = self._now()
        before, times = self._tenants.get(state.turn_address, (state.domain_digest, 0))
        tenant = before if before == state.domain_digest else ""
        _kept(self._tenants, state.turn_address, (tenant, times + 1))

    def take(self, others: Sequence[Notice]) -> None:
        """Know what the notices of all others say. What is asked from here on waits for them."""
        self.known = replace(self.known, others=tuple(others))

    def notice(self) -> Notice:
        """Return what is to be written of us now. `written` must follow."""
        known = self.known
        with self._lock:
            self._remember(known)
            asks = {domain: digest(*known.askers(domain)) for domain in self._asked}
        return replace(
            known.own,
            written=known.own.written + 1,
            groups=digest(*known.groups()),
            read={other.owner: other.written for other in known.others},
            asks=asks,
        )

    def written(self, own: Notice) -> None:
        """Know that our notice was written."""
        with self._lock:
            for domain in own.asks:
                if (asked := self._asked.get(domain)) is not None and asked.said is None:
                    asked.said = own.written
        self.known = replace(self.known, own=own)

    def _would_ask(self, domain: str) -> int | None:
        """Note that we ask a domain; return in which notice we first said so, if in any yet."""
        with self._lock:
            asked = self._asked.get(domain)
            if asked is None:
                asked = self._asked[domain] = _Asked(self._now())
                self.wanted.set()
            asked.at = self._now()
            return asked.said

    def _remember(self, known: Neighbours) -> None:
        """Say what of our own we have just asked, if others are about to; and no more of the rest."""
        now = self._now()
        for domain in {domain for other in known.others for domain in other.asks}:
            if self._own.get(domain, -math.inf) > now - _ASKED_S:
                self._asked.setdefault(domain, _Asked(now))
        stale = [domain for domain, asked in self._asked.items() if asked.at < now - _ASKED_S]
        for domain in stale:
            del self._asked[domain]

    def _is_lonely(self, state: HostState) -> bool:
        tenant, times = self._tenants.get(state.turn_address, ("", 0))
        return tenant == state.domain_digest and times >= _LONELY_AFTER


def _kept(table: "OrderedDict[str, Value]", key: str, value: Value) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > _KEEP:
        table.popitem(last=False)
