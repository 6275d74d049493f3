"""A folder for what does not fit in memory, gone with its owner whatever ends it.

Room: disk. A folder is locked by whoever uses it; the next to come removes the folders of the dead.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "stillup-spill-"


@contextmanager
def spill_folder() -> Iterator[Path]:
    """Yield an empty folder among the system's temporary files. Raises OSError."""
    _sweep(Path(tempfile.gettempdir()))
    while (claimed := _claimed(Path(tempfile.mkdtemp(prefix=_PREFIX)))) is None:
        pass
    folder, handle = claimed
    try:
        yield folder
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def _claimed(folder: Path) -> tuple[Path, int] | None:
    """Lock a new folder; None where somebody swept it before it was locked. Raises OSError."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with contextlib.suppress(OSError):  # without locks nobody sweeps either
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        if folder.stat().st_ino == os.fstat(handle).st_ino:
            return folder, handle
    except FileNotFoundError:
        pass
    os.close(handle)
    return None


def _sweep(temporary: Path) -> None:
    """Remove the folders whose owners are dead: a dead process holds no lock."""
    for folder in temporary.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.lstat().st_uid == os.geteuid():
                _remove_if_dead(folder)


def _remove_if_dead(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)
