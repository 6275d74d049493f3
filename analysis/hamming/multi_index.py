"""Near pairs by multi-index hashing, turned round: the smaller set is in tables, the larger streams.

Room: pure rules. A table has, for each value of a chunk, the hashes of the smaller set that are
within the chunk's radius of it. So the larger set needs no index but its own rows, is read in
order, and may be mapped from a file. No pair is missed and none is found twice: it counts in the
first chunk that finds it.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.hamming.pigeonhole import Chunk, chunk_of, chunks_for, neighbours
from analysis.hamming.words import Numbers, Pairs, Words, joined, no_pairs

# Rows of the larger set that are looked up at a time, and rows of the smaller one in a table.
_BLOCK_ROWS = 1 << 17
_TABLE_ROWS = 1 << 14
# Pairs that are looked at at a time: clusters of alike hashes may meet in a chunk all at once.
_CANDIDATES = 1 << 21


@dataclass(frozen=True, slots=True)
class _Table:
    """`rows[starts[value] : starts[value + 1]]` are the hashes near a value of the chunk."""

    chunk: Chunk
    before: tuple[Chunk, ...]
    starts: npt.NDArray[np.int32]
    rows: npt.NDArray[np.uint32]


def indexed_pairs(many: Words, few: Words, distance: int, threads: int) -> Pairs:
    """Return all pairs of `many` and `few` that differ in at most `distance` bits, each once."""
    parts = []
    with ThreadPoolExecutor(threads) as pool:
        for first in range(0, len(few), _TABLE_ROWS):
            some = np.ascontiguousarray(few[first : first + _TABLE_ROWS])
            for table in _tables(some, distance):
                blocks = [
                    pool.submit(_search, many, row, some, table, distance)
                    for row in range(0, len(many), _BLOCK_ROWS)
                ]
                for block in blocks:
                    found = block.result()
                    if len(found):
                        parts.append(Pairs(found.left, found.right + first, found.distance))
    return joined(parts)


def _tables(few: Words, distance: int) -> Iterator[_Table]:
    chunks = chunks_for(distance)
    for number, chunk in enumerate(chunks):
        yield _table(few, chunk, chunks[:number])


def _table(few: Words, chunk: Chunk, before: tuple[Chunk, ...]) -> _Table:
    flips = np.array(neighbours(chunk.bits, chunk.radius), dtype=np.uint64)
    near = chunk_of(few, chunk).view(np.uint64)[:, None] ^ flips[None, :]
    near <<= np.uint64(32)
    near |= np.arange(len(few), dtype=np.uint64)[:, None]
    flat = near.reshape(-1)
    flat.sort()
    rows = flat.astype(np.uint32)
    flat >>= np.uint64(32)
    starts = np.zeros((1 << chunk.bits) + 1, dtype=np.int32)
    np.cumsum(np.bincount(flat.view(np.int64), minlength=1 << chunk.bits), out=starts[1:])
    return _Table(chunk, before, starts, rows)


def _search(many: Words, first: int, few: Words, table: _Table, distance: int) -> Pairs:
    block = many[first : first + _BLOCK_ROWS]
    values = chunk_of(block, table.chunk)
    starts = table.starts[values]
    values += 1
    counts = table.starts[values]
    counts -= starts
    hits = np.flatnonzero(counts)
    parts = []
    for some in _portions(counts[hits]):
        left, right = _candidates(hits[some], starts[hits[some]], counts[hits[some]], table.rows)
        found = _near(block, few, left, right, distance)
        found = _first_found(block, few, found, table.before)
        if len(found):
            parts.append(Pairs(found.left + first, found.right, found.distance))
    return joined(parts)


def _portions(counts: npt.NDArray[np.int32]) -> Iterator[slice]:
    """Cut hits into stretches of bounded candidates."""
    ends = np.cumsum(counts, dtype=np.int64)
    done = begin = 0
    while begin < len(ends):
        end = max(begin + 1, int(np.searchsorted(ends, done + _CANDIDATES, side="right")))
        yield slice(begin, end)
        done, begin = int(ends[end - 1]), end


def _candidates(
    hits: Numbers,
    starts: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int32],
    rows: npt.NDArray[np.uint32],
) -> tuple[Numbers, npt.NDArray[np.uint32]]:
    ends = np.cumsum(counts, dtype=np.int64)
    places = np.arange(ends[-1])
    places += np.repeat(starts - (ends - counts), counts)
    return np.repeat(hits, counts), rows[places]


def _near(
    block: Words, few: Words, left: Numbers, right: npt.NDArray[np.uint32], distance: int
) -> Pairs:
    """Count the first two words of all, and the others of those that are still near."""
    half = np.bitwise_count(block[left, 0] ^ few[right, 0])
    half += np.bitwise_count(block[left, 1] ^ few[right, 1])
    kept = np.flatnonzero(half <= distance)
    if not len(kept):
        return no_pairs()
    left, right, whole = left[kept], right[kept], half[kept].astype(np.uint16)
    whole += np.bitwise_count(block[left, 2] ^ few[right, 2])
    whole += np.bitwise_count(block[left, 3] ^ few[right, 3])
    kept = np.flatnonzero(whole <= distance)
    return Pairs(left[kept], right[kept].astype(np.int64), whole[kept])


def _first_found(block: Words, few: Words, pairs: Pairs, before: tuple[Chunk, ...]) -> Pairs:
    """Leave out the pairs that a chunk before has found."""
    if not len(pairs):
        return pairs
    fresh = np.ones(len(pairs), dtype=bool)
    differing = block[pairs.left] ^ few[pairs.right]
    for chunk in before:
        fresh &= np.bitwise_count(chunk_of(differing, chunk).view(np.uint64)) > chunk.radius
    return Pairs(pairs.left[fresh], pairs.right[fresh], pairs.distance[fresh])
