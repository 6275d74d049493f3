"""Files beside a run's segments: written whole or not at all.

Room: disk.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(target: Path, *, anew: bool = False) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of `target` when it is whole and on the disk.

    `anew`: nothing may have the name. Raises OSError.
    """
    aside = target.with_name(f".writing-{os.getpid()}-{target.name}")
    try:
        with aside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if anew:
            os.link(aside, target)
        else:
            aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have a file or the names in a folder outlive a power cut. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
