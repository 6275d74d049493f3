"""The hosts of a shard by how long they will take, the slowest first: any number, the same memory.

Room: disk. Hosts are dealt into buckets on disk by the logarithm of their time (`dealt.py`). Short
times have a bucket each, which is in order as it is; long ones share some, and so few hosts have
these that a bucket is sorted in memory.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crawler.dealt import DealtRows
from crawler.row_file import RowFile

HOSTS_SCHEMA = pa.schema(
    [
        ("host", pa.string()),
        ("registered_domain", pa.string()),
        ("domain_shards", pa.uint16()),
        ("start", pa.uint64()),
        ("count", pa.uint64()),
    ]
)
_TIMED_SCHEMA = HOSTS_SCHEMA.append(pa.field("takes_s", pa.float64()))
_SLOWEST_FIRST = [("takes_s", "descending"), ("count", "descending")]
# Up to 92 links at one delay have a bucket each, so that no more than a hundredth of a shard's links
# are hosts in a bucket that has to be sorted.
_A_DOUBLING = 64
_LEAST_S = 1e-6  # a delay may be none
_LONGEST = 1 << 16  # a bucket that no time comes to: 2**1024 s


def hosts_by_time(
    hosts: Iterable[pa.RecordBatch], delays_s: Mapping[str, float], delay_s: float
) -> RowFile:
    """Return hosts (`HOSTS_SCHEMA`) by their links times their delay; of equals the larger, then the first.

    `delays_s` are those of some registered domains, `delay_s` that of all others.
    """
    dealt = DealtRows(_TIMED_SCHEMA, _timed(hosts, delays_s, delay_s), _bucket_of)
    try:
        return RowFile(pa.RecordBatchReader.from_batches(HOSTS_SCHEMA, _in_order(dealt)))
    finally:
        dealt.close()


def _timed(
    hosts: Iterable[pa.RecordBatch], delays_s: Mapping[str, float], delay_s: float
) -> Iterator[pa.RecordBatch]:
    named = pa.array(delays_s, pa.string())
    each_s = pa.array(delays_s.values(), pa.float64())
    for batch in hosts:
        at = pc.index_in(batch["registered_domain"], value_set=named)
        delays = pc.fill_null(each_s.take(at), delay_s)
        takes_s = pc.multiply(batch["count"].cast(pa.float64()), delays)
        yield pa.RecordBatch.from_arrays([*batch.columns, takes_s], schema=_TIMED_SCHEMA)


def _bucket_of(batch: pa.RecordBatch) -> npt.NDArray[np.uint64]:
    doublings = np.log2(np.maximum(batch["takes_s"].to_numpy(), _LEAST_S))
    return np.asarray(_LONGEST - np.floor(_A_DOUBLING * doublings), np.uint64)


def _in_order(dealt: DealtRows) -> Iterator[pa.RecordBatch]:
    for bucket in dealt.buckets:
        if _is_one_time(dealt.batches(bucket)):
            yield from (batch.select(HOSTS_SCHEMA.names) for batch in dealt.batches(bucket))
        else:
            in_order = dealt.read(bucket).sort_by(_SLOWEST_FIRST)  # stable
            yield from in_order.select(HOSTS_SCHEMA.names).to_batches()


def _is_one_time(batches: Iterable[pa.RecordBatch]) -> bool:
    """Tell whether all hosts have as many links at the same delay."""
    kinds: set[tuple[int, float]] = set()
    for batch in batches:
        for column in ("count", "takes_s"):
            least, most = pc.min_max(batch[column]).values()
            if least != most:
                return False
        kinds.add((batch["count"][0].as_py(), batch["takes_s"][0].as_py()))
    return len(kinds) == 1
