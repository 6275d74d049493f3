"""A lease on a shard with a fencing number: one worker a shard, on whatever machine.

Room: disk. `locks/shard=00003/00000007.json` is claimed by `create`, which fails where somebody was
first, and renewed by writing it anew. What to make of other leases `crawler/leasing.py` decides.
Every step returns at once; who waits, and for how long, is for the caller to say.
"""

import errno
import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from crawler.leasing import (
    BELIEVED,
    Lease,
    Sighting,
    Standing,
    highest,
    lease_folder,
    lease_name,
    lease_number,
    read_lease,
    sighted,
    standing,
)
from crawler.records.errors import disk_failure
from crawler.records.shown import visible
from storage.store import Store

# Counts on while a machine sleeps, where the system has such a clock.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
elapsed_s: Callable[[], float] = partial(time.clock_gettime, _CLOCK)


class ShardLease:
    """The lease of one worker on one shard, from its claim to its release or its loss."""

    def __init__(
        self, store: Store, shard: int, own: Lease, now: Callable[[], float] = elapsed_s
    ) -> None:
        self.number = 0
        self.lost: str | None = None
        self.trouble = ""  # why the last renewal failed
        self.own = own
        self._store = store
        self._shard = shard
        self._now = now
        self._seen: Sighting | None = None  # of the lease before ours
        self._renewed_at = -math.inf

    def claim(self) -> Standing:
        """Take a step toward the lease: HELD and SILENT say why it is not ours yet.

        FREE means that it is ours, or may be at the next step: `is_held` tells. Raises OSError.
        """
        looked_at = self._now()  # before: so long after it was first seen it was still the same
        if not self.look():
            return Standing.SILENT
        found = standing(self._seen, looked_at, self.own.ttl_s, self.own.lock)
        if found is Standing.FREE:
            self._create()
        return found

    def is_held(self) -> bool:
        """Tell whether the shard is surely ours. Once it is not, it never is again."""
        if not self.number or self.lost is not None:
            return False
        if self._now() < self._renewed_at + BELIEVED * self.own.ttl_s:
            return True
        self.lost = self._expired()
        return False

    def expire(self) -> None:
        """Believe no more that the shard is ours, since others may not know of us."""
        self.lost = self.lost or self._expired()

    def renew(self) -> None:
        """Say that we are still there, and look whether somebody has taken over. Raises OSError."""
        began_at = self._now()
        if self.was_taken() or not self._is_there():
            return
        own = replace(self.own, renewed=self.own.renewed + 1)
        self._store.replace(self._name, own.written())
        self.own = own
        # Nobody has taken over before our time was up, if we are still within it.
        if not self.was_taken() and self.is_held():
            self._renewed_at = began_at

    def release(self) -> None:
        """Give the shard up, so that the next worker may have it at once. Raises OSError."""
        self.lost = self.lost or f"the lease on shard {self._shard} was released"
        if not self.number or not self._is_in_place():
            return
        if self._highest() > self.number:
            self._store.remove(self._name)
        else:  # never removed, so that numbers only grow
            self._store.replace(self._name, replace(self.own, released=True).written())

    def was_taken(self) -> bool:
        """Tell whether the shard was ours and is not any more: `lost` says why. Raises OSError."""
        if self.lost is None and 0 < self.number < self._highest():
            self._seen = None
            self.look()
            text = f"shard {self._shard} was taken over by {self.holder() or 'another worker'}"
            self.lost = (
                f"{text}, since this one had not renewed its lease in time; it has stopped, and "
                "what it had not written is left to the other"
            )
        return self.lost is not None

    def holder(self) -> str:
        """Return who holds the shard and since when, for a person; empty where nobody can tell."""
        lease = read_lease(self._seen.content) if self._seen is not None else None
        if lease is None or lease.released:
            return ""
        return visible(f"process {lease.pid} on {lease.machine} since {lease.since}")

    def look(self) -> bool:
        """See the highest lease; False where it vanished meanwhile, for a higher one.

        Raises OSError.
        """
        number = self._highest()
        try:
            content = self._store.read(lease_name(self._shard, number)) if number else b""
        except FileNotFoundError:
            return False
        now = self._now()
        self._seen = sighted(self._seen, number, content, now) if number else None
        return True

    @property
    def _name(self) -> str:
        return lease_name(self._shard, self.number)

    def _highest(self) -> int:
        return highest(self._store.names(lease_folder(self._shard)))

    def _create(self) -> None:
        """Claim the next number. An answer that was lost may have been ours."""
        number = self._seen.number + 1 if self._seen is not None else 1
        began_at = self._now()
        try:
            self._store.create(lease_name(self._shard, number), self.own.written())
        except (FileExistsError, FileNotFoundError):  # whoever was first sweeps what others write
            if not self._is_ours(number):
                return
        # A number below another's may be free again, if we come late.
        if self._highest() == number:
            self.number, self._renewed_at = number, began_at
            self._sweep()

    def _is_ours(self, number: int) -> bool:
        try:
            found = read_lease(self._store.read(lease_name(self._shard, number)))
        except FileNotFoundError:
            return False
        return found is not None and found.owner == self.own.owner

    def _sweep(self) -> None:
        """Drop the leases before ours, and what was left half-written of them."""
        folder = lease_folder(self._shard)
        for name in self._store.names(folder):
            number = lease_number(name)
            if number is not None and (number < self.number or name.startswith(".")):
                self._store.remove(f"{folder}/{name}")

    def _is_in_place(self) -> bool:
        try:
            self._store.size(self._name)
        except FileNotFoundError:
            return False
        return True

    def _is_there(self) -> bool:
        """Tell whether our file is there: if not, the run is not, and must not be made anew."""
        if not self._is_in_place():
            gone = FileNotFoundError(errno.ENOENT, "No such file or directory")
            what = f"the lease on shard {self._shard} has gone from {self._store.location}"
            self.lost = self.lost or str(disk_failure(what, gone))
        return self.lost is None

    def _expired(self) -> str:
        why = f" ({self.trouble})" if self.trouble else ""
        return (
            f"the lease on shard {self._shard} could not be renewed for "
            f"{BELIEVED * self.own.ttl_s:g} s{why}, so that another worker may have it by now; "
            "this one has stopped, and what it had not written is dropped; run the same command "
            "again to go on"
        )
