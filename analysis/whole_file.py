"""Files beside a run's segments: written whole or not at all.

Room: disk.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from storage.aside import aside
from storage.folder import Folder, sync
from storage.store import Store


@contextmanager
def whole(target: Path, *, anew: bool = False) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of `target` when it is whole and on the disk.

    `anew`: nothing may have the name. Raises OSError.
    """
    with aside(target) as (path, file):
        yield file
        file.flush()
        os.fsync(file.fileno())
        if anew:
            os.link(path, target)
        else:
            path.replace(target)


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
    with tempfile.NamedTemporaryFile(prefix="stillup-") as beside:
        yield cast("BinaryIO", beside)
        beside.flush()
        (store.create if anew else store.replace)(name, Path(beside.name))
