"""One worker a shard on one machine: a lock that the kernel drops when its owner dies.

Room: disk. Two machines on one run, and file systems without locks, are what the fence of
`segments.py` is for.
"""

import contextlib
import errno
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.records.errors import RunFailed, disk_failure

logger = logging.getLogger(__name__)

_HELD = {errno.EAGAIN, errno.EACCES}


@contextmanager
def shard_lock(folder: Path, shard: int) -> Iterator[None]:
    """Hold a shard. Raises RunFailed if another process holds it, or nothing can be written."""
    path = folder / f"shard={shard:05d}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise disk_failure(f"cannot write {path}", error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                text = f"shard {shard} is being crawled by another process; wait for it or stop it"
                raise RunFailed(text) from error
            logger.warning("no locks here (%s): let only one walk shard %d", error.strerror, shard)
        with contextlib.suppress(OSError):  # the number is for a person; a full disk has no room
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                file.close()
