"""PDQ, Facebook's perceptual hash, from the brightness of a picture.

Room: pure rules. Source: "PDQ & TMK+PDQF", Facebook 2019, and the reference implementation in
facebook/ThreatExchange, pdq/cpp. Written anew because its Python binding has no wheel for Linux and
takes three times as long (docs/decisions/0050); on full pictures both give the same 256 bits.

The reference blurs (two box filters each way), takes 64 × 64 samples, and keeps 16 × 16 frequencies.
All of that is linear and separable, so it is two matrix products with matrices that only depend on
the picture's size. A picture that was decoded at a half, a quarter or an eighth has blocks for
pixels; the matrix of the full size, with the columns of a block added up, is the reference's own
filter for it. Hashing the small picture as if it were the original would differ by 14 bits.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MIN_SIDE = 5  # the reference hashes nothing smaller
_SIDE = 64
_KEPT = 16
_FREQUENCIES = (
    np.sqrt(2 / _SIDE)
    * np.cos(np.pi / (2 * _SIDE) * np.outer(np.arange(1, _KEPT + 1), 2 * np.arange(_SIDE) + 1))
).astype(np.float32)


def sampled(luma: NDArray[Any], height: int, width: int, scale: int) -> Floats:
    """Return the 64 × 64 samples of a picture.

    `luma` is its brightness, 0 to 255, each value that of a block of `scale` × `scale` pixels of
    the `height` × `width` picture.
    """
    if (height, width) == (_SIDE, _SIDE) and scale == 1:
        return luma.astype(np.float32)
    return _sampling(height, scale) @ luma.astype(np.float32) @ _sampling(width, scale).T


def frequencies(samples: Floats) -> Floats:
    """Return the 16 × 16 lowest frequencies but the constant: a type II cosine transform."""
    found: Floats = _FREQUENCIES @ samples @ _FREQUENCIES.T
    return found


def bits(found: Floats) -> bytes:
    """Return the hash of 16 × 16 frequencies: which are above their median."""
    values = found.ravel()
    median = np.partition(values, values.size // 2 - 1)[values.size // 2 - 1]
    return np.packbits((values > median)[::-1]).tobytes()


def quality(samples: Floats) -> int:
    """Return how much there is to see, 0 to 100: the picture's significant gradients."""
    steps = (np.diff(samples, axis=axis) for axis in (0, 1))
    total = sum(int(np.abs(np.trunc(step * 100 / 255)).sum()) for step in steps)
    return min(100, total // 90)


def turned(found: Floats) -> tuple[bytes, ...]:
    """Return the hashes of the picture turned and mirrored, in the order of ORIENTATIONS.

    Turning a picture transposes its frequencies or changes the sign of every other one.
    """
    across = np.where(np.arange(_KEPT) % 2, 1, -1).astype(np.float32)[None, :]
    down = across.T
    both = across * down
    return tuple(
        bits(np.ascontiguousarray(kind))
        for kind in (
            found,
            (found * across).T,
            found * both,
            (found * down).T,
            found * down,
            found * across,
            found.T,
            (found * both).T,
        )
    )


@lru_cache(maxsize=1024)
def _sampling(length: int, scale: int) -> Floats:
    """Return the matrix (64 × blocks) that blurs and samples one side of a picture."""
    matrix = _blurred_samples(length)
    if scale > 1:
        matrix = np.add.reduceat(matrix, np.arange(0, length, scale), axis=1)
    return matrix.astype(np.float32)


def _blurred_samples(length: int) -> NDArray[np.float64]:
    """Return what each pixel weighs in each of 64 samples after two passes of the box filter.

    The window of a pixel is cut off at the edges. Each row is summed up from where the windows of
    the second pass begin and end.
    """
    window = -(-length // (2 * _SIDE))
    ahead = (window + 2) // 2
    at = np.arange(length)
    begins, ends = np.maximum(0, at - (window - ahead)), np.minimum(length, at + ahead)
    centres = ((np.arange(_SIDE) + 0.5) * length / _SIDE).astype(int)
    in_window = (at >= begins[centres, None]) & (at < ends[centres, None])
    row, pixel = np.nonzero(in_window)
    weight = 1 / (in_window.sum(axis=1)[row] * (ends - begins)[pixel])
    steps = np.zeros((_SIDE, length + 1))
    np.add.at(steps, (row, begins[pixel]), weight)
    np.subtract.at(steps, (row, ends[pixel]), weight)
    return np.cumsum(steps, axis=1)[:, :-1]
