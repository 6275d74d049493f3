"""One worker a shard on one machine: a lock that the kernel drops when its owner dies.

Room: disk. Two machines on one run, and file systems without locks, are what the lease
(`crawler/lease.py`) and the fence of `segments.py` are for.
"""

import contextlib
import errno
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from crawler.records.errors import ShardTaken, disk_failure

logger = logging.getLogger(__name__)

_HELD = {errno.EAGAIN, errno.EACCES}
_BOOT = Path("/proc/sys/kernel/random/boot_id")
# Somebody who looks whether a lock is free holds it for a moment.
_TRIES, _AGAIN_S = 5, 0.05


@contextmanager
def shard_lock(folder: Path, shard: int) -> Iterator[str | None]:
    """Hold a shard; yield what the lock is known by, None where there are no locks.

    Raises ShardTaken if another process holds it, and RunFailed if nothing can be written.
    """
    path = folder / f"shard={shard:05d}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise disk_failure(f"cannot write {path}", error) from error
    with file:
        is_locked = _lock(file, shard)
        with contextlib.suppress(OSError):  # the number is for a person; a full disk has no room
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
        try:
            yield identity(path) if is_locked else None
        finally:
            with contextlib.suppress(OSError):
                file.close()


def identity(path: Path) -> str | None:
    """Return what no other file is known by, on any machine at any time; None where nobody can tell.

    That is the file's number, its disk's, and the one that the kernel drew when it started. So two
    processes that name the same have the same kernel and the same file.
    """
    try:
        found = path.stat()
        return f"{_BOOT.read_text(encoding='ascii').strip()}:{found.st_dev}:{found.st_ino}"
    except OSError:
        return None


def is_free(path: Path) -> bool:
    """Tell whether nobody has locked a file, as far as this machine knows."""
    try:
        with path.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _lock(file: IO[str], shard: int) -> bool:
    """Lock a file; False where there are no locks. Raises ShardTaken."""
    for left in reversed(range(_TRIES)):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _HELD:
                text = "no locks here (%s): only its lease says who walks shard %d"
                logger.warning(text, error.strerror, shard)
                return False
            if not left:
                text = f"shard {shard} is being crawled by another process; wait for it or stop it"
                raise ShardTaken(text) from error
            time.sleep(_AGAIN_S)
        else:
            break
    return True
