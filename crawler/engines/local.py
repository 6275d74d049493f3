"""The local engine: a process for each shard, so many at a time.

Room: cluster. Workers are in sessions of their own, so that Ctrl-C on the terminal reaches this
process alone; it asks each of them to stop over its pipe, which works from the first moment on. A
worker whose parent is gone notices at its next report and ends by itself.
"""

import contextlib
import math
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Any

from crawler.tally import Progress, ShardResult, StopAskedError

_SAME_INTERRUPT_S = 1.0
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(slots=True)
class _Worker:
    shard: int
    process: BaseProcess
    pipe: Connection


@dataclass(slots=True)
class LocalEngine:
    """Runs at most `workers` shards at a time, each in a process of this machine."""

    workers: int
    _running: dict[Connection, _Worker] = field(default_factory=dict)
    _stopping: bool = False
    _asked_at: float = -math.inf

    def run(
        self,
        run: str,
        shards: Sequence[int],
        settings: Mapping[str, Any],
        report: Callable[[Progress], None],
    ) -> list[ShardResult]:
        """Walk the shards in the order given; KeyboardInterrupt stops them in an orderly way."""
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
        ours, theirs = _SPAWN.Pipe()
        arguments = (theirs, run, shard, dict(settings))
        process = _SPAWN.Process(target=_work, args=arguments, name=f"stillup shard {shard}")
        with _interrupts_held_back():
            process.start()
        theirs.close()
        self._running[ours] = _Worker(shard, process, ours)

    def _listen(self, report: Callable[[Progress], None]) -> list[ShardResult]:
        """Pass on what the workers say; return the results of those that have ended."""
        results = []
        for connection in wait(list(self._running), timeout=1.0):
            assert isinstance(connection, Connection)  # noqa: S101
            worker = self._running[connection]
            try:
                message = connection.recv()
            except (EOFError, OSError):
                message = _died(worker)
            if isinstance(message, Progress):
                report(message)
            else:
                results.append(message)
                worker.process.join()
                connection.close()
                del self._running[connection]
        return results

    def _stop(self) -> None:
        """Ask every worker to finish what is in flight; the second time, end them at once."""
        now = monotonic()
        if now - self._asked_at < _SAME_INTERRUPT_S:
            return  # a terminal and a batch system may both pass on one interrupt
        again, self._stopping, self._asked_at = self._stopping, True, now
        for worker in self._running.values():
            if again:
                worker.process.kill()
            else:
                with contextlib.suppress(OSError):
                    worker.pipe.send("stop")


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let a process start that Ctrl-C never reaches, and lose none that comes meanwhile."""
    resource_tracker.ensure_running()  # it would let interrupts through again when it starts
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _died(worker: _Worker) -> ShardResult:
    worker.process.join()
    code = worker.process.exitcode
    text = f"its worker died ({'signal' if (code or 0) < 0 else 'exit status'} {abs(code or 0)})"
    return ShardResult(worker.shard, left=-1, failure=text)


def _work(pipe: Connection, run: str, shard: int, settings: Mapping[str, Any]) -> None:
    """Walk a shard in this process, and send the result last."""
    from crawler.worker import crawl_shard  # Scrapy: seconds that the parent need not spend

    os.setsid()

    def report(progress: Progress) -> None:
        pipe.send(progress)
        if _asked_to_stop(pipe):
            raise StopAskedError

    result = crawl_shard(run, shard, settings, report)
    with contextlib.suppress(OSError):
        # What is not read when a pipe closes takes what was sent with it.
        _asked_to_stop(pipe)
        pipe.send(result)


def _asked_to_stop(pipe: Connection) -> bool:
    """Tell whether the parent wants this to end. Raises OSError when there is no parent any more."""
    try:
        return pipe.poll() and pipe.recv() == "stop"
    except EOFError as error:
        raise BrokenPipeError from error
