"""What Python itself imports first in a child whose PYTHONPATH names this folder: its faults.

`STILLUP_FAULTS` is a JSON object of faults: `kill` (at calls of `os` on certain paths, one or several,
see POINTS in test_crash), `fsync_s` (how long a sync takes at the least), `no_lock`, `unlockable` (the file system
of the run has no locks, as where two machines share it), `clock` (a file that holds how many
seconds the wall clock is wrong by), `flush_s` and `flush_rows`. Only the system is replaced,
nothing of stillup but how often it flushes.
"""

import datetime as dt
import errno
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FAULTS: dict[str, Any] = json.loads(os.environ.get("STILLUP_FAULTS", "{}"))


def fault(name: str) -> Any:
    """Return a fault of this process."""
    return _FAULTS.get(name)


def _path_of(argument: int | str | os.PathLike[str]) -> str:
    """Return the path that a call is about; of an open file, as far as the system tells."""
    if not isinstance(argument, int):
        return os.fspath(argument)
    try:
        return str(Path("/proc/self/fd", str(argument)).readlink())
    except OSError:
        return ""


def _killing(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a call of `os` that kills the process: {"call": "link", "when": "after", "path": …}.

    The path of the call has to hold all that the point's `path` and `shard` say.
    """
    points = [point for point in fault("kill") or () if point["call"] == name]
    left = [point.get("number", 1) for point in points]

    def killing(*arguments: Any, **options: Any) -> Any:
        path = _path_of(arguments[0]) if points else ""
        met = [at for at, point in enumerate(points) if all(part in path for part in _parts(point))]
        for at in met:
            left[at] -= 1
        due = [points[at]["when"] for at in met if left[at] == 0]
        if "before" in due:
            os.kill(os.getpid(), signal.SIGKILL)
        result = call(*arguments, **options)
        if due:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return killing


def _parts(point: dict[str, Any]) -> list[str]:
    """Return what must be in the path of a call to be killed at."""
    return [point["path"], f"shard={point['shard']:05d}" if "shard" in point else ""]


def _slow(call: Callable[[int], None]) -> Callable[[int], None]:
    """Return a sync that takes its time. A worker's first one comes before it begins to record."""

    def slow(handle: int) -> None:
        _flush_often()
        time.sleep(fault("fsync_s") or 0)
        call(handle)

    return slow


def _unlockable(call: Callable[[Any, int], None]) -> Callable[[Any, int], None]:
    """Return a lock that a run's file system does not have."""

    def unlockable(file: Any, operation: int) -> None:
        if "/locks/" in _path_of(file if isinstance(file, int) else file.fileno()):
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
        call(file, operation)

    return unlockable


def _clock_moved() -> None:
    """Have the wall clock say what the file of the fault says: seconds to add, read each time."""
    file = Path(fault("clock"))
    true_time, true_ns = time.time, time.time_ns

    def offset_s() -> float:
        try:
            return float(file.read_text(encoding="ascii") or 0)
        except OSError:
            return 0.0

    class Moved(dt.datetime):
        """A datetime whose now is another."""

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "Moved":
            return cls.fromtimestamp(true_time() + offset_s(), tz)

    time.time = lambda: true_time() + offset_s()
    time.time_ns = lambda: true_ns() + int(offset_s() * 1e9)
    dt.datetime = Moved  # type: ignore[misc]


def _flush_often() -> None:
    """Set how often a worker flushes, without importing what this process has no need of."""
    settings = {
        "crawler.recorder": {"FLUSH_S": fault("flush_s"), "FLUSH_ROWS": fault("flush_rows")},
        "crawler.pipeline": {"_FLUSH_POLL_S": fault("flush_s")},
    }
    for module, values in settings.items():
        for name, value in values.items():
            if module in sys.modules and value is not None:
                setattr(sys.modules[module], name, value)


if _FAULTS:
    for name in ("link", "unlink", "fsync", "write", "replace"):
        setattr(os, name, _killing(name, getattr(os, name)))
    setattr(os, "fsync", _slow(os.fsync))  # noqa: B010  (mypy knows that it is a function)
    if fault("unlockable"):
        fcntl.flock = _unlockable(fcntl.flock)
    if fault("no_lock"):
        fcntl.flock = lambda *_: None
    if fault("clock"):
        _clock_moved()
