"""The shape of what is kept of a match: nothing of a list but its name, category and the hash.

Room: records.
"""

import pyarrow as pa

MATCHES = "matches"

OBSERVED = "observed"
PROMISED = "promised"

# One row per entry of a list and look (or promise) that matches it.
MATCHES_SCHEMA = pa.schema(
    [
        pa.field("list_digest", pa.string(), nullable=False),  # SHA-256 of the list's file
        pa.field("list", pa.string(), nullable=False),
        pa.field("category", pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("entry_hash", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("link_id", pa.uint64(), nullable=False),
        pa.field("round", pa.uint16()),
        pa.field("attempt", pa.uint16()),
        pa.field("distance", pa.uint16(), nullable=False),
        pa.field("quality", pa.uint8()),
    ]
)
