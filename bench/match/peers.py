"""One function a peer: a haystack, needles and a distance → pairs as sorted numbers.

A pair is hay row × 2^32 + needle row, so that answers can be compared.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb
import faiss
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analysis.hamming.brute import brute_pairs
from analysis.hamming.nearby import near_pairs
from bench.match.hashes import Hashes, Words

Codes = npt.NDArray[np.uint64]
_SHIFT = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Peer:
    """How a peer is called, and how many of the needles it is given: the rest is extrapolated."""

    title: str
    find: Callable[[Hashes, int], Codes]
    share: float = 1.0


def stillup(given: Hashes, distance: int) -> Codes:
    """Multi-index hashing with tables of the needles."""
    found = near_pairs(given.hay, given.needles, distance, os.cpu_count() or 1)
    return _codes(found.left, found.right)


def numpy_brute(given: Hashes, distance: int) -> Codes:
    """Every pair, in blocks."""
    found = brute_pairs(given.hay, given.needles, distance)
    return _codes(found.left, found.right)


def duckdb_brute(given: Hashes, distance: int) -> Codes:
    """Every pair, in SQL."""
    with duckdb.connect() as asked:
        asked.register("hay", _table(given.hay))
        asked.register("needles", _table(given.needles))
        bits = " + ".join(f"bit_count(xor(h.w{n}, n.w{n}))::integer" for n in range(4))
        query = f"select h.row, n.row from hay h, needles n where {bits} <= {distance}"
        found = asked.sql(query).fetchnumpy()
    left, right = found.values()
    return _codes(left, right)


def faiss_flat(given: Hashes, distance: int) -> Codes:
    """IndexBinaryFlat: every pair, in C++."""
    index = faiss.IndexBinaryFlat(256)
    return _searched(index, given, distance)


def faiss_hash(given: Hashes, distance: int) -> Codes:
    """IndexBinaryMultiHash of 16 chunks of 16 bits, one of which may flip: exact up to 31."""
    index = faiss.IndexBinaryMultiHash(256, 16, 16)
    index.nflip = 1
    return _searched(index, given, distance)


def _searched(index: faiss.IndexBinary, given: Hashes, distance: int) -> Codes:
    index.add(given.hay.view(np.uint8))
    # faiss takes what is nearer than its radius.
    limits, _, rows = index.range_search(given.needles.view(np.uint8), distance + 1)
    return _codes(rows, np.repeat(np.arange(len(given.needles)), np.diff(limits.astype(np.int64))))


def _codes(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> Codes:
    return np.sort((left.astype(np.uint64) << _SHIFT) | right.astype(np.uint64))


def _table(words: Words) -> pa.Table:
    columns = {f"w{n}": np.ascontiguousarray(words[:, n]) for n in range(4)}
    return pa.table({"row": np.arange(len(words)), **columns})


PEERS: Mapping[str, Peer] = {
    "stillup": Peer("stillup", stillup),
    "faiss-hash": Peer("faiss IndexBinaryMultiHash (16 × 16 bits)", faiss_hash),
    "faiss-flat": Peer("faiss IndexBinaryFlat", faiss_flat),
    "numpy": Peer("brute force, numpy", numpy_brute, 0.2),
    "duckdb": Peer("brute force, DuckDB bit_count", duckdb_brute, 0.05),
}
