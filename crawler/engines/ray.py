"""The Ray engine: a task for each shard, on any machine of a Ray cluster.

Room: cluster. The only module that imports ray. A task starts the shard's worker in a process of
its own, as the local engine does, and stands between it and the driver; so a worker outlives the
task that Ray ends at once, and ends by itself in an orderly way. Which trouble is tried again is
decided in `retry.py`, here and not by Ray, which would try again at once and any number of times.
"""

import contextlib
import logging
import math
import os
import platform
import secrets
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from time import monotonic
from types import FrameType
from typing import Any, Self

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when ray is imported

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from crawler.engines.child import start
from crawler.engines.retry import Tries, after
from crawler.records.errors import RunFailed
from crawler.tally import Progress, ShardResult, Trouble

_PERIOD_S = 0.5
_SAME_INTERRUPT_S = 1.0
_COUNT_S = 5.0  # how often the cluster's cores are counted again
_END_S = 10.0  # how long an end at once may take
# After so long without a word, driver and worker take each other for dead. Ray itself needs 12 to
# 15 s to notice a dead node.
_SILENCE_S = 30.0


class Order(IntEnum):
    """What the driver wants of all workers."""

    GO_ON = 0
    STOP = 1  # finish what is in flight
    END = 2  # at once


@dataclass(frozen=True, slots=True)
class _Ended:
    """What a task hands back: how the shard ended, and how far it was then."""

    result: ShardResult
    latest: Progress | None = None
    lost: bool = False  # nobody knows what has become of its worker


class Board:
    """Where workers say how far they are and read what the driver wants: an actor beside it."""

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
        if number in self._given_up or monotonic() - self._asked_at > _SILENCE_S:
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


class _Line:
    """A way to the board: one question at a time, and nobody waits for the answer."""

    def __init__(self, ask: Callable[[Any], Any]) -> None:
        self._ask = ask
        self._asked: Any = None
        self.heard_at = monotonic()

    def exchange(self, word: Any) -> Any:
        """Return the answer to an earlier word, None while there is none, and say this one then."""
        answer = None
        if self._asked is not None and ray.wait([self._asked], timeout=0)[0]:
            with contextlib.suppress(RayError):  # a board on a dead node is made anew elsewhere
                answer = ray.get(self._asked)
                self.heard_at = monotonic()
            self._asked = None
        if self._asked is None:
            self._asked = self._ask(word)
        return answer


def _walk(board: Any, number: int, run: str, shard: int, settings: Mapping[str, Any]) -> _Ended:
    """Have a shard walked on this machine, and pass on what worker and driver say."""
    child = start(run, shard, settings)
    line, latest, order = _Line(board.tell.remote), None, Order.GO_ON
    while True:
        message = child.listen() if child.pipe.poll(_PERIOD_S) else None
        if isinstance(message, ShardResult):
            return _Ended(_on_this_node(message, lost=_silent(line)), latest)
        latest = message or latest
        wanted = line.exchange((number, message)) or order
        wanted = max(wanted, Order.STOP) if _silent(line) else wanted
        if wanted > order:
            (child.kill if wanted is Order.END else child.stop)()
            order = wanted


_task = ray.remote(max_retries=0)(_walk)


def _silent(line: _Line) -> bool:
    return monotonic() - line.heard_at > _SILENCE_S


def _on_this_node(result: ShardResult, *, lost: bool) -> ShardResult:
    """Say of a failure where it was; a worker that stopped for want of a driver is one."""
    if result.failure is not None:
        return replace(result, failure=f"{result.failure} (on {platform.node()})")
    if lost and result.left:
        text = f"its worker on {platform.node()} lost sight of the driver"
        return replace(result, failure=text, trouble=Trouble.DIED)
    return result


@dataclass(slots=True)
class RayEngine:
    """Runs shards as tasks of the cluster at `address`, or of a Ray of its own on this machine.

    At most `workers` tasks at a time, otherwise as many as the cluster has cores.
    """

    workers: int | None = None
    address: str | None = None
    _order: Order = Order.GO_ON
    _asked_at: float = -math.inf
    _waiting: list[int] = field(default_factory=list)
    _not_before: dict[int, float] = field(default_factory=dict)
    _running: dict[Any, tuple[int, int]] = field(default_factory=dict)  # try and shard of a task
    _begun: int = 0
    _given_up: set[int] = field(default_factory=set)
    _tries: dict[int, Tries] = field(default_factory=dict)
    _notes: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _done: dict[int, int] = field(default_factory=dict)
    _slots: int = 0
    _counted_at: float = -math.inf

    def __enter__(self) -> Self:
        """Join the cluster. Raises RunFailed."""
        handler = signal.getsignal(signal.SIGTERM)
        try:
            _join(self.address, self.workers)
        except Exception as error:  # Ray raises Exception itself
            raise _unreachable(self.address, error) from error
        finally:
            signal.signal(signal.SIGTERM, handler)  # Ray puts one of its own there
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster; what is still running there ends by itself."""
        ray.shutdown()

    @property
    def stopped(self) -> bool:
        """Tell whether the run was interrupted."""
        return self._order is not Order.GO_ON

    def run(
        self,
        run: str,
        shards: Sequence[int],
        settings: Mapping[str, Any],
        report: Callable[[Progress], None],
    ) -> list[ShardResult]:
        """Walk the shards in the order given. SIGINT and SIGTERM stop them in an orderly way."""
        self._waiting = list(shards)
        board = _board()
        line = _Line(board.news.remote)
        where = run if "://" in run else os.path.abspath(run)  # noqa: PTH100  (the run may be a link)
        results: list[ShardResult] = []
        with self._interrupts_noted():
            while self._waiting or self._running:
                self._start(board, where, settings)
                for progress in line.exchange((self._order, frozenset(self._given_up))) or ():
                    self._pass_on(progress, report)
                results += self._listen(report)
        return results

    def _start(self, board: Any, run: str, settings: Mapping[str, Any]) -> None:
        """Hand on as many shards as there is room for, in order."""
        if self.stopped:
            self._waiting.clear()
        now = monotonic()
        ready = [shard for shard in self._waiting if self._not_before.get(shard, 0.0) <= now]
        for shard in ready[: max(0, self._room() - len(self._running))]:
            self._waiting.remove(shard)
            self._begun += 1
            task = _task.options(name=f"shard {shard}")
            begun = task.remote(board, self._begun, run, shard, dict(settings))
            self._running[begun] = self._begun, shard

    def _room(self) -> int:
        """Return how many tasks there is room for; nodes come and go."""
        if monotonic() - self._counted_at > _COUNT_S:
            self._counted_at = monotonic()
            self._slots = self.workers or max(1, int(ray.cluster_resources().get("CPU", 0)))
        return self._slots

    def _listen(self, report: Callable[[Progress], None]) -> list[ShardResult]:
        """Wait a moment for tasks to end; return the results of those that are not tried again."""
        if not self._running:
            signal.sigtimedwait([], _PERIOD_S)
            return []
        ended, _ = ray.wait(list(self._running), timeout=_PERIOD_S)
        if self._order is Order.END and monotonic() - self._asked_at > _END_S:
            ended = list(self._running)
        results = []
        for task in ended:
            number, shard = self._running.pop(task)
            end = _end(task, shard)
            if end.lost:
                self._given_up.add(number)
            if end.latest is not None:
                self._pass_on(end.latest, report)
            if not self._tried_again(end.result):
                notes = self._notes.get(shard, ()) + end.result.notes
                results.append(replace(end.result, notes=notes))
        return results

    def _tried_again(self, result: ShardResult) -> bool:
        """Put a shard back where its trouble may pass, and say so at the end."""
        shard, now = result.shard, monotonic()
        if result.trouble is None or self.stopped:
            return False
        tries = self._tries.get(shard, Tries())
        done = self._done.get(shard, 0)
        self._tries[shard], wait_s = after(tries, result.trouble, done=done, now_s=now)
        if wait_s is None:
            return False
        if result.trouble is Trouble.DIED:
            sentence = f"{result.failure}; another went on"
            self._notes[shard] = (*self._notes.get(shard, ()), sentence)
        self._not_before[shard] = now + wait_s
        self._waiting.insert(0, shard)
        return True

    def _pass_on(self, progress: Progress, report: Callable[[Progress], None]) -> None:
        self._done[progress.shard] = progress.done
        report(progress)

    @contextlib.contextmanager
    def _interrupts_noted(self) -> Iterator[None]:
        """Note interrupts instead of being thrown out of Ray's calls by them."""

        def note(_signum: int, _frame: FrameType | None) -> None:
            now = monotonic()
            if now - self._asked_at >= _SAME_INTERRUPT_S:
                self._order = Order.END if self.stopped else Order.STOP
                self._asked_at = now

        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _end(task: Any, shard: int) -> _Ended:
    """Return how a task ended, also where its node died or Ray would not run it."""
    try:
        end = ray.get(task, timeout=0)
    except RayTaskError as error:
        cause = error.cause
        return _Ended(ShardResult(shard, left=-1, failure=f"{type(cause).__name__}: {cause}"))
    except RayError as error:
        text = f"its worker or its node died ({type(error).__name__})"
        result = ShardResult(shard, left=-1, failure=text, trouble=Trouble.DIED)
        return _Ended(result, lost=True)
    assert isinstance(end, _Ended)  # noqa: S101
    return end


def _board() -> Any:
    """Start the board on the driver's own node, so that both live and die together."""
    here = ray.get_runtime_context().get_node_id()
    return (
        ray.remote(Board)
        .options(
            num_cpus=0,
            max_restarts=-1,
            scheduling_strategy=NodeAffinitySchedulingStrategy(here, soft=True),
        )
        .remote()
    )


def _join(address: str | None, workers: int | None) -> None:
    """Connect to a cluster, or start a Ray that only this machine can reach."""
    if address is not None:
        ray.init(address, logging_level=logging.WARNING)
        return
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # or it makes a file at home
    ray.init(
        "local",
        num_cpus=workers or os.cpu_count(),
        include_dashboard=False,
        logging_level=logging.WARNING,
    )


def _unreachable(address: str | None, error: Exception) -> RunFailed:
    cause = " ".join(str(error).split())[:200] or type(error).__name__
    if address is None:
        return RunFailed(f"Ray does not start on this machine: {cause}")
    return RunFailed(f"no Ray cluster can be reached at {address}: {cause}")
