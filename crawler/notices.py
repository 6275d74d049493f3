"""The notices of all workers of a run: those of others are read, our own is written.

Room: disk. What they mean is known to `crawler/neighbours.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from crawler.lease import elapsed_s
from crawler.leasing import Sighting, is_silent, sighted
from crawler.neighbours import NOTICES, Notice, notice_name, notice_shard, read_notice
from storage.store import Store

# A notice is swept when its worker was silent for so many times its time to live.
_SWEPT_AFTER = 2


@dataclass(slots=True)
class Notices:
    """The notices in a run, as one worker sees them. `has_died` knows of workers of this machine."""

    store: Store
    own: str
    ttl_s: float
    has_died: Callable[[Notice], bool]
    now: Callable[[], float] = elapsed_s
    _seen: dict[str, Sighting] = field(default_factory=dict)

    def read(self) -> list[Notice]:
        """Return the notices of all other workers that are there. Raises OSError."""
        names = [name for name in self.store.names(NOTICES) if not name.startswith(".")]
        self._seen = {name: seen for name, seen in self._seen.items() if name in names}
        found = (self._notice(name) for name in names if notice_shard(name) is not None)
        return [notice for notice in found if notice is not None and notice.owner != self.own]

    def write(self, notice: Notice) -> None:
        """Write our own. Raises OSError."""
        self.store.replace(notice_name(notice.shard, notice.owner), notice.content())

    def remove(self, notice: Notice) -> None:
        """Remove our own. Raises OSError."""
        self.store.remove(notice_name(notice.shard, notice.owner))

    def sweep(self, shard: int) -> None:
        """Remove what earlier workers of our shard have left, whole or not. Raises OSError."""
        for name in self.store.names(NOTICES):
            if notice_shard(name) == shard and self.own not in name:
                self.store.remove(f"{NOTICES}/{name}")

    def _notice(self, name: str) -> Notice | None:
        """Return a notice, None where its worker is not there any more."""
        try:
            content = self.store.read(f"{NOTICES}/{name}")
        except FileNotFoundError:
            return None
        now = self.now()
        before = self._seen.get(name)
        seen = self._seen[name] = sighted(before, 0, content, now)
        notice = read_notice(name, content)
        if seen is not before and not (before is None and self.has_died(notice)):
            return notice
        ttl_s = max(self.ttl_s, notice.ttl_s)
        if is_silent(seen, now, _SWEPT_AFTER * ttl_s) or self.has_died(notice):
            self.store.remove(f"{NOTICES}/{name}")
            return None
        return None if is_silent(seen, now, ttl_s) else notice
