"""Holding a shard: its lock, its lease and its notice, renewed in a thread whatever the crawl does.

Room: disk. The lock tells workers of one machine apart at once; the lease (`crawler/lease.py`) does
the same for all machines; the notice (`crawler/notices.py`) tells other workers whom we ask.
"""

import os
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.lease import ShardLease, elapsed_s
from crawler.leasing import BELIEVED, RENEWALS, Lease, Standing
from crawler.lock import identity, is_free, shard_lock
from crawler.neighbours import Notice
from crawler.notices import Notices
from crawler.records.errors import RunFailed, ShardTaken, disk_failure
from crawler.records.layout import LOCKS
from crawler.rundir import RunDirectory
from crawler.visit.others import Others
from storage.store import Store

TTL_S = 30.0
_LOOK_S = 0.2
_SOONEST_S = 0.2  # between two notices
_GOODBYE_S = 5.0

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Fence:
    """What a segment's footer says of who wrote it."""

    number: int
    owner: str


class Holding:
    """A shard whose lease was claimed just now. Raises nothing but what its methods say."""

    def __init__(self, lease: ShardLease, notices: Notices, others: Others) -> None:
        self.others = others
        self._lease = lease
        self._notices = notices
        self._period_s = lease.own.ttl_s / RENEWALS
        self._noticed_at = elapsed_s()
        self._ending = threading.Event()
        self._has_joined = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    @property
    def fence(self) -> Fence:
        """Return the number of the lease and its owner."""
        return Fence(self._lease.number, self._lease.own.owner)

    @property
    def lost(self) -> str | None:
        """Return why the shard is not held any more, or None."""
        return None if self.is_held() else self._lease.lost

    def is_held(self) -> bool:
        """Tell whether the shard is surely ours, and others surely know of us."""
        if elapsed_s() >= self._noticed_at + BELIEVED * self._lease.own.ttl_s:
            self._lease.expire()
        return self._lease.is_held()

    def ensure_held(self) -> None:
        """Raise RunFailed if the shard is not ours any more: before anything is written."""
        if (why := self.lost) is not None:
            raise RunFailed(why)

    def begin(self, told: Told) -> None:
        """Renew from now on, and wait until all others know of us. Raises RunFailed."""
        self._thread.start()
        while not self._has_joined.wait(_LOOK_S):
            self.ensure_held()
            told("waiting until the workers of other commands know of this one")
        self.ensure_held()

    def end(self) -> None:
        """Give the shard up. What cannot be told to anybody by then runs out by itself."""
        self._ending.set()
        self.others.wanted.set()
        self._thread.join(_GOODBYE_S)

    def _run(self) -> None:
        while not self._ending.is_set() and self.is_held():
            began_at = elapsed_s()
            self._renew(began_at)
            self.others.wanted.wait(max(0.0, began_at + self._wait_s - elapsed_s()))
            self.others.wanted.clear()
            self._ending.wait(max(0.0, began_at + _SOONEST_S - elapsed_s()))
        self._ending.wait()  # until then something may be under way
        with suppress(OSError):  # whoever comes next waits for a time to live instead
            self._notices.remove(self.others.known.own)
            self._lease.release()

    @property
    def _wait_s(self) -> float:
        return self._period_s if self._has_joined.is_set() else _SOONEST_S

    def _renew(self, began_at: float) -> None:
        try:
            self._lease.renew()
            self.others.take(self._notices.read())
            notice = self.others.notice()
            if self.is_held():
                self._notices.write(notice)
        except OSError as error:
            self._lease.trouble = error.strerror or str(error) or type(error).__name__
            return
        if self.is_held():
            self.others.written(notice)
            self._noticed_at = began_at
            self._lease.trouble = ""
        if self.others.known.has_joined():
            self._has_joined.set()


@contextmanager
def held(
    run: RunDirectory, shard: int, turns: Path | None, ttl_s: float, told: Told
) -> Iterator[Holding]:
    """Hold a shard of a run. Raises ShardTaken where another worker does, RunFailed if nothing can be written.

    `turns` is the file by which workers of this command take turns. `told` is given a line for a
    person while there is something to wait for, and may raise.
    """
    store, folder = _store(run), lock_folder(run.location)
    owner = uuid.uuid4().hex[:16]
    with _locked(store, folder, shard, ttl_s) as lock:
        group = (identity(turns) if turns is not None else None) or owner
        own = Lease(
            owner=owner,
            machine=socket.gethostname(),
            pid=os.getpid(),
            since=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
            group=group,
            ttl_s=ttl_s,
            lock=lock,
        )
        lease = ShardLease(store, shard, own)
        notice = Notice(owner=owner, group=group, shard=shard, ttl_s=ttl_s, lock=lock)
        notices = Notices(store, owner, ttl_s, lambda other: _has_died(folder, other))
        try:
            _claim(lease, shard, told)
            notices.sweep(shard)
            holding = Holding(lease, notices, Others(notice))
            notices.write(notice)
        except OSError as error:
            with suppress(OSError):  # whoever takes the shard over sweeps what we write
                if lease.was_taken():
                    raise RunFailed(str(lease.lost)) from error
            raise disk_failure(f"cannot write {run.location}/{LOCKS}", error) from error
        try:
            holding.begin(told)
            yield holding
        finally:
            holding.end()


def lock_folder(location: str) -> Path:
    """Return where the workers of this machine lock the shards of a run: in it, if it lies here."""
    if "://" not in location:
        return Path(location) / LOCKS
    name = uuid.uuid5(uuid.NAMESPACE_URL, location.rstrip("/")).hex
    return Path(tempfile.gettempdir()) / f"stillup-{os.getuid()}-locks" / name


def _store(run: RunDirectory) -> Store:
    return run.store


@contextmanager
def _locked(store: Store, folder: Path, shard: int, ttl_s: float) -> Iterator[str | None]:
    """Lock a shard on this machine. Raises ShardTaken, which says who has it if that is known."""
    try:
        with shard_lock(folder, shard) as lock:
            yield lock
    except ShardTaken as error:
        nobody = Lease(owner="", machine="", pid=0, since="", group="", ttl_s=ttl_s)
        lease = ShardLease(store, shard, nobody)
        with suppress(OSError):
            lease.look()
        if holder := lease.holder():
            raise ShardTaken(_held(shard, holder)) from error
        raise


def _claim(lease: ShardLease, shard: int, told: Told) -> None:
    """Claim a shard, after a time to live where its holder is silent. Raises RunFailed and OSError."""
    while not lease.is_held():
        if lease.lost is not None:
            raise RunFailed(lease.lost)
        found = lease.claim()
        if found is Standing.HELD:
            raise ShardTaken(_held(shard, lease.holder() or "another worker"))
        if found is Standing.SILENT:
            told(f"waiting: held by {lease.holder() or 'somebody'}, unless that is silent for long")
            time.sleep(_LOOK_S)


def _held(shard: int, holder: str) -> str:
    return f"shard {shard} is being crawled by {holder}; wait for it or stop it"


def _has_died(folder: Path, other: Notice) -> bool:
    """Tell whether another worker was on this machine, and is not any more."""
    path = folder / f"shard={other.shard:05d}.lock"
    return other.lock is not None and identity(path) == other.lock and is_free(path)
