"""What a walk needs from outside: names looked up and requests sent, over sockets or in a simulation.

Room: network.
"""

from collections.abc import Callable
from typing import Protocol

from crawler.visit.dns import Resolver, dns_rate
from crawler.visit.fetch import Fetcher
from crawler.visit.options import VisitOptions


def nobody(_took_s: float) -> None:
    """Be told, and do nothing."""


class Outside(Protocol):
    """Makes what opens sockets. `Sockets` does; `crawler/simulation` has one that opens none."""

    def resolver(self, options: VisitOptions, found: Callable[[float], None]) -> Resolver:
        """Return what looks names up; `found` is told of each name how many seconds it took."""

    def fetcher(
        self,
        options: VisitOptions,
        resolver: Resolver,
        *,
        connected: Callable[[float], None] = nobody,
        keep_alive: bool = True,
    ) -> Fetcher:
        """Return what sends requests; `connected` is told how long each connection took."""


class Sockets:
    """The internet itself."""

    def resolver(self, options: VisitOptions, found: Callable[[float], None]) -> Resolver:
        """Return a resolver."""
        rate = dns_rate(options.policy)
        return Resolver(options.nameservers, options.dns_timeout_s, found, rate=rate)

    def fetcher(
        self,
        options: VisitOptions,
        resolver: Resolver,
        *,
        connected: Callable[[float], None] = nobody,
        keep_alive: bool = True,
    ) -> Fetcher:
        """Return a fetcher."""
        return Fetcher(options, resolver, connected=connected, keep_alive=keep_alive)
