"""The crawl's clock, and its end: every wait of a visit wakes up when the crawl is told to stop.

Room: network.
"""

import asyncio
import time
from collections.abc import Callable


class StoppedError(Exception):
    """The crawl was told to stop while somebody waited."""


class Clock:
    """Monotonic seconds, and sleeping on them."""

    def __init__(self, may_go_on: Callable[[], bool] = lambda: True) -> None:
        """`may_go_on` tells whether the shard is still ours."""
        self._stop = asyncio.Event()
        self._may_go_on = may_go_on
        self.now = time.monotonic

    @property
    def stopping(self) -> bool:
        """Tell whether the crawl was told to stop."""
        return self._stop.is_set() or not self._may_go_on()

    def stop(self) -> None:
        """Wake up everybody who sleeps."""
        self._stop.set()

    async def sleep_until(self, moment: float) -> None:
        """Sleep until `now()` has reached a moment. Raises StoppedError."""
        while (left_s := moment - self.now()) > 0:
            try:
                await asyncio.wait_for(self._stop.wait(), left_s)
            except TimeoutError:
                continue
            break
        if self.stopping:
            raise StoppedError
