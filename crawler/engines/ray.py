"""The Ray engine: a task for each shard, on any machine of a Ray cluster.

Room: cluster. The only module that imports ray. A task starts the shard's worker in a process of
its own, as the local engine does, and stands between it and the driver. Which trouble is tried
again is decided in `retry.py`, here and not by Ray, which would try again at once and any number of times.
"""

import contextlib
import logging
import math
import os
import secrets
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any, Self

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when ray is imported
# Switched off, Ray still reports that it is, unless there is nobody to report it to.
os.environ.setdefault("RAY_USAGE_STATS_REPORT_URL", "http://127.0.0.1:9/")
# After so long without the head, Ray ends the process that it is in; we have left by then.
os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", "180")

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from crawler.engines.board import LOST_S, SILENCE_S, Board, Line, Order
from crawler.engines.child import start
from crawler.engines.ended import Ended, cut_off, died, headless, on_this_node
from crawler.engines.head import Head
from crawler.engines.home import at_home
from crawler.engines.interrupts import Interrupts
from crawler.engines.knock import knock, unreachable
from crawler.engines.leaving import leave
from crawler.engines.ledger import Ledger
from crawler.records.errors import RunFailed
from crawler.tally import Progress, ShardResult

_PERIOD_S = 0.5
_QUIET_S = 15.0  # no shard is begun while the head has been silent for so long
_BEGIN_S = 5.0  # how long a task may take from its beginning to its first word
_END_S = 10.0  # how long an end at once may take
# Behind `ray://` a process is started for each client, which may die of a race in its fork.
_JOIN_TRIES = 3


def _answer(asked: Any) -> tuple[Any, ...] | None:
    """Return the board's answer, nothing where the board has died, None while there is none."""
    if not ray.wait([asked], timeout=0)[0]:
        return None
    with contextlib.suppress(RayError):  # a board on a dead node is made anew elsewhere
        return (ray.get(asked),)
    return ()


def _walk(board: Any, number: int, run: str, shard: int, settings: Mapping[str, Any]) -> Ended:
    """Have a shard walked on this machine, and pass on what worker and driver say."""
    child = start(run, shard, settings)
    line, latest, order = Line(board.tell.remote, _answer), None, Order.GO_ON
    while True:
        message = child.listen() if child.pipe.poll(_PERIOD_S) else None
        if isinstance(message, ShardResult):
            return Ended(on_this_node(message, lost=line.silent), latest)
        latest = message or latest
        wanted = line.exchange((number, message)) or order
        wanted = max(wanted, Order.STOP) if line.silent else wanted
        if wanted > order:
            (child.kill if wanted is Order.END else child.stop)()
            order = wanted


_task = ray.remote(max_retries=0)(_walk)


@dataclass(slots=True)
class RayEngine:
    """Runs shards as tasks of the cluster at `address`, or of a Ray of its own on this machine.

    At most `workers` tasks at a time, otherwise as many as the cluster has cores.
    """

    workers: int | None = None
    address: str | None = None
    _opened: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _interrupts: Interrupts = field(default_factory=Interrupts)
    _head: Head = field(init=False)
    _lost_at: float | None = None  # when the head was given up
    _done: bool = False
    _ledger: Ledger = field(default_factory=Ledger)
    _running: dict[Any, tuple[int, int]] = field(default_factory=dict)  # try and shard of a task
    _begun: int = 0
    _heard_at: dict[int, float] = field(default_factory=dict)  # of a try; infinite until it begins
    _handed_at: dict[int, float] = field(default_factory=dict)
    _stuck: set[int] = field(default_factory=set)  # shards that Ray kept from beginning
    _given_up: set[int] = field(default_factory=set)

    def __enter__(self) -> Self:
        """Join the cluster. Raises RunFailed."""
        handler = signal.getsignal(signal.SIGTERM)
        home = self._opened.enter_context(TemporaryDirectory(prefix="stillup-ray-"))
        try:
            _join(self.address, self.workers, Path(home))
        except Exception as error:  # Ray raises Exception itself
            self._opened.close()
            raise unreachable(self.address, error) from error
        finally:
            signal.signal(signal.SIGTERM, handler)  # Ray puts one of its own there
        self._head = Head(partial(_cores, _head_of(self.address)))
        self._head.watch()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster; what is still running there ends by itself. Raises RunFailed."""
        self._head.leave()
        left = leave(ray.shutdown)
        self._opened.close()
        if self._done and not left:
            raise RunFailed(
                "all shards are done, but the head of the Ray cluster does not answer;"
                " the same command publishes what they saw"
            )

    @property
    def stopped(self) -> bool:
        """Tell whether the run was interrupted."""
        return self._interrupts.order is not Order.GO_ON

    def run(
        self,
        run: str,
        shards: Sequence[int],
        settings: Mapping[str, Any],
        report: Callable[[Progress], None],
    ) -> list[ShardResult]:
        """Walk the shards in the order given. SIGINT and SIGTERM stop them in an orderly way."""
        self._ledger.waiting = list(shards)
        where = run if "://" in run else os.path.abspath(run)  # noqa: PTH100  (the run may be a link)
        results: list[ShardResult] = []
        with self._interrupts.noted():
            try:
                for some in self._rounds(where, settings, report):
                    results += some
            except ConnectionError:  # how `ray://` says, after 30 s, that it cannot go on
                known = {result.shard for result in results}
                results += [cut_off(shard) for shard in shards if shard not in known]
        self._done = all(result.left == 0 for result in results)
        return results

    def _rounds(
        self, run: str, settings: Mapping[str, Any], report: Callable[[Progress], None]
    ) -> Iterator[list[ShardResult]]:
        """Hand on shards and hear of them until all have ended; yield the results of each round."""
        board = _board()
        line = Line(board.news.remote, _answer)
        while self._ledger.waiting or self._running:
            yield self._given_up_with_head()
            self._start(board, run, settings)
            latest, heard = line.exchange((self._order(), frozenset(self._given_up))) or ((), ())
            self._heard_at.update(dict.fromkeys(heard, monotonic()))
            for progress in latest:
                self._pass_on(progress, report)
            yield self._listen(report)
            yield self._lost()

    def _order(self) -> Order:
        """Return what workers are to do: also those without a head stop in an orderly way."""
        without_head = Order.GO_ON if self._lost_at is None else Order.STOP
        return max(self._interrupts.order, without_head)

    def _given_up_with_head(self) -> list[ShardResult]:
        """Notice that the head is gone; return results of the shards that wait for a worker then."""
        if self._lost_at is None and self._head.silent_s() > LOST_S:
            self._lost_at = monotonic()
        if self._lost_at is None or self.stopped:
            return []
        waiting, self._ledger.waiting = self._ledger.waiting, []
        return [headless(ShardResult(shard, left=-1)) for shard in waiting]

    def _start(self, board: Any, run: str, settings: Mapping[str, Any]) -> None:
        """Hand on as many shards as there is room for, in order."""
        if self.stopped:
            self._ledger.waiting.clear()
        if self._head.silent_s() > _QUIET_S:
            return
        now = monotonic()
        for shard in self._ledger.ready(now)[: max(0, self._room() - len(self._running))]:
            self._ledger.waiting.remove(shard)
            self._begun += 1
            task = _task.options(name=f"shard {shard}", scheduling_strategy=self._where(shard))
            begun = task.remote(board, self._begun, run, shard, dict(settings))
            self._running[begun] = self._begun, shard
            self._heard_at[self._begun] = math.inf
            self._handed_at[self._begun] = now

    def _room(self) -> int:
        """Return how many tasks there is room for; nodes come and go."""
        return self.workers or max(1, self._head.cores)

    def _listen(self, report: Callable[[Progress], None]) -> list[ShardResult]:
        """Wait a moment for tasks to end; return the results of those that are not tried again."""
        if not self._running:
            sleep(_PERIOD_S)
            return []
        ended, _ = ray.wait(list(self._running), timeout=_PERIOD_S)
        if self._overdue():
            ended = list(self._running)
        results = []
        for task in ended:
            number, shard = self._running.pop(task)
            end = _end(task, shard)
            if end.lost:
                self._given_up.add(number)
            if end.latest is not None:
                self._pass_on(end.latest, report)
            results += self._judged(end.result)
        return results

    def _overdue(self) -> bool:
        """Tell whether nobody waits any longer for tasks to end by themselves."""
        now = monotonic()
        if self._lost_at is not None and now - self._lost_at > SILENCE_S:
            return True
        return self._interrupts.order is Order.END and now - self._interrupts.at > _END_S

    def _where(self, shard: int) -> Any:
        """Return where a shard is to go: anywhere, or where Ray has not waited for it in vain."""
        alive = [node["NodeID"] for node in ray.nodes() if _alive(node)] if self._stuck else []
        if shard not in self._stuck or not alive:
            return "DEFAULT"
        return NodeAffinitySchedulingStrategy(alive[self._begun % len(alive)], soft=True)

    def _lost(self) -> list[ShardResult]:
        """Give up the tries whose node cannot be reached; return results that are not tried again.

        A task that never began is handed on again: Ray may have chosen a node that went silent.
        """
        now, results = monotonic(), []
        for task, (number, shard) in list(self._running.items()):
            never = self._heard_at[number] == math.inf
            since = self._handed_at[number] if never else self._heard_at[number]
            unwanted = never and self.stopped and now - self._interrupts.at > _BEGIN_S
            if now - since < LOST_S and not unwanted:
                continue
            del self._running[task]
            self._given_up.add(number)
            with contextlib.suppress(RayError):
                ray.cancel(task, force=True)
            if unwanted:
                continue  # as those that were not handed on at all
            if never:
                self._stuck.add(shard)
                self._ledger.waiting.insert(0, shard)
                continue
            text = f"its node has not been heard of for {LOST_S:.0f} s"
            results += self._judged(died(shard, text))
        return results

    def _judged(self, result: ShardResult) -> list[ShardResult]:
        """Put a shard back where its trouble may pass, and say so at the end; else return its result."""
        if self._lost_at is not None and not self.stopped:
            result = headless(result)
        elif not self.stopped and self._ledger.put_back(result, monotonic()):
            return []
        return [self._ledger.told(result)]

    def _pass_on(self, progress: Progress, report: Callable[[Progress], None]) -> None:
        self._ledger.progressed(progress)
        report(progress)


def _head_of(address: str | None) -> str:
    """Return where the head can be knocked at."""
    if address is not None and "://" in address:
        return address
    return str(ray.get_runtime_context().gcs_address)


def _cores(head: str) -> int:
    """Ask the head how many cores the cluster has. Raises OSError or Ray's Exception.

    One that is gone is not asked: Ray would hold all threads of this process until it gives up.
    """
    knock(head)
    return int(ray.cluster_resources().get("CPU", 0))


def _alive(node: Mapping[str, Any]) -> bool:
    return bool(node["Alive"] and node["Resources"].get("CPU"))


def _end(task: Any, shard: int) -> Ended:
    """Return how a task ended, also where its node died or Ray would not run it."""
    try:
        end = ray.get(task, timeout=0)
    except RayTaskError as error:
        cause = error.cause
        return Ended(ShardResult(shard, left=-1, failure=f"{type(cause).__name__}: {cause}"))
    except RayError as error:
        text = f"its worker or its node died ({type(error).__name__})"
        return Ended(died(shard, text), lost=True)
    assert isinstance(end, Ended)  # noqa: S101
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


def _join(address: str | None, workers: int | None, home: Path) -> None:
    """Connect to a cluster, or start a Ray that only this machine can reach."""
    if address is not None:
        _connect(address)
        return
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # or it makes a file at home
    with at_home(home) as before:
        ray.init(
            "local",
            num_cpus=workers or os.cpu_count(),
            include_dashboard=False,
            logging_level=logging.WARNING,
            runtime_env={"env_vars": before},
        )


def _connect(address: str) -> None:
    """Join the cluster at an address, again where Ray's server for its client does not come up."""
    knock(address)
    for tries_left in reversed(range(_JOIN_TRIES)):
        try:
            ray.init(address, logging_level=logging.WARNING)
        except ConnectionAbortedError:
            if not tries_left:
                raise
        else:
            return
