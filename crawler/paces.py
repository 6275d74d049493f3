"""The paces of hosts that must outlive their worker, whatever ends it: a line each, written at once.

Room: disk. A line is with the kernel when `keep` returns, which is before the host may be asked
again: `kill -9` loses none of them. The `hosts` segments tell the same, some seconds later.

A worker that ends leaves what is still of use, and the file's name says until when that is: of the
shards of a whole run, few files have to be read (docs/decisions/0131).
"""

import contextlib
import json
import logging
import math
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

_STALE_AFTER = 60  # a pace is kept for so many times its delay, and until its block is over
_NAME = re.compile(r"shard=(?P<shard>[0-9]+)(?:\.until=(?P<until>[0-9]+))?\.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPace:
    """The pace of a host at a moment. `delay_s` is of one shard; the moments are Unix time."""

    host: str
    registered_domain: str
    shards: int
    delay_s: float
    blocked_until: float
    kept_at: float

    @property
    def of_use_until(self) -> float:
        """Until when a worker that begins has to know it, in Unix time."""
        return max(self.blocked_until, self.kept_at + _STALE_AFTER * self.delay_s)

    def is_of_use(self, now: float) -> bool:
        """Tell whether a worker that begins now has to know it."""
        return self.of_use_until > now

    def pause_s(self, now: float) -> float:
        """Return what is left of the block: no more than there was, if the clock was put back."""
        return max(0.0, self.blocked_until - max(now, self.kept_at))


class Paces:
    """The file of one shard. Whoever has locked the shard may open it."""

    def __init__(self, folder: Path, shard: int) -> None:
        self._folder, self._shard = folder, shard
        self._path = folder / _name(shard)
        self._file = -1
        self._has_failed = False

    def open(self, now: float) -> tuple[KeptPace, ...]:
        """Return what every shard knows of any host and is still of use; begin to write.

        `now` is Unix time. Of a line that was torn nothing is kept. Raises OSError.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        found = self._take_over(now)
        for kept in self._of_others(now):
            known = found.get(kept.host)
            found[kept.host] = kept if known is None else _slower(known, kept)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        return tuple(found.values())

    @property
    def was_begun(self) -> bool:
        """Tell whether an earlier worker opened the shard."""
        return bool(_files_of(self._folder, self._shard))

    def keep(self, kept: KeptPace) -> None:
        """Write a pace down. A disk that takes nothing any more is told of, once, and borne."""
        try:
            os.write(self._file, _line(kept))
        except OSError as error:
            self._tell(error)

    def close(self, now: float, *, is_held: bool = True) -> None:
        """Write no more, and leave what is of use to whoever begins later. `now` is Unix time.

        Nothing is touched where another worker has taken the shard over meanwhile.
        """
        ours = os.fstat(self._file)
        os.close(self._file)
        try:
            if is_held and os.path.samestat(ours, self._path.stat()):
                left = list(_of_use([self._path], now).values())
                until = max((math.ceil(kept.of_use_until) for kept in left), default=0)
                _write(self._path.with_suffix(f".until={until}.jsonl"), left)
                self._path.unlink()
        except FileNotFoundError:
            return  # another worker has come and gone meanwhile
        except OSError as error:  # then the file stays as it is, which says the same
            self._tell(error)

    def _take_over(self, now: float) -> dict[str, KeptPace]:
        """Return what is of use of our own shard, and keep it in the file that is written to."""
        while True:
            before = _files_of(self._folder, self._shard)
            try:
                found = _of_use(before, now)
            except FileNotFoundError:
                continue  # who had the shard gives its file another name just now
            break
        _write(self._path, found.values())
        for path in before:
            if path != self._path:
                path.unlink(missing_ok=True)
        return found

    def _of_others(self, now: float) -> Iterator[KeptPace]:
        """Yield what is of use of all other shards; files get other names meanwhile."""
        passed = set(_files_of(self._folder, self._shard))
        while names := wanted(os.listdir(self._folder), self._shard, now):  # noqa: PTH208
            paths = sorted({self._folder / name for name in names} - passed)
            if not paths:
                return
            for path in paths:
                with contextlib.suppress(FileNotFoundError):
                    yield from _of_use([path], now).values()
            passed.update(paths)

    def _tell(self, error: OSError) -> None:
        if not self._has_failed:
            logger.warning("the pace of hosts cannot be kept for a restart: %s", error)
        self._has_failed = True


def wanted(names: Iterable[str], shard: int, now: float) -> list[str]:
    """Return the files that whoever begins a shard now has to read: its own, and what may be of use."""
    found = [(name, match) for name in names if (match := _NAME.fullmatch(name))]
    return [
        name
        for name, match in found
        if int(match["shard"]) == shard or match["until"] is None or int(match["until"]) > now
    ]


def of_use(folder: Path, shard: int, now: float) -> dict[str, bytes]:
    """Return, by the file's name, the lines of a shard that a worker that begins now has to know.

    That is a file without a line where the shard was not begun. Raises FileNotFoundError where a
    file gets another name meanwhile.
    """
    paths = _files_of(folder, shard)
    if not paths:
        return {_name(shard): b""}
    return {path.name: b"".join(map(_line, _of_use([path], now).values())) for path in paths}


def _name(shard: int) -> str:
    return f"shard={shard:05d}.jsonl"


def _files_of(folder: Path, shard: int) -> list[Path]:
    """Return a shard's files, last the one that is written to."""
    found = sorted(folder.glob(f"shard={shard:05d}.*jsonl"), reverse=True)
    return [path for path in found if _NAME.fullmatch(path.name)]


def _of_use(paths: Iterable[Path], now: float) -> dict[str, KeptPace]:
    """Return what is known of each host last and still of use: a file's later line, the later of files."""
    newest: dict[str, KeptPace] = {}
    for path in paths:
        for kept in {kept.host: kept for kept in _read(path)}.values():
            before = newest.get(kept.host)
            if before is None or kept.kept_at >= before.kept_at:
                newest[kept.host] = kept
    return {host: kept for host, kept in newest.items() if kept.is_of_use(now)}


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


def _write(path: Path, kept: Iterable[KeptPace]) -> None:
    aside = path.with_name(path.name.partition(".")[0] + ".new")
    aside.write_bytes(b"".join(map(_line, kept)))
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
