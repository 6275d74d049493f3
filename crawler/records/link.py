"""A dataset's link, from the row that names it to the entry in a shard.

Room: records.
"""

import re
from dataclasses import dataclass

import pyarrow as pa

_PRINTABLE = re.compile(r"[\x20-\x7e]{1,1000}")


@dataclass(frozen=True, slots=True)
class ParsedUrl:
    """A URL that can be asked for, taken apart as the WHATWG URL standard says.

    `wire_url` is what goes on the wire, without fragment and credentials. `host` is in its one
    spelling: lower case, IDNA as A-labels, IPv4 dotted, IPv6 without brackets, no trailing dot.
    """

    wire_url: str
    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why a cell of the URL column cannot be asked for: a short reason from a closed set."""

    reason: str


@dataclass(frozen=True, slots=True)
class ShardLink:
    """What a crawl needs to know of a link that is still to be looked at."""

    link_id: int
    url: ParsedUrl
    attempts: int = 0  # looks of this round that were not final
    # What the answer of `conditions_url` was known by when it was last seen.
    if_none_match: str | None = None
    if_modified_since: str | None = None
    conditions_url: str | None = None

    def conditions(self, asked_url: str) -> dict[str, str] | None:
        """Return the headers that ask `asked_url` for what has changed only (RFC 9110, 13.1).

        None where nothing is known of that URL. A server said these values once: what is not
        printable is not said back.
        """
        if self.conditions_url is None or asked_url != self.conditions_url:
            return None
        named = {"If-None-Match": self.if_none_match, "If-Modified-Since": self.if_modified_since}
        return {key: said for key, said in named.items() if said and _PRINTABLE.fullmatch(said)}


# The columns of `links`, one row per distinct URL of the run. The columns of an invalid link that
# a URL would have given are null. `expected_*` is what the dataset promised, as lower-case hex.
LINKS_SCHEMA = pa.schema(
    [
        pa.field("link_id", pa.uint64(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("wire_url", pa.string()),
        pa.field("scheme", pa.string()),
        pa.field("host", pa.string()),
        pa.field("port", pa.uint16()),
        pa.field("registered_domain", pa.string()),
        pa.field("shard", pa.uint32(), nullable=False),
        pa.field("row_count", pa.uint64(), nullable=False),
        pa.field("caption", pa.string()),
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("expected_sha256", pa.string()),
        pa.field("expected_md5", pa.string()),
        pa.field("expected_phash", pa.string()),
        pa.field("extra", pa.string()),  # JSON object of the dataset's other columns
        pa.field("invalid_reason", pa.string()),
        # How many links of the dataset this one stands for: 1 unless the plan drew a sample.
        pa.field("weight", pa.float64(), nullable=False),
        # Over how many shards the registered domain is split; its pace is shared among them.
        pa.field("domain_shards", pa.uint16(), nullable=False),
    ]
)

# One row per row of the dataset, in the order of the source.
DATASET_ROWS_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("source_row", pa.uint64(), nullable=False),
        pa.field("link_id", pa.uint64(), nullable=False),
    ]
)
