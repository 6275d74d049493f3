"""All pairs of two sets of hashes within a distance, by whatever finds them soonest.

Room: pure rules. Both ways give the same pairs; tests/analysis/hamming holds them to it.
"""

import numpy as np

from analysis.hamming.brute import brute_pairs
from analysis.hamming.multi_index import indexed_pairs
from analysis.hamming.pigeonhole import FARTHEST
from analysis.hamming.words import Pairs, Words

# Tables cost about as much as this many comparisons, and streaming a row past them as many as this.
_FEW_PAIRS = 300_000_000
_FEW_ROWS = 64


def near_pairs(left: Words, right: Words, distance: int, threads: int = 1) -> Pairs:
    """Return every pair of rows that differ in at most `distance` bits (0 to 256), each once.

    Ordered by left, then right row; looked for on so many threads.
    """
    found = _pairs(left, right, distance, threads)
    order = np.lexsort((found.right, found.left))
    return Pairs(found.left[order], found.right[order], found.distance[order])


def _pairs(left: Words, right: Words, distance: int, threads: int) -> Pairs:
    fewer = min(len(left), len(right))
    if distance > FARTHEST or fewer <= _FEW_ROWS or len(left) * len(right) <= _FEW_PAIRS:
        return brute_pairs(left, right, distance, threads)
    if len(right) <= len(left):
        return indexed_pairs(left, right, distance, threads)
    return indexed_pairs(right, left, distance, threads).swapped()
