"""The run's PDQ hashes, each once, in RUN/index: made of its segments and grown with them.

Room: disk. A part is written whole under a temporary name, synced and renamed; then the list of
parts is, in the same way. A part is proved by its digest before it is used. Where the run cannot be
written, the hashes are gathered in memory. All of it can be deleted at any time.
"""

import contextlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xxhash

from analysis.hamming.words import Words
from analysis.segments import Listing
from analysis.whole_file import whole
from crawler.records import layout
from storage.folder import Folder

FOLDER = "index"

_PARTS_FILE = "pdq.json"
_VERSION = 1
_MOST_PARTS = 8
# A hash's four words, and the best quality that it was seen with.
_ROW = np.dtype([("words", "<u8", (4,)), ("quality", "u1")])

_Rows = npt.NDArray[np.void]
# Segments (relative to the run) → their PDQ hashes, each once.
Gather = Callable[[Sequence[str]], "Hashes"]


@dataclass(frozen=True, slots=True)
class Hashes:
    """Row i of `words` (n, 4) is a PDQ, `quality[i]` the best that it was seen with, 0 to 100."""

    words: Words
    quality: npt.NDArray[np.uint8]

    def at_least(self, quality: int) -> Words:
        """Return the hashes of a quality."""
        fit = self.quality >= quality
        return self.words if bool(fit.all()) else self.words[fit]


@dataclass(frozen=True, slots=True)
class _Part:
    """One file of the index, and the segments that it covers: path and what proves it is the same."""

    file: str
    digest: str
    covers: dict[str, str]


def run_hashes(listing: Listing, gather: Gather) -> Hashes:
    """Return the PDQ hashes of a listing; only segments that the kept index lacks are gathered."""
    if not isinstance(listing.store, Folder):  # the index is a file that is mapped into memory
        return gather(listing.files[layout.OBSERVATIONS])
    folder = listing.store.root / FOLDER
    segments = {path: _identity(listing, path) for path in listing.files[layout.OBSERVATIONS]}
    parts = _kept_parts(folder)
    covered = {path: proof for part, _ in parts for path, proof in part.covers.items()}
    if any(segments.get(path) != proof for path, proof in covered.items()):
        parts, covered = [], {}  # a segment was compacted, set aside or replaced
    fresh = {path: proof for path, proof in segments.items() if path not in covered}
    if fresh:
        parts = _grown(folder, parts, fresh, gather(list(fresh)))
    return _hashes([rows for _, rows in parts])


def _identity(listing: Listing, path: str) -> str:
    proof = listing.seals.get(path)
    if proof is not None:
        return xxhash.xxh3_64_hexdigest(proof.blocks)
    with contextlib.closing(listing.store.open(path)) as file:
        return f"{file.size}-{file.modified_ns}"


def _kept_parts(folder: Path) -> list[tuple[_Part, _Rows]]:
    """Return the parts that are there and whole; none, if one of them is not."""
    try:
        said = json.loads((folder / _PARTS_FILE).read_text())
        parts = [_Part(**part) for part in said["parts"]] if said["version"] == _VERSION else []
        return [(part, _mapped(folder / Path(part.file).name, part.digest)) for part in parts]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _mapped(path: Path, digest: str) -> _Rows:
    rows: _Rows = np.load(path, mmap_mode="r", allow_pickle=False)
    if rows.dtype != _ROW or _digest(rows) != digest:
        raise ValueError(f"{path} is not what was written")
    return rows


def _digest(rows: _Rows) -> str:
    return xxhash.xxh3_64_hexdigest(np.ascontiguousarray(rows).view(np.uint8).data)


def _grown(
    folder: Path, parts: list[tuple[_Part, _Rows]], fresh: dict[str, str], found: Hashes
) -> list[tuple[_Part, _Rows]]:
    """Return the parts with one more, or one instead of many; keep them where that is possible."""
    rows = np.empty(len(found.quality), dtype=_ROW)
    rows["words"], rows["quality"] = found.words, found.quality
    if len(parts) >= _MOST_PARTS:
        fresh = {path: proof for part, _ in parts for path, proof in part.covers.items()} | fresh
        rows = np.concatenate([*(kept for _, kept in parts), rows])
        parts = []
    digest = _digest(rows)
    part = _Part(f"pdq-{digest}.npy", digest, fresh)
    parts = [*parts, (part, rows)]
    with contextlib.suppress(OSError):  # a run that is only read is matched all the same
        _keep(folder, part.file, rows, [kept for kept, _ in parts])
    return parts


def _keep(folder: Path, name: str, rows: _Rows, parts: list[_Part]) -> None:
    folder.mkdir(exist_ok=True)
    said = {"version": _VERSION, "parts": [asdict(part) for part in parts]}
    with whole(folder / name) as file:
        np.save(file, rows, allow_pickle=False)
    with whole(folder / _PARTS_FILE) as file:
        file.write(json.dumps(said).encode())
    _sweep(folder, {part.file for part in parts})


def _sweep(folder: Path, used: Iterable[str]) -> None:
    """Drop parts that are no longer named; who has one mapped keeps it."""
    for path in folder.glob("pdq-*.npy"):
        if path.name not in used:
            path.unlink(missing_ok=True)


def _hashes(parts: list[_Rows]) -> Hashes:
    """Return the parts as one, in memory: 33 bytes a hash."""
    rows = parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, dtype=_ROW), *parts])
    return Hashes(np.ascontiguousarray(rows["words"]), np.ascontiguousarray(rows["quality"]))
