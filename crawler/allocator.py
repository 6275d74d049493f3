"""Which allocator a worker's Arrow takes memory from: it has to be said before pyarrow is imported.

Room: pure rules. Arrow's own keeps what a segment took, and beside the system's, which Python and
DuckDB take theirs from, that is 20 MB more (decision 0107). `pyarrow.set_memory_pool` is too late,
and does not reach what writes Parquet.
"""

ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system"}
