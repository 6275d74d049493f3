"""Writing what nobody has written before, by somebody who may have to ask twice.

Room: disk. A network may lose the answer to a write that was done; who asks again is told that the
name is taken, and it is his own file that has it.
"""

from pathlib import Path

from storage.store import Store


def create_once(store: Store, name: str, content: bytes | Path) -> None:
    """Create a file whose content is like no other's. Raises FileExistsError for another's file.

    Returns where the file is there, whatever the write was answered. Raises OSError otherwise.
    """
    try:
        store.create(name, content)
    except OSError:
        if not _is_there(store, name, content):
            raise


def _is_there(store: Store, name: str, content: bytes | Path) -> bool:
    wanted = content if isinstance(content, bytes) else content.read_bytes()
    try:
        return store.read(name) == wanted
    except OSError:
        return False
