"""Where a registered domain's links go."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from crawler.plan.shards import LEAST_PART, place, shard_count

SIZES = st.lists(st.integers(1, 5000), max_size=60).map(lambda sizes: sorted(sizes, reverse=True))


@given(sizes=SIZES, shards=st.integers(1, 12))
def test_every_domain_is_placed_once(sizes: list[int], shards: int) -> None:
    """A domain has one shard a part, all different; it is split only where it fills a shard."""
    placed = place(enumerate(sizes), sum(sizes), shards)
    share = max(-(-sum(sizes) // shards), LEAST_PART)
    for at, size in enumerate(sizes):
        parts = [part for part in placed if part.domain == at]
        assert [part.part for part in parts] == list(range(parts[0].domain_shards))
        assert len({part.shard for part in parts}) == len(parts)
        assert len(parts) == 1 or size > share
    assert all(0 <= part.shard < shards for part in placed)


@given(sizes=SIZES.filter(bool), shards=st.integers(1, 12))
def test_no_shard_is_much_above_its_share(sizes: list[int], shards: int) -> None:
    """Biggest first: no shard has more than its share and the largest part of a domain."""
    loads: Counter[int] = Counter()
    largest = 0
    for part in place(enumerate(sizes), sum(sizes), shards):
        size = -(-sizes[part.domain] // part.domain_shards)
        loads[part.shard] += size
        largest = max(largest, size)
    assert max(loads.values()) <= -(-sum(loads.values()) // shards) + largest


def test_shard_count() -> None:
    """One shard for 250,000 links, at least one, or as many as were asked for."""
    assert [shard_count(links, None) for links in (0, 1, 250_000, 250_001)] == [1, 1, 1, 2]
    assert shard_count(10, 4) == 4
