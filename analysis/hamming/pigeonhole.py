"""Which chunks of two near hashes must agree, and how nearly.

Room: pure rules. Cut 256 bits into chunks and give chunk i a radius r_i such that the sum of all
r_i + 1 is more than the distance: then two hashes within the distance are within r_i in at least
one chunk i, else they would differ in more bits than that (Norouzi, Punjani, Fleet: Fast Search in
Hamming Space with Multi-Index Hashing, CVPR 2012, proposition 1 and its corollary).
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from analysis.hamming.words import HASH_BITS, WORD_BITS, Numbers, Words

# Measured on 10 million against 10 thousand (docs/decisions/0053): 11 and 13 are slower.
CHUNKS = 12
# With a wider radius a table has too many neighbours to be worth it.
WIDEST_RADIUS = 2
# The farthest that the chunks still find all pairs of.
FARTHEST = CHUNKS * (WIDEST_RADIUS + 1) - 1


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bits of a hash from `start` on. Two hashes that it is to find differ in at most `radius` of them."""

    start: int
    bits: int
    radius: int


def chunks_for(distance: int) -> tuple[Chunk, ...]:
    """Return the chunks that find every pair within `distance`; those that need no look are left out."""
    radii, more = divmod(distance + 1, CHUNKS)
    width, wider = divmod(HASH_BITS, CHUNKS)
    found, start = [], 0
    for number in range(CHUNKS):
        bits = width + (number < wider)
        radius = radii + (number < more) - 1
        if radius >= 0:
            found.append(Chunk(start, bits, radius))
        start += bits
    return tuple(found)


@cache
def neighbours(bits: int, radius: int) -> tuple[int, ...]:
    """Return every number of so many bits with at most `radius` of them set."""
    return tuple(
        sum(1 << bit for bit in places)
        for count in range(radius + 1)
        for places in combinations(range(bits), count)
    )


def chunk_of(words: Words, chunk: Chunk) -> Numbers:
    """Return the bits of one chunk, of each hash, as a number."""
    word, offset = divmod(chunk.start, WORD_BITS)
    found = words[:, word] >> np.uint64(offset)
    if offset + chunk.bits > WORD_BITS:
        found |= words[:, word + 1] << np.uint64(WORD_BITS - offset)
    found &= np.uint64((1 << chunk.bits) - 1)
    return found.view(np.int64)
