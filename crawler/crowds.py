"""Hosts of one registered domain, which stand in one line: how many are visited, and who is put aside.

Room: pure rules. How many may be visited at a time says `crawler/places.py`.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.host_work import HostWork

Ranked = tuple[float, int, HostWork]  # who takes longest comes first


@dataclass(slots=True)
class _Crowd:
    visited: int = 0
    aside: list[Ranked] = field(default_factory=list)  # a heap


class Crowds:
    """The crowd of each domain that has a host which is visited or put aside."""

    def __init__(self) -> None:
        self.aside = 0  # hosts of all domains
        self._crowds: dict[str, _Crowd] = {}

    def visited(self, domain: str) -> int:
        """Return how many hosts of a domain are visited."""
        crowd = self._crowds.get(domain)
        return 0 if crowd is None else crowd.visited

    def begin(self, domain: str) -> None:
        """Note a visit of a host of a domain."""
        self._crowds.setdefault(domain, _Crowd()).visited += 1

    def end(self, domain: str) -> Ranked | None:
        """Note the end of a visit; return the host that need not be aside any longer, if any."""
        crowd = self._crowds[domain]
        crowd.visited -= 1
        freed = heapq.heappop(crowd.aside) if crowd.aside else None
        if freed is not None:
            self.aside -= 1
        if not crowd.visited and not crowd.aside:
            del self._crowds[domain]
        return freed

    def put_aside(self, domain: str, host: Ranked) -> None:
        """Put a host aside, until a visit of its domain has ended: one is under way."""
        heapq.heappush(self._crowds[domain].aside, host)
        self.aside += 1

    def free_all(self) -> list[Ranked]:
        """Return every host that is put aside; none is any longer."""
        crowds = self._crowds.items()
        freed = [host for _, crowd in crowds for host in crowd.aside]
        self._crowds = {name: _Crowd(crowd.visited) for name, crowd in crowds if crowd.visited}
        self.aside = 0
        return freed

    def all_aside(self) -> Iterator[HostWork]:
        """Yield every host that is put aside."""
        for crowd in self._crowds.values():
            yield from (work for _, _, work in crowd.aside)
