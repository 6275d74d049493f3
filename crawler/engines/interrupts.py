"""Interrupts that are noted, where being thrown out of a call by one would lose a result.

Room: cluster.
"""

import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from types import FrameType

from crawler.engines.board import Order

_SAME_INTERRUPT_S = 1.0


@dataclass(slots=True)
class Interrupts:
    """What whoever sends SIGINT or SIGTERM wants by now, and since when."""

    order: Order = Order.GO_ON
    at: float = -math.inf

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note interrupts: the first asks for a stop, a second one for the end."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._note) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, _signum: int, _frame: FrameType | None) -> None:
        now = monotonic()
        if now - self.at >= _SAME_INTERRUPT_S:  # a terminal and a batch system may pass on one
            self.order = Order.STOP if self.order is Order.GO_ON else Order.END
            self.at = now
