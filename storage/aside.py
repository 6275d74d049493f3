"""Files under a name of their own until they are whole, and the sweep of those whose writers died.

Room: disk. A writer holds a lock on its file, which the system drops when it dies. The lock of another
machine may not be seen here, so what was written there goes only after a day.
"""

import contextlib
import fcntl
import os
import platform
import re
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO

TEMPORARY = ".writing-"

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAME = re.compile(rf"{re.escape(TEMPORARY)}(?P<kernel>[0-9a-f]{{8}})[0-9a-f]{{16}}-.+", re.DOTALL)
_FORGOTTEN_S = 86_400.0


@contextmanager
def aside(target: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Yield a new file beside `target` and its path, for it to be given its name. Raises OSError.

    The path is gone in the end.
    """
    while (claimed := _claimed(target)) is None:
        pass
    path, file = claimed
    try:
        with file:
            yield path, file
    finally:
        path.unlink(missing_ok=True)


def sweep(folder: Path, levels: int = 0, leaving: Collection[str] = ()) -> None:
    """Remove what `aside` made for writers that are dead from a folder, and so many levels below it.

    Nothing is removed from its folders of the names `leaving`, nor where it cannot be.
    """
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208 - names are all that is wanted
            found = _NAME.fullmatch(name)
            if found is not None:
                with contextlib.suppress(OSError):
                    _remove_if_dead(folder / name, is_of_here=found["kernel"] == _kernel())
            elif levels and "." not in name and name not in leaving:
                sweep(folder / name, levels - 1)


def _claimed(target: Path) -> tuple[Path, BinaryIO] | None:
    """Make a file and lock it; None where somebody swept it before it was locked. Raises OSError."""
    path = target.with_name(f"{TEMPORARY}{_kernel()}{uuid.uuid4().hex[:16]}-{target.name[-100:]}")
    file = path.open("xb")
    with contextlib.suppress(OSError):  # without locks nobody sweeps either
        fcntl.flock(file, fcntl.LOCK_EX)
    if os.fstat(file.fileno()).st_nlink:
        return path, file
    file.close()
    return None


def _remove_if_dead(path: Path, *, is_of_here: bool) -> None:
    """Remove a file that nobody writes. Raises OSError where somebody does, or nobody can tell."""
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if is_of_here or time.time() - os.fstat(handle).st_mtime > _FORGOTTEN_S:
            path.unlink()
    finally:
        os.close(handle)


@cache
def _kernel() -> str:
    """Return eight digits that processes which see each other's locks have in common."""
    try:
        known = _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        known = platform.node()
    return uuid.uuid5(uuid.NAMESPACE_DNS, known).hex[:8]
