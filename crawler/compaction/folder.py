"""Compacts one folder of segments: makes what is to be made, removes what may go.

Room: disk. Whatever is done meanwhile by a crawl, a reader or another compaction, and wherever this
one is killed: a file that another covers is removed only when that one is proved whole.
"""

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from crawler.compaction.blocks import Block, Limits, Piece, plan_blocks, removable
from crawler.compaction.footers import Footer, Unfit, compacted_footer, read_footer
from crawler.compaction.merge import PieceTornError, merge
from crawler.records import seal
from crawler.records.errors import RunFailed
from crawler.records.layout import live, next_number, segment_name, segment_range
from crawler.records.seal import TornError
from storage.store import Store

# Of a compaction that was killed while it gave a file its name (storage/folder.py).
_LEFTOVER = re.compile(r"\.writing-[0-9a-f]+-[0-9]{8}-[0-9]{8}\.parquet")
_PLANS = 20


@dataclass(slots=True)
class Tally:
    """What a compaction did. `left` are segments that were not merged, and why."""

    merged_files: int = 0
    merged_bytes: int = 0
    made_files: int = 0
    made_bytes: int = 0
    rows: int = 0
    removed_files: int = 0
    removed_bytes: int = 0
    waiting_files: int = 0
    waiting_bytes: int = 0
    left: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """How large files may get, how long they keep what they cover, and whose clock counts (UTC)."""

    limits: Limits
    keep: timedelta
    clock: Callable[[], datetime]


@dataclass(slots=True)
class _Folder:
    """A folder at work, and what is known of its files, which never change.

    Numbers from `until` on are left to the next compaction: who adds quickly would keep this one
    from ever coming to an end.
    """

    store: Store
    name: str
    schema: pa.Schema
    tally: Tally
    until: int
    known: dict[str, Footer | Unfit] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Return the names in the folder at this moment; what it holds is known afterwards."""
        names = self.store.names(self.name)
        for name in names:
            if segment_range(name) is not None and name not in self.known:
                self._learn(name)
        return names

    def footers(self, names: list[str]) -> Mapping[str, Footer]:
        """Return those of some files that can be believed, by name."""
        known = ((name, self.known.get(name)) for name in names)
        return {name: found for name, found in known if isinstance(found, Footer)}

    def unfit(self, name: str, why: Unfit) -> None:
        """Note that a file is to be left alone."""
        self.known[name] = why
        self.tally.left[self.path(name)] = why.why

    def path(self, name: str) -> str:
        """Return a file's name in the run."""
        return f"{self.name}/{name}"

    def _learn(self, name: str) -> None:
        try:
            found = read_footer(self.store, self.path(name), self.schema)
        except FileNotFoundError:
            return
        except OSError as error:
            found = Unfit(f"cannot be read ({error.strerror or error})", is_damaged=True)
        if isinstance(found, Unfit):
            self.unfit(name, found)
        else:
            self.known[name] = found


def compact_folder(
    store: Store, name: str, schema: pa.Schema, terms: Terms, scratch: Path, tally: Tally
) -> None:
    """Merge what may be merged of a folder, and remove what may go; `tally` is added to.

    Raises RunFailed and OSError; readers then find the same rows as before.
    """
    names = store.names(name)
    folder = _Folder(store, name, schema, tally, until=next_number(names) - 1)
    _sweep(folder, names)
    for _ in range(_PLANS):
        blocks = _planned(folder, terms.limits)
        if not blocks:
            return _remove_covered(folder, terms.clock() - terms.keep)
        for block in blocks:
            _make(folder, block, terms.clock(), scratch)
    raise RunFailed(f"{name}: others change it too fast to be compacted; try again")


def _remove_covered(folder: _Folder, until: datetime) -> None:
    """Remove what a proved file covers that was made by `until`."""
    names = folder.names()
    made = {at: found.made_at for at, found in folder.footers(names).items() if found.made_at}
    sizes = {at: _size(folder, at) for at in removable(names, made)}
    due = [
        at
        for at, when in made.items()
        if when <= until and removable(names, [at]) and _proved(folder, at)
    ]
    gone = removable(names, due)
    for at in gone:
        folder.store.remove(folder.path(at))
    removed_bytes = sum(sizes[at] for at in gone)
    tally = folder.tally
    tally.removed_files += len(gone)
    tally.removed_bytes += removed_bytes
    tally.waiting_files += len(sizes) - len(gone)
    tally.waiting_bytes += sum(sizes.values()) - removed_bytes


def _planned(folder: _Folder, limits: Limits) -> list[Block]:
    names = folder.names()
    footers = folder.footers(names)
    spans = {at: span for at in names if (span := segment_range(at)) is not None}
    whole = [at for at in spans if not _is_damaged(folder.known.get(at))]
    pieces = [
        Piece(*spans[at], rows=footers[at].rows, size_bytes=footers[at].size_bytes)
        for at in live(whole)
        if at in footers
    ]
    barred = [span for at, span in spans.items() if at not in footers]
    return plan_blocks(pieces, barred, folder.until, limits)


def _make(folder: _Folder, block: Block, now: datetime, scratch: Path) -> None:
    """Merge a block; where it was taken, or a piece is gone or torn, the next plan knows of it."""
    names = [_name(piece) for piece in block.pieces]
    footer = compacted_footer(folder.footers(names).values(), now)
    target = segment_name(block.first, block.last)
    with tempfile.TemporaryDirectory(dir=scratch) as room:
        try:
            paths = [folder.path(name) for name in names]
            path, rows = merge(folder.store, paths, folder.schema, footer, Path(room))
            _refuse_loss(folder, block, rows)
            if not set(names) <= set(folder.store.names(folder.name)):
                return  # one of them was found damaged meanwhile, and is looked at again
            folder.store.create(folder.path(target), path)
            size_bytes = path.stat().st_size
        except PieceTornError as torn:
            folder.unfit(torn.name.rpartition("/")[2], Unfit(torn.why, is_damaged=True))
            return
        except (FileNotFoundError, FileExistsError):
            return  # another compaction was first
    tally = folder.tally
    tally.merged_files += len(names)
    tally.merged_bytes += sum(piece.size_bytes for piece in block.pieces)
    tally.made_files += 1
    tally.made_bytes += size_bytes
    tally.rows += rows


def _refuse_loss(folder: _Folder, block: Block, rows: int) -> None:
    expected = sum(piece.rows for piece in block.pieces)
    if rows != expected:
        text = (
            f"{folder.name}: {rows:,} of {expected:,} rows came out of a merge; nothing was changed"
        )
        raise RunFailed(text)


def _name(piece: Piece) -> str:
    return segment_name(piece.first, piece.last if piece.last != piece.first else None)


def _is_damaged(known: Footer | Unfit | None) -> bool:
    return known is None or (isinstance(known, Unfit) and known.is_damaged)


def _proved(folder: _Folder, name: str) -> bool:
    """Read a whole file; tell whether it is what was written."""
    path = folder.path(name)
    try:
        size = folder.store.size(path)
        found = seal.prove(lambda offset, length: folder.store.read(path, offset, length), size)
    except FileNotFoundError:
        return False
    except TornError as error:
        folder.unfit(name, Unfit(str(error), is_damaged=True))
        return False
    return found is not None


def _size(folder: _Folder, name: str) -> int:
    try:
        return folder.store.size(folder.path(name))
    except FileNotFoundError:
        return 0


def _sweep(folder: _Folder, names: list[str]) -> None:
    for name in names:
        if _LEFTOVER.fullmatch(name):
            folder.store.remove(folder.path(name))
