"""What is left to do of one host that was begun, and how long that will take.

Room: pure rules.
"""

from dataclasses import dataclass

from crawler.agenda import HostEntry
from crawler.records import ShardLink

_ASKED_FIRST = 2  # robots.txt and a canary come before, or after, a host's first link
LEAST_LINK_S = 1e-3


@dataclass(slots=True)
class HostWork:
    """A host that was begun. `link_s` is how long one of its links takes, its waiting included."""

    entry: HostEntry
    next_row: int
    link_s: float
    put_back: tuple[ShardLink, ...] = ()
    given: tuple[ShardLink, ...] = ()  # to the visit in flight
    fresh: int = 0  # of these, how many come from the rows before `next_row`
    began: float = 0.0  # the visit in flight
    ends: float = 0.0  # that visit, likely
    is_scouted: bool = False  # that visit is to tell how long links take
    known: object = None  # to its walker, which may forget what nobody keeps

    @property
    def was_visited(self) -> bool:
        """Tell whether a visit is under way, or has ended and left something."""
        return bool(self.given) or self.known is not None

    @property
    def left(self) -> int:
        """How many links no visit was given."""
        return len(self.put_back) + self.entry.start + self.entry.count - self.next_row

    @property
    def takes_s(self) -> float:
        """How many seconds they will take."""
        return self.left * self.link_s

    def visit_lasts_s(self, most_s: float) -> float:
        """Return how long a visit that begins now will likely last."""
        first = _ASKED_FIRST if self.next_row == self.entry.start else 0
        link_s = max(self.link_s, LEAST_LINK_S)
        return min(self.left + first - 1, most_s // link_s) * link_s

    def take_back(self, links: tuple[ShardLink, ...], next_at: float) -> None:
        """Take what the visit left over: first what it did not get to, if anything, then the rest.

        Of the former, what was fresh is forgotten, to be read again from its rows. `next_at` is when
        the host may be visited next: how long its links take is the mean of this visit and before.
        """
        given, self.given = self.given, ()
        unwalked = given[given.index(links[0]) :] if links and links[0] in given else ()
        if links[: len(unwalked)] != unwalked:
            unwalked = ()
        if walked := len(given) - len(unwalked):
            is_first = self.fresh and self.next_row - self.fresh == self.entry.start
            asked = walked + _ASKED_FIRST if is_first else walked
            self.link_s = (self.link_s + (next_at - self.began) / asked) / 2
        elif self.is_scouted:
            self.link_s = max(self.link_s, next_at - self.began)
        self.is_scouted = False
        again = min(self.fresh, len(unwalked))
        self.next_row -= again
        self.put_back = links[: len(unwalked) - again] + links[len(unwalked) :]
