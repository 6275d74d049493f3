"""Near pairs against the plainest count there is: Python's own, bit by bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.hamming.brute import brute_pairs
from analysis.hamming.multi_index import indexed_pairs
from analysis.hamming.nearby import near_pairs
from analysis.hamming.pigeonhole import FARTHEST, chunks_for
from analysis.hamming.words import HASH_BITS, Pairs, Words, as_bytes, as_words


def found(pairs: Pairs) -> list[tuple[int, int, int]]:
    return sorted(
        zip(pairs.left.tolist(), pairs.right.tolist(), pairs.distance.tolist(), strict=True)
    )


def plainly(left: list[int], right: list[int], distance: int) -> list[tuple[int, int, int]]:
    return [
        (row, column, bits)
        for row, one in enumerate(left)
        for column, other in enumerate(right)
        if (bits := (one ^ other).bit_count()) <= distance
    ]


def words(hashes: list[int]) -> Words:
    return as_words(b"".join(one.to_bytes(32, "little") for one in hashes))


anything = st.integers(0, (1 << HASH_BITS) - 1)


@st.composite
def clustered(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Hashes at random and around a few centres, as near-copies of pictures are."""
    centres = draw(st.lists(anything, min_size=1, max_size=4))
    rng = draw(st.randoms(use_true_random=False))

    def one() -> int:
        found = rng.choice(centres)
        for bit in rng.sample(range(HASH_BITS), rng.choice([0, 1, 5, 29, 31, 32, 33, 40, 63, 64])):
            found ^= 1 << bit
        return found

    def some(most: int) -> list[int]:
        return [one() for _ in range(rng.randrange(most))] + draw(st.lists(anything, max_size=3))

    return some(30), some(12)


@settings(max_examples=40, deadline=None)
@given(clustered(), st.integers(0, 63))
def test_same_pairs_as_counting_every_bit(sets: tuple[list[int], list[int]], distance: int) -> None:
    """Whatever way is chosen, the pairs are those that bit counts give, each once and in order."""
    left, right = sets
    pairs = near_pairs(words(left), words(right), distance)
    assert found(pairs) == plainly(left, right, distance)
    assert pairs.left.tolist() == sorted(pairs.left.tolist())


@settings(max_examples=6, deadline=None)
@given(clustered(), st.sampled_from([0, 5, 11, 20, 31, 32, FARTHEST]))
def test_the_tables_miss_nothing(sets: tuple[list[int], list[int]], distance: int) -> None:
    """Multi-index hashing finds the pairs of brute force, each once, up to its farthest distance."""
    left, right = sets
    indexed = indexed_pairs(words(left), words(right), distance, threads=1)
    assert found(indexed) == plainly(left, right, distance)


@pytest.mark.parametrize("distance", [12, 31, 40])
def test_large_sets_agree_with_brute_force(distance: int) -> None:
    """Sets that are large enough for tables, of which many are alike, give brute force's pairs."""
    rng = np.random.default_rng(distance)
    centres = rng.integers(0, 2**64, (40, 4), dtype=np.uint64)

    def some(count: int) -> Words:
        flips = np.packbits(rng.random((count, HASH_BITS)) < 0.04, axis=1).view(np.uint64)
        return np.where(
            rng.random((count, 1)) < 0.1,
            centres[rng.integers(0, len(centres), count)] ^ flips,
            rng.integers(0, 2**64, (count, 4), dtype=np.uint64),
        )

    many, few = some(20_000), some(400)
    wanted = found(brute_pairs(many, few, distance))
    assert wanted
    if distance <= FARTHEST:
        assert found(indexed_pairs(many, few, distance, threads=2)) == wanted
    assert found(near_pairs(few, many, distance).swapped()) == wanted


def test_sets_of_nothing_have_no_pairs() -> None:
    """An empty set is near nothing."""
    nothing, one = words([]), words([1])
    assert len(near_pairs(nothing, one, 31)) == len(near_pairs(one, nothing, 31)) == 0
    assert len(indexed_pairs(nothing, nothing, 31, 1)) == 0


@given(st.integers(0, FARTHEST))
def test_chunks_reach_as_far_as_they_must(distance: int) -> None:
    """The radii of a distance's chunks, each plus one, sum up to more than the distance."""
    assert sum(chunk.radius + 1 for chunk in chunks_for(distance)) == distance + 1


@given(st.lists(anything, max_size=5))
def test_words_are_the_bytes(hashes: list[int]) -> None:
    """A hash comes out of words as it went in."""
    content = b"".join(one.to_bytes(32, "big") for one in hashes)
    assert as_bytes(as_words(content)) == content
