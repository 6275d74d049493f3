"""What the workers of a cluster and their driver say to each other.

Room: cluster. Knows nothing of what carries it.
"""

from enum import IntEnum
from time import monotonic

from crawler.tally import Progress

# After so long without a word, driver and worker take each other for dead. Ray itself needs 12 to
# 15 s to notice a dead node.
SILENCE_S = 30.0


class Order(IntEnum):
    """What the driver wants of all workers."""

    GO_ON = 0
    STOP = 1  # finish what is in flight
    END = 2  # at once


class Board:
    """Where workers say how far they are and read what the driver wants."""

    def __init__(self) -> None:
        self._latest: dict[int, Progress] = {}
        self._order = Order.GO_ON
        self._given_up: frozenset[int] = frozenset()
        self._asked_at = monotonic()

    def tell(self, word: tuple[int, Progress | None]) -> Order:
        """Note how far a try is; return what its worker is to do.

        One that was given up, since its node seemed dead, is in the way of the next.
        """
        number, progress = word
        if number in self._given_up or monotonic() - self._asked_at > SILENCE_S:
            return max(self._order, Order.STOP)
        if progress is not None:
            self._latest[progress.shard] = progress
        return self._order

    def news(self, word: tuple[Order, frozenset[int]]) -> list[Progress]:
        """Note what the driver wants and which tries it gave up; return what is new."""
        self._order, self._given_up = word
        self._asked_at = monotonic()
        latest, self._latest = self._latest, {}
        return list(latest.values())
