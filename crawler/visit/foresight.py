"""Names that will be wanted soon are looked up before anybody waits for them.

Room: network. So many at a time, in the rate of the resolver; what comes of a name is the resolver's to
remember, and is judged when its host is visited and not before.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

AT_A_TIME = 32  # half of what a name server is asked for at a time: the rest is for who waits
_MOST_WAITING = 1_024


class Foresight:
    """Looks names up in the order in which they were announced. Close it at the end."""

    def __init__(
        self, look_up: Callable[[str], Awaitable[None]], may_ask: Callable[[], bool]
    ) -> None:
        """`may_ask` tells whether it makes sense to ask now; what was announced is dropped otherwise."""
        self._look_up = look_up
        self._may_ask = may_ask
        self._names: deque[str] = deque(maxlen=_MOST_WAITING)
        self._workers: set[asyncio.Task[None]] = set()

    def announce(self, name: str) -> None:
        """Look a name up soon. Where too many wait, the oldest is left to its own visit."""
        self._names.append(name)
        if len(self._workers) < AT_A_TIME:
            worker = asyncio.get_running_loop().create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def close(self) -> None:
        """Ask for nothing any more."""
        self._names.clear()
        workers = list(self._workers)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self) -> None:
        while self._names:
            name = self._names.popleft()
            if self._may_ask():
                await self._look_up(name)
