"""Haystacks and needles from a seed: most of them at random, some in clusters as on the web."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]

_BITS = 256
_CLUSTER_SHARE = 0.05  # of the haystack: copies of few pictures, edited in many ways
_CLUSTERS = 200
_NEAR_SHARE = 0.1  # of the needles: edited copies of something in the haystack
_FLIPS = 0.06  # of a copy's bits: 15 of 256


@dataclass(frozen=True, slots=True)
class Hashes:
    """A haystack and needles as rows of four words."""

    hay: Words
    needles: Words


def hashes(hay_rows: int, needle_rows: int, seed: int = 1) -> Hashes:
    """Return so many hashes of each."""
    rng = np.random.default_rng(seed)
    hay = rng.integers(0, 2**64, (hay_rows, 4), dtype=np.uint64)
    centres = rng.integers(0, 2**64, (_CLUSTERS, 4), dtype=np.uint64)
    at = rng.choice(hay_rows, int(hay_rows * _CLUSTER_SHARE), replace=False)
    hay[at] = centres[rng.integers(0, _CLUSTERS, len(at))]
    for some in np.array_split(at, max(1, len(at) // 50_000)):
        hay[some] ^= _flips(rng, len(some))
    needles = rng.integers(0, 2**64, (needle_rows, 4), dtype=np.uint64)
    near = int(needle_rows * _NEAR_SHARE)
    needles[:near] = hay[rng.integers(0, hay_rows, near)] ^ _flips(rng, near)
    return Hashes(hay, needles)


def _flips(rng: np.random.Generator, rows: int) -> Words:
    return np.packbits(rng.random((rows, _BITS), dtype=np.float32) < _FLIPS, axis=1).view(np.uint64)
