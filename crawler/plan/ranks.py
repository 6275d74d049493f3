"""Hosts → ranks: their places in the order of registered domains and names, and domains → numbers.

Room: sql. DuckDB sorts the names, on disk where they do not fit; what is counted and placed after
that are numbers, an array each. Text is kept once a host and once a domain, some 50 bytes a host.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crawler.plan.staged import Numbers

_BATCH_ROWS = 1 << 18


@dataclass(frozen=True, slots=True)
class Ranks:
    """All hosts of a dataset. Ranks and numbers of domains count from 0, each in order of text.

    `codes`, `domain_of` and `hosts` are by rank, `domains` and `draws` by the number of a domain; a
    draw is as good as random, and the same in every plan.
    """

    codes: Numbers
    domain_of: Numbers
    hosts: pa.LargeStringArray
    domains: pa.LargeStringArray
    draws: Numbers

    def starts(self) -> Numbers:
        """Return the first rank of each domain."""
        return np.flatnonzero(np.r_[True, np.diff(self.domain_of) > 0][: len(self.domain_of)])


def ranked(ordered: Iterator[pa.RecordBatch]) -> Ranks:
    """Number what comes in order: `code`, `host`, `registered_domain` and `draw` of each host."""
    codes, is_first, hosts, domains, draws = [], [], [], [], []
    last: pa.Scalar = pa.scalar(None, pa.string())
    for batch in ordered:
        names = batch["registered_domain"]
        before = pa.concat_arrays([pa.array([last.as_py()], pa.string()), names[:-1]])
        first = pc.fill_null(pc.not_equal(names, before), True)
        last = names[-1]
        codes.append(batch["code"].to_numpy())
        hosts.append(batch["host"].cast(pa.large_string()))
        is_first.append(first.to_numpy(zero_copy_only=False))
        domains.append(names.filter(first).cast(pa.large_string()))
        draws.append(batch["draw"].filter(first).to_numpy())
    return Ranks(
        _together(codes, np.uint32),
        (np.cumsum(_together(is_first, np.int64)) - 1).astype(np.int32),
        _text(hosts),
        _text(domains),
        _together(draws, np.uint64),
    )


def sort_hosts(connection: duckdb.DuckDBPyConnection, sql: str) -> Ranks:
    """Ask for all hosts in order, and number them."""
    batches = connection.sql(sql).to_arrow_reader(_BATCH_ROWS)
    return ranked(batch for batch in batches if batch.num_rows)


def _together(parts: list[Numbers], kind: type[np.generic]) -> Numbers:
    return np.concatenate([np.zeros(0, kind), *parts]).astype(kind, copy=False)


def _text(parts: list[pa.LargeStringArray]) -> pa.LargeStringArray:
    return pa.concat_arrays([pa.array([], pa.large_string()), *parts])
