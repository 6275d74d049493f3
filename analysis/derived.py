"""The shape of what is read off a run's links: their words and numbers, their tenants, their meaning.

Room: records.
"""

import pyarrow as pa

# One row per link, category and field that says something. Of personal data only the place is kept.
SIGNALS_SCHEMA = pa.schema(
    [
        pa.field("link_id", pa.uint64(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("field", pa.string(), nullable=False),  # caption or url
        pa.field("term", pa.string()),  # as the list spells it; null for personal data
        pa.field("language", pa.string()),
        pa.field("position", pa.uint32(), nullable=False),
        pa.field("length", pa.uint32(), nullable=False),
        pa.field("hits", pa.uint32(), nullable=False),
    ]
)

# One row per link on a host that many share.
TENANTS_SCHEMA = pa.schema(
    [
        pa.field("link_id", pa.uint64(), nullable=False),
        pa.field("tenant", pa.string(), nullable=False),
        pa.field("is_storage", pa.bool_(), nullable=False),
    ]
)

# One row per link whose caption means much the same as a prompt of data/meanings.toml.
MEANINGS_SCHEMA = pa.schema(
    [
        pa.field("link_id", pa.uint64(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("prompt", pa.string(), nullable=False),
        pa.field("similarity", pa.float32(), nullable=False),
        pa.field("margin", pa.float32(), nullable=False),  # over the nearest prompt that is calm
    ]
)
