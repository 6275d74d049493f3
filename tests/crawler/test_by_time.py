"""Hosts by how long they take: in the order of a sort in memory, and few of them there."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from crawler.by_time import HOSTS_SCHEMA, hosts_by_time

DELAYS_S = {"slow.test": 10.0, "quick.test": 0.25, "own.test": 0.0}
DOMAINS = st.sampled_from(["a.test", "b.test", *DELAYS_S])
HOSTS = st.lists(st.tuples(DOMAINS, st.one_of(st.integers(1, 9), st.integers(90, 5000))))


@given(hosts=HOSTS, step=st.integers(1, 7))
def test_the_slowest_comes_first(hosts: list[tuple[str, int]], step: int) -> None:
    """By links times delay, of equals the larger and then the first, in whatever batches they come."""
    rows = [(f"{n}.{domain}", domain, 1, n, count) for n, (domain, count) in enumerate(hosts)]
    table = pa.Table.from_pylist(
        [dict(zip(HOSTS_SCHEMA.names, row, strict=True)) for row in rows], HOSTS_SCHEMA
    )
    found = hosts_by_time(table.to_batches(max_chunksize=step), DELAYS_S, 1.0)
    in_order = [tuple(row.values()) for row in found]
    found.close()
    assert in_order == sorted(rows, key=lambda row: (-row[4] * DELAYS_S.get(row[1], 1.0), -row[4]))
