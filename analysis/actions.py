"""Writes down what people did: each call is one more segment of RUN/actions, sealed, never changed.

Room: disk. A segment gets its number by `os.link` to an exclusive name, so two who act at once
write two segments. Whoever must know that nobody acted since it read says which number it expects.
"""

import contextlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from analysis.whole_file import sync
from crawler.records import layout
from crawler.records.action import ACTIONS_SCHEMA, Action, action_row
from crawler.records.errors import RunFailed, disk_failure
from crawler.sealed import write_sealed

_COMPRESSION_LEVEL = 3


class Overtaken(Exception):
    """Somebody else has acted since the caller read what there was; read again and decide anew."""


def next_action(root: Path) -> int:
    """Return the number that the next segment of actions gets if nobody acts until then."""
    folder = root / layout.ACTIONS
    return layout.next_number(path.name for path in folder.iterdir()) if folder.is_dir() else 0


def append(root: Path, actions: Sequence[Action], expected: int | None = None) -> Path:
    """Write actions of the run at `root` as one segment, whole and on the disk; return its path.

    With `expected`, of `next_action`, the segment gets that number, or Overtaken is raised and
    nothing written. Raises RunFailed where it cannot be written.
    """
    table = pa.Table.from_pylist([action_row(action) for action in actions], schema=ACTIONS_SCHEMA)
    folder = root / layout.ACTIONS
    aside = folder / f".writing-{os.getpid()}-{secrets.token_hex(8)}"
    try:
        folder.mkdir(exist_ok=True)
        try:
            write_sealed(aside, ACTIONS_SCHEMA, [table], compression_level=_COMPRESSION_LEVEL)
            target = _named(aside, root, expected)
        finally:
            aside.unlink(missing_ok=True)
        sync(folder)
    except OSError as error:
        raise disk_failure(f"cannot write in {folder}", error) from error
    return target


def _named(aside: Path, root: Path, expected: int | None) -> Path:
    """Give a written segment the next free name. Raises Overtaken, and OSError."""
    while True:
        number = next_action(root)
        if expected is not None and number != expected:
            raise Overtaken
        if number > layout.LAST_NUMBER:
            raise RunFailed(
                f"{aside.parent} holds a segment of the last number there is; move it away"
            )
        target = aside.with_name(layout.segment_name(number))
        with contextlib.suppress(FileExistsError):
            os.link(aside, target)
            return target
        if target.samefile(aside):  # a file server may answer a repeated call
            return target
