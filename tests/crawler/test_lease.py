"""The lease: of all workers that want a shard, one at a time believes that it has it."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crawler.lease import ShardLease
from crawler.leasing import Lease, Standing, lease_name, read_lease
from storage.folder import Folder
from storage.store import Opened

# Where syncs cost nothing, if there is such a place.
MEMORY = next((place for place in [Path("/dev") / "shm"] if place.is_dir()), None)
TTL_S = 10.0
SHARD = 3


def lease_of(owner: str, *, lock: str | None = None) -> Lease:
    """Return a lease that nobody has claimed yet."""
    return Lease(
        owner=owner,
        machine="node",
        pid=7,
        since="2026-11-28 12:00:00 UTC",
        group=owner,
        ttl_s=TTL_S,
        lock=lock,
    )


class Hand:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Hand:
    """A clock that stands still."""
    return Hand()


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    """A run's folder."""
    return Folder(tmp_path)


def claimed(store: Folder, clock: Hand, owner: str = "a", lock: str | None = None) -> ShardLease:
    """Return a lease after one step toward it."""
    lease = ShardLease(store, SHARD, lease_of(owner, lock=lock), clock)
    lease.claim()
    return lease


def test_a_holder_that_renews_is_left_alone(store: Folder, clock: Hand) -> None:
    """Whoever comes while it renews is told at the first renewal who it is and since when."""
    holder = claimed(store, clock)
    other = ShardLease(store, SHARD, lease_of("b"), clock)
    for _ in range(30):
        assert other.claim() is not Standing.FREE
        clock.now += 1.0
        holder.renew()
        assert holder.is_held()
    assert other.claim() is Standing.HELD
    assert other.holder() == "process 7 on node since 2026-11-28 12:00:00 UTC"


def test_a_silent_holder_is_followed_after_its_time(store: Folder, clock: Hand) -> None:
    """Not before its time to live has passed on the claimant's clock, and then under a higher number."""
    holder = claimed(store, clock)
    clock.now += 100.0
    other = ShardLease(store, SHARD, lease_of("b"), clock)
    assert other.claim() is Standing.SILENT
    clock.now += TTL_S - 0.1
    assert other.claim() is Standing.SILENT
    clock.now += 0.1
    assert other.claim() is Standing.FREE
    assert other.is_held()
    assert other.number == holder.number + 1
    assert not holder.is_held()
    holder.renew()
    assert "was taken over by process 7 on node since" in (holder.lost or "") or (
        "could not be renewed" in (holder.lost or "")
    )


def test_a_released_shard_is_free_at_once(store: Folder, clock: Hand) -> None:
    """The next worker need not wait, and its number is higher all the same."""
    first = claimed(store, clock)
    first.release()
    assert not first.is_held()
    second = claimed(store, clock, "b")
    assert second.is_held()
    assert second.number == first.number + 1
    assert store.names(f"locks/shard={SHARD:05d}") == [f"{second.number:08d}.json"]


def test_a_holder_that_died_here_is_followed_at_once(store: Folder, clock: Hand) -> None:
    """Whoever has the lock that a lease names need not wait for its owner; anybody else must."""
    claimed(store, clock, "a", lock="boot:1:2")
    elsewhere = claimed(store, clock, "b", lock="boot:1:3")
    assert not elsewhere.is_held()
    assert claimed(store, clock, "c", lock="boot:1:2").is_held()


def test_nonsense_is_waited_for_and_then_followed(store: Folder, clock: Hand) -> None:
    """A lease that no worker wrote holds a shard no longer than one whose worker is silent."""
    store.create(lease_name(SHARD, 41), b'{"owner": 7}')
    lease = claimed(store, clock)
    assert not lease.is_held()
    clock.now += TTL_S
    lease.claim()
    assert lease.is_held()
    assert lease.number == 42


@dataclass(frozen=True, slots=True)
class Overtaken(Folder):
    """A folder in which somebody else is quicker: between a file's writing and its getting a name."""

    overtake: Callable[[], object]

    def create(self, name: str, content: bytes | Path) -> None:
        """Write a file, and let the other one act before it has its name."""

        def link(path: Path, target: Path) -> None:
            self.overtake()
            os.link(path, target)

        self._write(name, content, link)


def test_a_claimant_that_is_overtaken_waits(store: Folder, clock: Hand) -> None:
    """What it was about to write is swept by whoever was first, and it is told who holds the shard."""
    first = ShardLease(store, SHARD, lease_of("a"), clock)
    second = ShardLease(Overtaken(store.root, first.claim), SHARD, lease_of("b"), clock)
    second.claim()
    assert first.is_held()
    assert not second.is_held()
    assert second.claim() is Standing.SILENT
    assert second.holder().startswith("process 7 on node")


def test_a_run_that_is_gone_is_not_made_anew(store: Folder, clock: Hand) -> None:
    """A holder whose file is not there stops, and writes nothing."""
    lease = claimed(store, clock)
    store.remove(lease_name(SHARD, lease.number))
    lease.renew()
    lease.release()
    assert "it was moved or deleted" in (lease.lost or "")
    assert store.names(f"locks/shard={SHARD:05d}") == []


@given(
    st.binary(max_size=60) | st.recursive(st.none() | st.text(), st.lists).map(str).map(str.encode)
)
def test_any_bytes_are_a_lease_or_none(content: bytes) -> None:
    """What lies in a run may be anything; it is read as a lease or as none."""
    assert read_lease(content) is None


class DiedError(Exception):
    """The end of a process, wherever it was."""


class Worker:
    """A worker in a thread that stands still at every call of its store until it is let go on.

    Its clock is set as it likes, and runs almost as fast as the others'.
    """

    def __init__(self, name: int, folder: Folder, ahead_s: float, speed: float) -> None:
        self.world_s = 0.0
        self._name, self._folder, self._times = name, folder, 0
        self._ahead_s, self._speed = ahead_s, speed
        self._may_go = threading.Semaphore(0)
        self._stands = threading.Semaphore(0)
        self._is_ended = False
        self._dies = False
        self._begin()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()
        self._stands.acquire()

    def now(self) -> float:
        """Return the time of its own clock."""
        return self._ahead_s + self._speed * self.world_s

    def go_on(self, *, dies: bool = False) -> None:
        """Have it make its next call and go on to the one after that, or die on the spot."""
        self._dies = dies
        self._may_go.release()
        self._stands.acquire()

    def end(self) -> None:
        """Let the thread go."""
        self._is_ended = True
        self.go_on(dies=True)
        self._thread.join()

    def call(self, name: str) -> Callable[..., Any]:
        """Return a call of the folder, when it is time for it."""
        self._stands.release()
        self._may_go.acquire()
        if self._dies:
            raise DiedError
        return getattr(self._folder, name)  # type: ignore[no-any-return]

    def _begin(self) -> None:
        self._times += 1
        own = lease_of(f"{self._name}.{self._times}")
        self.lease = ShardLease(Halting(self), SHARD, own, self.now)

    def _live(self) -> None:
        """Be one process after the other: what each held stays as it was when it died."""
        while not self._is_ended:
            self._begin()
            with suppress(DiedError):
                while self.lease.lost is None:
                    (self.lease.renew if self.lease.is_held() else self.lease.claim)()
                self.lease.release()
        self._stands.release()


class Halting:
    """A store that stands still before each call."""

    location = "run"
    at_once = 1
    scratch = None

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def below(self, folder: str) -> dict[str, str]:
        """Return what lies in a folder and in its folders."""
        return self._worker.call("below")(folder)  # type: ignore[no-any-return]

    def open(self, name: str) -> Opened:
        """Open a file."""
        return self._worker.call("open")(name)  # type: ignore[no-any-return]

    def take(self, name: str, path: Path) -> None:
        """Replace a file by another."""
        self._worker.call("take")(name, path)

    def move(self, name: str, to: str) -> None:
        """Give a file another name."""
        self._worker.call("move")(name, to)

    def names(self, folder: str) -> list[str]:
        """Return what lies in a folder."""
        return self._worker.call("names")(folder)  # type: ignore[no-any-return]

    def size(self, name: str) -> int:
        """Return the bytes of a file."""
        return self._worker.call("size")(name)  # type: ignore[no-any-return]

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """Return a file's bytes."""
        return self._worker.call("read")(name, start, length)  # type: ignore[no-any-return]

    def create(self, name: str, content: bytes | Path) -> None:
        """Write a file that nobody has written before."""
        self._worker.call("create")(name, content)

    def replace(self, name: str, content: bytes | Path) -> None:
        """Write a file over the old one."""
        self._worker.call("replace")(name, content)

    def remove(self, name: str) -> None:
        """Remove a file."""
        self._worker.call("remove")(name)


WORKERS = st.integers(0, 2)
# Calls to go on for, or seconds that pass, or what dies.
HAPPENS = st.one_of(
    st.tuples(WORKERS, st.sampled_from([1, 1, 2, 3, 5])),
    st.tuples(WORKERS, st.sampled_from([1, 1, 2, 3, 5])),
    st.tuples(st.just("time"), st.sampled_from([1.0, 4.0, 8.5, 10.5])),
    st.tuples(st.just("dies"), WORKERS),
)
CLOCKS = st.tuples(st.sampled_from([0.0, -1e6, 1e6]), st.sampled_from([1.0, 0.97, 1.03]))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(HAPPENS, min_size=5, max_size=60), st.lists(CLOCKS, min_size=3, max_size=3))
# The holder halts in the middle of a renewal, which comes just before a claim.
@example(
    [(0, 12), ("time", 8.5), (0, 3), (1, 2), ("time", 10.5), (1, 3), (0, 3), (1, 4)],
    [(0.0, 1.0)] * 3,
)
def test_one_at_a_time_believes_that_it_holds_the_shard(
    happens: list[tuple[Any, Any]], clocks: list[tuple[float, float]]
) -> None:
    """Whoever halts, dies or goes on between whichever two calls, nobody else believes the same."""
    with TemporaryDirectory(dir=MEMORY) as folder:
        store = Folder(Path(folder))
        workers = [Worker(name, store, *clock) for name, clock in enumerate(clocks)]
        numbers = [0]
        try:
            for what, much in happens:
                if what == "time":
                    for worker in workers:
                        worker.world_s += much
                elif what == "dies":
                    workers[much].go_on(dies=True)
                for _ in range(much if isinstance(what, int) else 0):
                    workers[what].go_on()
                    look(workers, numbers)
                look(workers, numbers)
        finally:
            for worker in workers:
                worker.end()


def look(workers: list[Worker], numbers: list[int]) -> None:
    """Hold that one worker at most has the shard, and no number comes again or goes down."""
    holders = [worker for worker in workers if worker.lease.is_held()]
    assert len(holders) <= 1
    for holder in holders:
        assert holder.lease.number >= numbers[-1]
        numbers.append(holder.lease.number)
