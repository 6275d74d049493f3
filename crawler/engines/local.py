"""The local engine: a process for each shard, so many at a time.

Room: cluster.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from time import monotonic
from typing import Any, Self

from crawler.engines.child import Child, start
from crawler.tally import Progress, ShardResult

_SAME_INTERRUPT_S = 1.0


@dataclass(slots=True)
class LocalEngine:
    """Runs at most `workers` shards at a time, each in a process of this machine."""

    workers: int
    _running: dict[Connection, Child] = field(default_factory=dict)
    _stopping: bool = False
    _asked_at: float = -math.inf

    def __enter__(self) -> Self:
        """Nothing to reach: the workers are on this machine."""
        return self

    def __exit__(self, *_: object) -> None:
        """Every worker has ended by now."""

    def run(
        self,
        run: str,
        shards: Sequence[int],
        settings: Mapping[str, Any],
        report: Callable[[Progress], None],
    ) -> list[ShardResult]:
        """Walk the shards in the order given. SIGINT and SIGTERM stop them in an orderly way."""
        waiting = list(shards)
        results: list[ShardResult] = []
        while waiting or self._running:
            try:
                while waiting and len(self._running) < self.workers and not self._stopping:
                    self._start(run, waiting.pop(0), settings)
                results += self._listen(report)
            except KeyboardInterrupt:
                self._stop()
                waiting.clear()
        return results

    @property
    def stopped(self) -> bool:
        """Tell whether the run was interrupted."""
        return self._stopping

    def _start(self, run: str, shard: int, settings: Mapping[str, Any]) -> None:
        child = start(run, shard, settings)
        self._running[child.pipe] = child

    def _listen(self, report: Callable[[Progress], None]) -> list[ShardResult]:
        """Pass on what the workers say; return the results of those that have ended."""
        results = []
        for connection in wait(list(self._running), timeout=1.0):
            assert isinstance(connection, Connection)  # noqa: S101
            message = self._running[connection].listen()
            if isinstance(message, Progress):
                report(message)
            else:
                results.append(message)
                del self._running[connection]
        return results

    def _stop(self) -> None:
        """Ask every worker to finish what is in flight; the second time, end them at once."""
        now = monotonic()
        if now - self._asked_at < _SAME_INTERRUPT_S:
            return  # a terminal and a batch system may both pass on one interrupt
        again, self._stopping, self._asked_at = self._stopping, True, now
        for child in self._running.values():
            if again:
                child.kill()
            else:
                child.stop()
