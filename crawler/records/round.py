"""Which links a later round looks at, and why: the plan that `stillup recheck` writes.

Room: records. The first round looks at every link and has no plan. A shard's plan of a round is the
file of that number: RUN/rounds/shard=00003/00000002.parquet.
"""

import pyarrow as pa

# One row per round and link. The last three are what the last look's answer was known by, so that
# the server can be asked whether it still is (RFC 9110, 13.1); `conditions_url` is the URL that
# gave it, after redirects.
ROUNDS_SCHEMA = pa.schema(
    [
        pa.field("round", pa.uint16(), nullable=False),
        pa.field("shard", pa.uint32(), nullable=False),
        pa.field("link_id", pa.uint64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("due_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("if_none_match", pa.string()),
        pa.field("if_modified_since", pa.string()),
        pa.field("conditions_url", pa.string()),
    ]
)
