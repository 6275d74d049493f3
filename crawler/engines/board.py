"""What the workers of a cluster and their driver say to each other.

Room: cluster. Knows nothing of what carries it.
"""

from collections.abc import Callable
from enum import IntEnum
from time import monotonic
from typing import Any

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


class Line:
    """A way to the board: one question at a time, and nobody waits for the answer.

    `answer` returns what a question came to in a tuple, an empty one where the board has died, and
    None while there is no answer.
    """

    def __init__(
        self, ask: Callable[[Any], Any], answer: Callable[[Any], tuple[Any, ...] | None]
    ) -> None:
        self._ask, self._answer = ask, answer
        self._asked: Any = None
        self._heard_at = monotonic()

    @property
    def silent(self) -> bool:
        """Tell whether the board has not answered for long."""
        return monotonic() - self._heard_at > SILENCE_S

    def exchange(self, word: Any) -> Any:
        """Return the answer to an earlier word, None while there is none, and say this one then."""
        said = None
        answered = self._answer(self._asked) if self._asked is not None else ()
        if answered:
            (said,) = answered
            self._heard_at = monotonic()
        if answered is not None:
            self._asked = self._ask(word)
        return said
