"""A lock of a run, for what only one process at a time may do in it.

Room: disk. In a folder the system lets go of it when its owner dies. In a bucket it is an object
that only its owner removes, so one that was killed leaves it to a person.
"""

import contextlib
import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from crawler.records import layout
from crawler.records.errors import RunFailed, disk_failure
from crawler.records.shown import visible
from storage.folder import Folder
from storage.store import Store


@contextmanager
def held(store: Store, name: str, *, last_wins: bool = False) -> Iterator[None]:
    """Hold a lock of the run. Raises RunFailed where it cannot be made.

    `last_wins`: where the system cannot see the owner die, nobody waits and the last to finish wins.
    """
    if isinstance(store, Folder):
        with _locked(store.root, name):
            yield
    elif last_wins:
        yield
    else:
        with _claimed(store, f"{layout.LOCKS}/{name}"):
            yield


@contextmanager
def _claimed(store: Store, name: str) -> Iterator[None]:
    """Hold an object by having made it. Raises RunFailed where somebody else has."""
    who = f"{platform.node()} {os.getpid()}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    try:
        store.create(name, who.encode())
    except FileExistsError as error:
        with contextlib.suppress(OSError):
            who = store.read(name).decode(errors="replace")[:100]
        raise RunFailed(
            f"another command is at work on {store.location} ({visible(who)}); wait for it, or if it "
            f"was killed remove {store.location}/{name}"
        ) from error
    except OSError as error:
        raise disk_failure(f"cannot write {store.location}/{name}", error) from error
    try:
        yield
    finally:
        _let_go(store, name)


def _let_go(store: Store, name: str) -> None:
    try:
        store.remove(name)
    except OSError as error:
        raise disk_failure(f"cannot remove {store.location}/{name}", error) from error


@contextmanager
def _locked(root: Path, name: str) -> Iterator[None]:
    """Hold a file's lock. On a file system without locks nobody waits: the last to finish wins."""
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
