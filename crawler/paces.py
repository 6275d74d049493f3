"""The paces of hosts that must outlive their worker, whatever ends it: a line each, written at once.

Room: disk. A line is with the kernel when `keep` returns, which is before the host may be asked
again: `kill -9` loses none of them. The `hosts` segments tell the same, some seconds later.
"""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

_STALE_AFTER = 60  # a pace is kept for so many times its delay, and until its block is over


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPace:
    """The pace of a host at a moment. `delay_s` is of one shard; the moments are Unix time."""

    host: str
    registered_domain: str
    shards: int
    delay_s: float
    blocked_until: float
    kept_at: float

    def is_of_use(self, now: float) -> bool:
        """Tell whether a worker that begins now has to know it."""
        return self.blocked_until > now or self.kept_at + _STALE_AFTER * self.delay_s > now

    def pause_s(self, now: float) -> float:
        """Return what is left of the block: no more than there was, if the clock was put back."""
        return max(0.0, self.blocked_until - max(now, self.kept_at))


class Paces:
    """The file of one shard. Whoever has locked the shard may open it."""

    def __init__(self, folder: Path, shard: int) -> None:
        self._path = folder / f"shard={shard:05d}.jsonl"
        self._file = -1
        self._has_failed = False

    def open(self, now: float) -> tuple[KeptPace, ...]:
        """Return what every shard knows of any host and is still of use; begin to write.

        `now` is Unix time. Of a line that was torn nothing is kept. Raises OSError.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        found: dict[str, KeptPace] = {}
        for path in sorted(self._path.parent.glob("shard=*.jsonl")):
            newest = {kept.host: kept for kept in _read(path)}
            own = {host: kept for host, kept in newest.items() if kept.is_of_use(now)}
            if path == self._path:
                _rewrite(path, own)
            for kept in own.values():
                known = found.get(kept.host)
                found[kept.host] = kept if known is None else _slower(known, kept)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        return tuple(found.values())

    @property
    def was_begun(self) -> bool:
        """Tell whether an earlier worker opened the shard."""
        return self._path.exists()

    def keep(self, kept: KeptPace) -> None:
        """Write a pace down. A disk that takes nothing any more is told of, once, and borne."""
        try:
            os.write(self._file, _line(kept))
        except OSError as error:
            if not self._has_failed:
                logger.warning("the pace of hosts cannot be kept for a restart: %s", error)
            self._has_failed = True

    def close(self) -> None:
        """Write no more."""
        os.close(self._file)


def of_use(path: Path, now: float) -> bytes:
    """Return the lines of a file that a worker that begins now has to know, a host each."""
    newest = {kept.host: kept for kept in _read(path)} if path.exists() else {}
    return b"".join(_line(kept) for kept in newest.values() if kept.is_of_use(now))


def _line(kept: KeptPace) -> bytes:
    return json.dumps(asdict(kept)).encode() + b"\n"


def _read(path: Path) -> Iterator[KeptPace]:
    """Yield the paces of a file, in order. Host names come from links, and are only ever keys."""
    for line in path.read_bytes().splitlines():
        try:
            kept = KeptPace(**json.loads(line))
            kept.is_of_use(0.0)  # its numbers are numbers
        except (ValueError, TypeError):
            continue
        yield kept


def _rewrite(path: Path, kept: dict[str, KeptPace]) -> None:
    aside = path.with_suffix(".new")
    aside.write_bytes(b"".join(_line(pace) for pace in kept.values()))
    aside.replace(path)


def _slower(one: KeptPace, other: KeptPace) -> KeptPace:
    """Two shards know a host: keep what is kinder to it."""
    newest = one if one.kept_at >= other.kept_at else other
    return KeptPace(
        host=one.host,
        registered_domain=one.registered_domain,
        shards=max(one.shards, other.shards),
        delay_s=max(one.delay_s, other.delay_s),
        blocked_until=max(one.blocked_until, other.blocked_until),
        kept_at=newest.kept_at,
    )
