"""Perceptual hashes as rows of four 64-bit words, which is what distances are counted on.

Room: pure rules. Knows bits, not what a hash is of.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

HASH_BYTES = 32
HASH_BITS = 8 * HASH_BYTES
WORDS = 4
WORD_BITS = 64

# One row of four words a hash.
Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Distances = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which row of the left set is near which row of the right one, and how many bits they differ."""

    left: Numbers
    right: Numbers
    distance: Distances

    def __len__(self) -> int:
        return len(self.left)

    def swapped(self) -> "Pairs":
        """Return the same pairs with the two sets exchanged."""
        return Pairs(self.right, self.left, self.distance)


def as_words(digests: "bytes | bytearray | memoryview") -> Words:
    """Return hashes of 32 bytes each, one after the other, as rows of words."""
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64, copy=False).reshape(-1, WORDS)


def as_bytes(words: Words) -> bytes:
    """Return rows of words as hashes of 32 bytes each, one after the other."""
    return words.astype("<u8", copy=False).tobytes()


def no_pairs() -> Pairs:
    """Return pairs of nothing."""
    empty = np.empty(0, dtype=np.int64)
    return Pairs(empty, empty, np.empty(0, dtype=np.uint16))


def joined(parts: "list[Pairs]") -> Pairs:
    """Return the pairs of all parts."""
    if not parts:
        return no_pairs()
    return Pairs(
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.distance for part in parts]),
    )
