"""A lock of a run, for what only one process at a time may do in it.

Room: disk.
"""

import contextlib
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.records import layout
from crawler.records.errors import disk_failure


@contextmanager
def held(root: Path, name: str) -> Iterator[None]:
    """Hold a lock of the run, which the system lets go when the process dies.

    Raises RunFailed where it cannot be made. On a file system without locks nobody waits: the last
    one to finish wins.
    """
    path = root / layout.LOCKS / name
    try:
        path.parent.mkdir(exist_ok=True)
        lock = path.open("w")
    except OSError as error:
        raise disk_failure(f"cannot write {path}", error) from error
    with lock:
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
