"""Files beside a run's segments: written whole or not at all.

Room: disk.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from storage.folder import Folder, sync
from storage.store import Store


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


@contextmanager
def whole_in(store: Store, name: str, *, anew: bool = False) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of one of a run, wherever the run lies; folders are made.

    `anew`: nothing may have the name. Raises OSError.
    """
    if isinstance(store, Folder):
        target = store.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole(target, anew=anew) as file:
            yield file
        sync(target.parent)
        return
    with tempfile.NamedTemporaryFile(prefix="stillup-") as aside:
        yield cast("BinaryIO", aside)
        aside.flush()
        (store.create if anew else store.replace)(name, Path(aside.name))
