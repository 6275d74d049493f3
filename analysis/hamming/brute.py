"""Near pairs by looking at every pair: for few hashes, and for distances beyond the chunks' reach.

Room: pure rules.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import numpy.typing as npt

from analysis.hamming.words import WORDS, Distances, Numbers, Pairs, Words, joined

# A block's words and distances stay in the processor's cache.
_LEFT_ROWS = 4096
_RIGHT_ROWS = 16
# Up to it next to no pair of strangers is within the distance in half of the bits.
_HALF_TELLS = 40


def brute_pairs(left: Words, right: Words, distance: int, threads: int = 1) -> Pairs:
    """Return all pairs of `left` and `right` that differ in at most `distance` bits."""
    search = partial(_block_pairs, left, right, distance)
    with ThreadPoolExecutor(threads) as pool:
        return joined(
            [found for found in pool.map(search, range(0, len(left), _LEFT_ROWS)) if found]
        )


def _block_pairs(left: Words, right: Words, distance: int, first: int) -> Pairs | None:
    block = np.ascontiguousarray(left[first : first + _LEFT_ROWS].T)
    parts = []
    for at in range(0, len(right), _RIGHT_ROWS):
        some = right[at : at + _RIGHT_ROWS]
        rows, columns = _maybe_near(block, some, distance)
        counts = _distances(block[:, rows], some[columns])
        near = np.flatnonzero(counts <= distance)
        if len(near):
            parts.append(Pairs(rows[near] + first, columns[near] + at, counts[near]))
    return joined(parts) if parts else None


def _maybe_near(block: Words, some: Words, distance: int) -> tuple[Numbers, Numbers]:
    """Return the pairs that the first half of the bits does not rule out."""
    columns = np.arange(len(some))
    if distance > _HALF_TELLS:
        return (
            np.tile(np.arange(block.shape[1]), len(some)),
            np.repeat(columns, block.shape[1]),
        )
    half: npt.NDArray[np.uint8] = np.bitwise_count(block[0] ^ some[:, 0, None])
    half += np.bitwise_count(block[1] ^ some[:, 1, None])
    places = np.flatnonzero(half <= distance)
    return places % block.shape[1], places // block.shape[1]


def _distances(left: Words, right: Words) -> Distances:
    """Count the bits in which columns of `left` and rows of `right` differ."""
    found = np.zeros(len(right), dtype=np.uint16)
    for word in range(WORDS):
        found += np.bitwise_count(left[word] ^ right[:, word])
    return found
