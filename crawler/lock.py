"""One worker a shard on one machine: a lock that the kernel drops when its owner dies.

Room: disk. Two machines on one run are told apart by the fence of `segments.py`.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.records.errors import RunFailed


@contextmanager
def shard_lock(folder: Path, shard: int) -> Iterator[None]:
    """Hold a shard. Raises RunFailed if another process holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"shard={shard:05d}.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            text = f"shard {shard} is being crawled by another process; wait for it or stop it"
            raise RunFailed(text) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
