"""Rows that name a link which another row names: found among numbers, a range of ids at a time.

Room: disk. What is found is written beside each file of staged rows: of every such row how many
rows its link has if it is the first of them, else 0. Most rows are alone, and nothing is kept of
those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from crawler.plan.staged import Numbers, StagedFile, distinct, read_keys
from crawler.plan.threads import at_once

# So many rows are looked at together: 8 bytes each, twice.
_ROWS_AT_ONCE = 1 << 25
_LEAST_BITS, _MOST_BITS = 16, 28
_PAIR = np.dtype([("row", np.uint64), ("count", np.uint64)])

# Key and check of a link whose id was another's → the id that it has instead.
Moved = Mapping[tuple[int, int], int]


@dataclass(slots=True)
class _Found:
    """Rows whose link has several, in source order, as a list of one array a file."""

    rows: list[Numbers] = field(default_factory=list)
    link_ids: list[Numbers] = field(default_factory=list)
    checks: list[Numbers] = field(default_factory=list)


def link_ids(file: StagedFile, moved: Moved) -> Numbers:
    """Return the id of the link of each row."""
    keys = read_keys(file)
    if not moved:
        return keys.link_ids
    ids = keys.link_ids.copy()
    for (link_id, check), new_id in moved.items():
        ids[(keys.link_ids == link_id) & (keys.checks == check)] = new_id
    return ids


def row_counts(file: StagedFile) -> Numbers:
    """Return of each row how many rows its link has if it is the first of them, else 0."""
    counts = np.ones(file.rows, np.uint64)
    if file.path("repeats").exists():
        pairs = np.fromfile(file.path("repeats"), _PAIR)
        counts[pairs["row"] - np.uint64(file.place.first_row)] = pairs["count"]
    return counts


def find_repeats(files: Sequence[StagedFile], moved: Moved) -> tuple[int, list[tuple[int, int]]]:
    """Write down what repeats; return how many links there are, and the keys that share an id.

    The latter are ids and checks, in the order of ids and then of rows, and none on a good day.
    """
    for file in files:
        file.path("repeats").unlink(missing_ok=True)
    rows = sum(file.rows for file in files)
    links, clashes = rows, []
    ranges = -(-rows // _ROWS_AT_ONCE)
    edges = [at * (1 << 64) // ranges for at in range(ranges)]
    for first, end in pairwise([*edges, 1 << 64]):
        found = _rows_of(files, moved, _repeated(files, moved, first, end))
        more, clashing = _settle(files, found)
        links -= more
        clashes += clashing
    return links, clashes


def _within(ids: Numbers, first: int, end: int) -> Numbers:
    if (first, end) == (0, 1 << 64):
        return ids
    return ids[(ids >= np.uint64(first)) & (ids <= np.uint64(end - 1))]


def _repeated(files: Sequence[StagedFile], moved: Moved, first: int, end: int) -> Numbers:
    """Return, sorted, the ids of a range that several rows have."""

    def of_file(file: StagedFile) -> Numbers:
        ids = np.sort(_within(link_ids(file, moved), first, end))
        twice = ids[1:] == ids[:-1]
        if not twice.any():
            return ids
        # What repeats here is told twice, however often it does.
        return np.concatenate([distinct(ids), distinct(ids[1:][twice])])

    parts = list(at_once(of_file, files))
    together = np.concatenate(parts)
    parts.clear()
    together.sort()
    return distinct(together[1:][together[1:] == together[:-1]])


def _rows_of(files: Sequence[StagedFile], moved: Moved, repeated: Numbers) -> _Found:
    found = _Found()
    if not len(repeated):
        return found
    bits = min(_MOST_BITS, max(_LEAST_BITS, len(repeated).bit_length() + 4))
    mask = np.uint64((1 << bits) - 1)
    maybe = np.zeros(1 << bits, np.bool_)
    maybe[repeated & mask] = True

    def of_file(file: StagedFile) -> tuple[Numbers, Numbers, Numbers]:
        ids = link_ids(file, moved)
        rows = np.flatnonzero(maybe[ids & mask])
        at = np.searchsorted(repeated, ids[rows])
        rows = rows[repeated[np.minimum(at, len(repeated) - 1)] == ids[rows]]
        return rows + file.place.first_row, ids[rows], read_keys(file).checks[rows]

    for rows, ids, checks in at_once(of_file, files):
        found.rows.append(rows)
        found.link_ids.append(ids)
        found.checks.append(checks)
    return found


def _settle(files: Sequence[StagedFile], found: _Found) -> tuple[int, list[tuple[int, int]]]:
    """Write down the rows found; return how many are not the first of their link, and clashes."""
    if not found.rows:
        return 0, []
    rows, ids, checks = map(np.concatenate, (found.rows, found.link_ids, found.checks))
    order = np.argsort(ids, kind="stable")
    starts = np.flatnonzero(np.r_[True, ids[order][1:] != ids[order][:-1]])
    sizes = np.diff(np.r_[starts, len(order)])
    pairs = np.zeros(len(rows), _PAIR)
    pairs["row"] = rows
    pairs["count"][order[starts]] = sizes
    ends = np.cumsum([len(part) for part in found.rows])
    for file, part in zip(files, np.split(pairs, ends[:-1]), strict=True):
        if len(part):
            with file.path("repeats").open("ab") as target:
                part.tofile(target)
    differs = checks[order] != np.repeat(checks[order[starts]], sizes)
    return len(order) - len(starts), _clashes(ids[order], checks[order], differs)


def _clashes(ids: Numbers, checks: Numbers, differs: Numbers) -> list[tuple[int, int]]:
    """Return the distinct keys of ids that several keys share, the first ones first."""
    if not differs.any():
        return []
    shared = np.isin(ids, ids[differs])
    return list(dict.fromkeys(zip(ids[shared].tolist(), checks[shared].tolist(), strict=True)))
