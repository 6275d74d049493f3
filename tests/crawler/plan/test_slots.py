"""Hosts, domains and slots by number: what is placed is what a sort by names would place."""

from collections import defaultdict
from itertools import accumulate, groupby

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from crawler.plan.ranks import Ranks, ranked
from crawler.plan.shard_plans import shard_plans
from crawler.plan.shards import DomainPart
from crawler.plan.slots import NO_RANK, Parts, Slots, numbered, parts_of, slots_of
from crawler.rundir import ShardPlan

SHARDS = 4
# By domain: the links of each of its hosts in each of its parts, of which it has as many.
DOMAINS = st.lists(
    st.integers(1, SHARDS).flatmap(
        lambda parts: st.lists(
            st.lists(st.integers(0, 3), min_size=parts, max_size=parts), min_size=1, max_size=3
        )
    ),
    max_size=5,
)
INVALID = st.lists(st.integers(0, 3), min_size=SHARDS, max_size=SHARDS)
# shard, domain and host (none of what is invalid), links, parts
Row = tuple[int, tuple[str, str] | None, int, int]


def ranked_names(domains: list[list[list[int]]], step: int) -> Ranks:
    """Rank the hosts of domains that come in some batches; codes count from the last host."""
    names = [(f"d{d}", f"h{h}.d{d}") for d, hosts in enumerate(domains) for h in range(len(hosts))]
    table = pa.table({
        "code": pa.array(range(len(names) - 1, -1, -1), pa.uint32()),
        "host": pa.array([host for _, host in names], pa.string()),
        "registered_domain": pa.array([domain for domain, _ in names], pa.string()),
        "draw": pa.array([int(domain[1:]) for domain, _ in names], pa.uint64()),
    })  # fmt: skip
    return ranked(iter(table.to_batches(max_chunksize=step)))


def placed(
    domains: list[list[list[int]]], invalid: list[int], step: int
) -> tuple[Ranks, Parts, Slots]:
    """Place domains of one part by their draw, and others from the last shard down."""
    ranks = ranked_names(domains, step)
    split = [
        DomainPart(d, part, len(hosts[0]), SHARDS - 1 - part)
        for d, hosts in enumerate(domains)
        if len(hosts[0]) > 1
        for part in range(len(hosts[0]))
    ]
    parts = parts_of(ranks, split, SHARDS)
    first, numbers = numbered(ranks, parts, SHARDS)
    links = [part for hosts in domains for host in hosts for part in host]
    counted = [
        (np.array([at], np.uint64), np.array([count]))
        for at, count in enumerate([*links, *invalid])
        for count in (count // 2, count - count // 2)  # as several files have them
        if count
    ]
    nothing = (np.zeros(0, np.uint64), np.zeros(0, np.int64))
    return ranks, parts, slots_of(ranks, parts, first, [nothing, *counted], numbers.invalid_slot)


def wanted(domains: list[list[list[int]]], invalid: list[int]) -> list[Row]:
    """Return what a sort by shard, domain and host has, what is invalid last."""
    rows: list[Row] = [(shard, None, count, 1) for shard, count in enumerate(invalid)]
    for d, hosts in enumerate(domains):
        for h, parts in enumerate(hosts):
            for part, count in enumerate(parts):
                shard = d % SHARDS if len(parts) == 1 else SHARDS - 1 - part
                rows.append((shard, (f"d{d}", f"h{h}.d{d}"), count, len(parts)))
    return sorted(
        (row for row in rows if row[2]), key=lambda row: (row[0], row[1] is None, row[1] or ())
    )


@given(domains=DOMAINS, invalid=INVALID, step=st.integers(1, 4))
def test_slots_lie_as_names_do(
    domains: list[list[list[int]]], invalid: list[int], step: int
) -> None:
    """Slots follow each other by shard, domain and host, and begin where those before them end."""
    ranks, _, slots = placed(domains, invalid, step)
    rows = wanted(domains, invalid)
    names = [
        None if rank == NO_RANK else ranks.hosts[rank].as_py() for rank in slots.rank_of.tolist()
    ]
    assert names == [None if name is None else name[1] for _, name, _, _ in rows]
    assert slots.shards.tolist() == [shard for shard, *_ in rows]
    assert slots.starts.tolist() == list(accumulate((row[2] for row in rows), initial=0))


@given(domains=DOMAINS, invalid=INVALID)
def test_what_a_shard_waits_for_is_told(domains: list[list[list[int]]], invalid: list[int]) -> None:
    """A shard is told by its size, and the first of the hosts and domains that take longest."""
    told = {plan.shard: plan for plan in shard_plans(*placed(domains, invalid, 2))}
    by_shard = groupby(wanted(domains, invalid), key=lambda row: row[0])
    assert told == {shard: plan_of(shard, list(rows)) for shard, rows in by_shard}


def plan_of(shard: int, rows: list[Row]) -> ShardPlan:
    """Sum a shard up, row by row."""
    hosts = [(-count * parts, name[1], count, parts) for _, name, count, parts in rows if name]
    of_domains: dict[tuple[str, int], int] = defaultdict(int)
    for _, name, count, parts in rows:
        if name:
            of_domains[name[0], parts] += count
    invalid = sum(count for _, name, count, _ in rows if name is None)
    size = sum(count for _, _, count, _ in rows)
    if not hosts:
        return ShardPlan(shard=shard, links=size, invalid_links=invalid)
    _, host, links, parts = min(hosts)
    (domain, split), most = min(of_domains.items(), key=lambda one: (-one[1] * one[0][1], one[0]))
    return ShardPlan(
        shard=shard,
        links=size,
        invalid_links=invalid,
        hosts=len(hosts),
        largest_host=host,
        largest_host_links=links,
        largest_host_shards=parts,
        largest_domain=domain,
        largest_domain_links=most,
        largest_domain_shards=split,
    )


@given(domains=DOMAINS, invalid=INVALID, ends=st.tuples(st.integers(0, 60), st.integers(1, 20)))
def test_a_stretch_of_positions_has_its_slots(
    domains: list[list[list[int]]], invalid: list[int], ends: tuple[int, int]
) -> None:
    """Every position of a stretch is in one of the slots that are returned for it, and each has one."""
    *_, slots = placed(domains, invalid, 3)
    first, end = ends[0], min(sum(ends), int(slots.starts[-1]))
    if first >= end:
        return
    which = slots.between(first, end)
    starts = slots.starts.tolist()
    holds = [at for at in range(len(starts) - 1) if starts[at] < end and starts[at + 1] > first]
    assert holds == list(range(which.start, which.stop))
