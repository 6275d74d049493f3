"""An event loop and a crawl's clock in virtual time: nothing sleeps, and time jumps to what is next.

Room: network (its loop alone; no socket is opened on it).
"""

import asyncio
from typing import Any

from crawler.visit.clock import Clock


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock stands still while anything runs, and jumps while nothing does."""

    def __init__(self, most_steps: int | None = None) -> None:
        """With `most_steps`, AssertionError ends what turns in circles."""
        super().__init__()
        self._virtual_s = 1000.0
        self._steps_left = most_steps

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._virtual_s

    def _run_once(self) -> None:
        if self._steps_left is not None:
            self._steps_left -= 1
            assert self._steps_left > 0, "something turns in circles"  # noqa: S101
        inside: Any = self
        if inside._scheduled:  # noqa: SLF001
            due = inside._scheduled[0]._when  # noqa: SLF001
            # asyncio runs what is due within its clock's resolution; by then it must be due.
            if not inside._ready or due < self._virtual_s + inside._clock_resolution:  # noqa: SLF001
                self._virtual_s = max(self._virtual_s, due)
        super()._run_once()  # type: ignore[misc]


class VirtualClock(Clock):
    """The crawl's clock on the virtual loop."""

    def __init__(self) -> None:
        super().__init__()
        self.now = asyncio.get_running_loop().time
