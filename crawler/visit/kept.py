"""Connections that are kept alive between requests, by where they lead.

Room: network. At most one is kept for a place: a host is asked one request at a time.
"""

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

from crawler.visit.wire import Wire

KEEP_S = 30.0


class Place(NamedTuple):
    """Where a connection leads: the host and port of a URL, with or without TLS, verified or not."""

    host: str
    port: int
    tls: bool
    verified: bool = True


@dataclass(slots=True)
class Kept:
    """The connections that nobody uses; the one that was used longest ago comes first."""

    _wires: dict[Place, tuple[Wire, float]] = field(default_factory=dict)
    _sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._wires)

    def take(self, place: Place) -> Wire | None:
        """Return the connection to a place, if there is one that is still of use."""
        wire, _ = self._wires.pop(place, (None, 0.0))
        return wire if wire is not None and wire.is_usable else None

    def keep(self, place: Place, wire: Wire) -> None:
        """Keep a connection for the next request."""
        before, _ = self._wires.pop(place, (None, 0.0))
        if before is not None:
            before.close()
        self._wires[place] = wire, monotonic()
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(KEEP_S, self._close_old)

    def close_oldest(self) -> None:
        """Close the connection that was used longest ago."""
        if self._wires:
            self._wires.pop(next(iter(self._wires)))[0].abort()

    def close(self) -> None:
        """Close them all."""
        while self._wires:
            self._wires.popitem()[1][0].close()
        if self._sweep is not None:
            self._sweep.cancel()

    def _close_old(self) -> None:
        self._sweep = None
        now = monotonic()
        while self._wires:
            place, (wire, kept_at) = next(iter(self._wires.items()))
            if (left_s := kept_at + KEEP_S - now) > 0:
                self._sweep = asyncio.get_running_loop().call_later(left_s, self._close_old)
                return
            del self._wires[place]
            wire.close()
