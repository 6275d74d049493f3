"""Writes down what people did: each call is one more segment of RUN/actions, sealed, never changed.

Room: disk. A segment gets its number by being created under a name of its own, so two who act at
once write two segments. Whoever must know that nobody acted since it read says which number it expects.
"""

import contextlib
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from crawler.records import layout
from crawler.records.action import ACTIONS_SCHEMA, Action, action_row
from crawler.records.errors import RunFailed, disk_failure
from crawler.sealed import write_sealed
from storage.once import create_once
from storage.open import as_store
from storage.store import Store

_COMPRESSION_LEVEL = 3


class Overtaken(Exception):
    """Somebody else has acted since the caller read what there was; read again and decide anew."""


def next_action(place: Store | Path) -> int:
    """Return the number that the next segment of actions gets if nobody acts until then."""
    return layout.next_number(as_store(place).names(layout.ACTIONS))


def append(place: Store | Path, actions: Sequence[Action], expected: int | None = None) -> str:
    """Write actions of a run as one segment, whole and on the disk; return its name in the run.

    With `expected`, of `next_action`, the segment gets that number, or Overtaken is raised and
    nothing written. Raises RunFailed where it cannot be written.
    """
    store = as_store(place)
    table = pa.Table.from_pylist([action_row(action) for action in actions], schema=ACTIONS_SCHEMA)
    schema = ACTIONS_SCHEMA.with_metadata({layout.WRITER: secrets.token_hex(16)})
    try:
        with tempfile.TemporaryDirectory(prefix="stillup-") as folder:
            aside = Path(folder) / "actions"
            write_sealed(aside, schema, [table], compression_level=_COMPRESSION_LEVEL)
            return _named(store, aside.read_bytes(), expected)
    except OSError as error:
        where = f"{store.location}/{layout.ACTIONS}"
        raise disk_failure(f"cannot write in {where}", error) from error


def _named(store: Store, content: bytes, expected: int | None) -> str:
    """Give a segment the next free name. Raises Overtaken, and OSError."""
    while True:
        number = next_action(store)
        if expected is not None and number != expected:
            raise Overtaken
        if number > layout.LAST_NUMBER:
            where = f"{store.location}/{layout.ACTIONS}"
            raise RunFailed(f"{where} holds a segment of the last number there is; move it away")
        name = f"{layout.ACTIONS}/{layout.segment_name(number)}"
        with contextlib.suppress(FileExistsError):
            create_once(store, name, content)
            return name
