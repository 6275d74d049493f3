"""Whose a shard is, as pure rules over what lies in `locks/`: leases, and what a claimant makes of them.

Room: pure rules. No clock of another machine is trusted: a claimant takes a shard over when it has
seen the holder's file unchanged for its whole time to live, on a clock of its own. Numbers of
leases only grow; the highest is the one that counts.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from enum import Enum

from crawler.records.layout import LOCKS, shard_folder

# A holder believes in its lease for a little less than a claimant waits: clocks run unequally fast.
BELIEVED = 0.9
# So many times within its time to live a lease is renewed.
RENEWALS = 10
_LONGEST_TTL_S = 3600.0

_NUMBER = re.compile(r"(?:\.writing-[0-9a-f]+-)?(?P<number>[0-9]{8})\.json", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who holds a shard. `owner` is random; `lock` names the file that it has locked, if any.

    `since` is UTC by the clock of its machine: for people, and for no rule.
    """

    owner: str
    machine: str
    pid: int
    since: str
    group: str
    ttl_s: float
    lock: str | None = None
    renewed: int = 0
    released: bool = False

    def __post_init__(self) -> None:
        """Refuse what no worker wrote."""
        texts = (self.owner, self.machine, self.since, self.group, self.lock or "")
        if not all(isinstance(text, str) for text in texts) or type(self.pid) is not int:
            raise ValueError("not a lease")
        if not 0 < float(self.ttl_s) <= _LONGEST_TTL_S or type(self.renewed) is not int:
            raise ValueError("not a lease")

    def written(self) -> bytes:
        """Return the lease as its file holds it."""
        return json.dumps(asdict(self)).encode()


def read_lease(content: bytes) -> Lease | None:
    """Return the lease that a file holds; None for what no worker wrote."""
    try:
        found = json.loads(content)
        known = {field.name for field in fields(Lease)}
        return Lease(**{name: value for name, value in found.items() if name in known})
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def lease_folder(shard: int) -> str:
    """3 → `locks/shard=00003`."""
    return shard_folder(LOCKS, shard)


def lease_name(shard: int, number: int) -> str:
    """3, 7 → `locks/shard=00003/00000007.json`."""
    return f"{lease_folder(shard)}/{number:08d}.json"


def lease_number(name: str) -> int | None:
    """Return the number in a lease's file name, also of one half-written; None for any other."""
    found = _NUMBER.fullmatch(name)
    return int(found["number"]) if found else None


def highest(names: Iterable[str]) -> int:
    """Return the highest number among the names of a shard's leases, 0 where there is none."""
    numbers = (lease_number(name) for name in names if not name.startswith("."))
    return max((number for number in numbers if number is not None), default=0)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen of a lease: since when it has been the same, and whether it ever was another."""

    number: int
    content: bytes
    first_at: float
    was_renewed: bool = False


def sighted(before: Sighting | None, number: int, content: bytes, now: float) -> Sighting:
    """Note what a lease's file held; `now` is a moment after it was read."""
    if before is None or before.number != number:
        return Sighting(number, content, now)
    return before if before.content == content else Sighting(number, content, now, was_renewed=True)


class Standing(Enum):
    """What a claimant makes of a shard."""

    FREE = "free"
    SILENT = "silent"  # somebody's, who has not been heard of so far
    HELD = "held"


def standing(seen: Sighting | None, now: float, ttl_s: float, own_lock: str | None) -> Standing:
    """Tell whether a shard may be claimed; `now` is a moment before the lease was read.

    Whoever holds the lock that a lease names knows that the lease's owner has died.
    """
    if seen is None:
        return Standing.FREE
    lease = read_lease(seen.content)
    if lease is not None and (lease.released or has_died(lease.lock, own_lock)):
        return Standing.FREE
    if is_silent(seen, now, max(ttl_s, lease.ttl_s if lease else 0.0)):
        return Standing.FREE
    return Standing.HELD if seen.was_renewed else Standing.SILENT


def is_silent(seen: Sighting, now: float, ttl_s: float) -> bool:
    """Tell whether a file has been the same for a time to live."""
    return now - seen.first_at >= ttl_s


def has_died(lock: str | None, held_lock: str | None) -> bool:
    """Tell whether a lock is the very one that we hold, so that its owner cannot."""
    return lock is not None and lock == held_lock
