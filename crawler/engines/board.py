"""What the workers of a cluster and their driver say to each other.

Room: cluster. Knows nothing of what carries it.
"""

from enum import IntEnum
from time import monotonic

from crawler.tally import Progress

# After so long without a word, driver and worker take each other for dead. Ray itself needs 12 to
# 15 s to notice a dead node.
SILENCE_S = 30.0
# A try that the driver has not heard of for so long is given up: its node cannot be reached, and
# Ray may wait for that for as long as a connection without traffic lives.
LOST_S = 60.0


class Order(IntEnum):
    """What the driver wants of all workers."""

    GO_ON = 0
    STOP = 1  # finish what is in flight
    END = 2  # at once


class Board:
    """Where workers say how far they are and read what the driver wants."""

    def __init__(self) -> None:
        self._latest: dict[int, Progress] = {}
        self._heard: set[int] = set()
        self._order = Order.GO_ON
        self._given_up: frozenset[int] = frozenset()
        self._asked_at = monotonic()

    def tell(self, word: tuple[int, Progress | None]) -> Order:
        """Note how far a try is; return what its worker is to do.

        One that was given up, since its node seemed dead, is in the way of the next.
        """
        number, progress = word
        self._heard.add(number)
        if number in self._given_up or monotonic() - self._asked_at > SILENCE_S:
            return max(self._order, Order.STOP)
        if progress is not None:
            self._latest[progress.shard] = progress
        return self._order

    def news(self, word: tuple[Order, frozenset[int]]) -> tuple[list[Progress], frozenset[int]]:
        """Note what the driver wants and which tries it gave up.

        Return how far shards are by now, and the tries that were heard of since it asked last.
        """
        self._order, self._given_up = word
        self._asked_at = monotonic()
        latest, self._latest = self._latest, {}
        heard, self._heard = frozenset(self._heard), set()
        return list(latest.values()), heard
