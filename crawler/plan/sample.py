"""Which links a sample keeps: a draw that depends on the link alone.

Room: pure rules. The draw of a link is SplitMix64 of its id and the seed (Steele, Lea and Flood,
2014, https://doi.org/10.1145/2660193.2660195), so the same link is drawn alike in every run, and
a smaller sample is a part of a larger one.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

_GOLDEN = 0x9E3779B97F4A7C15
_MIX_1 = 0xBF58476D1CE4E5B9
_MIX_2 = 0x94D049BB133111EB
_WORD = 1 << 64


@dataclass(frozen=True, slots=True)
class Draw:
    """Which part of the links to keep, and the seed of the draw."""

    fraction: float = 1.0
    seed: int = 0

    def takes(self, link_ids: pa.Array) -> pa.Array:
        """Tell which links (ids as uint64) are drawn."""
        return is_drawn(draws(link_ids, self.seed), self.fraction)


def draws(link_ids: pa.Array, seed: int) -> pa.Array:
    """Return a uniform number below 2**64 for each link id (both uint64)."""
    start = pa.scalar(seed * _GOLDEN % _WORD, pa.uint64())
    mixed = pc.add(pc.bit_wise_xor(link_ids, start), pa.scalar(_GOLDEN, pa.uint64()))
    mixed = pc.multiply(_fold(mixed, 30), pa.scalar(_MIX_1, pa.uint64()))
    mixed = pc.multiply(_fold(mixed, 27), pa.scalar(_MIX_2, pa.uint64()))
    return _fold(mixed, 31)


def is_drawn(drawn: pa.Array, fraction: float) -> pa.Array:
    """Tell which draws belong to a sample of the given fraction (0 < fraction <= 1)."""
    if fraction >= 1:
        return pa.repeat(pa.scalar(value=True), len(drawn))
    return pc.less(drawn, pa.scalar(int(fraction * _WORD), pa.uint64()))


def _fold(word: pa.Array, bits: int) -> pa.Array:
    return pc.bit_wise_xor(word, pc.shift_right(word, pa.scalar(bits, pa.uint64())))
