"""What one attempt saw of one link, and what a visit learned of its host.

Room: records. An observation never says "dead": one attempt cannot know.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

import pyarrow as pa


class Outcome(StrEnum):
    """What an attempt came to. Closed: every status and every error maps to one of these."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    GONE = "gone"
    DENIED = "denied"
    RATE_LIMITED = "rate_limited"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    DNS_NOT_FOUND = "dns_not_found"
    DNS_FAILURE = "dns_failure"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    CONNECT_FAILED = "connect_failed"
    TLS_FAILED = "tls_failed"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    PROTOCOL_ERROR = "protocol_error"
    BAD_ENCODING = "bad_encoding"
    TOO_LARGE = "too_large"
    ROBOTS_DENIED = "robots_denied"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    ADDRESS_BLOCKED = "address_blocked"
    URL_INVALID = "url_invalid"


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect: the URL that was asked and the status that sent us on."""

    status: int
    url: str


@dataclass(slots=True, kw_only=True)
class Observation:
    """One attempt at one link. The fields are the columns of `observations`, in their order.

    Never changed, though not frozen: that takes five times as long, and there is one for every link.
    `sha256` and `md5` are of the body after content decoding and only set when all of it was
    read; `declared_bytes` is Content-Length; `body_bytes` is what was read, decoded.
    """

    link_id: int
    round: int
    attempt: int = 1
    final: bool = True
    observed_at: datetime  # UTC
    outcome: Outcome
    status: int | None = None
    method: str | None = None
    url: str | None = None
    final_url: str | None = None
    hops: tuple[Hop, ...] = ()
    host: str | None = None
    registered_domain: str | None = None
    ip: str | None = None
    content_type: str | None = None
    media_type: str | None = None
    declared_bytes: int | None = None
    body_bytes: int | None = None
    sha256: bytes | None = None
    md5: bytes | None = None
    pdq: bytes | None = None
    pdq_quality: int | None = None
    width: int | None = None
    height: int | None = None
    # Names of what a picture's file carries (pictures/flags); None where nobody has looked.
    flags: tuple[str, ...] | None = None
    picture_error: str | None = None  # why a picture has no pdq
    etag: str | None = None
    last_modified: str | None = None
    server: str | None = None
    opt_out: str | None = None
    tls_problem: str | None = None
    content_encoding: str | None = None
    ttfb_ms: float | None = None
    total_ms: float | None = None
    error: str | None = None
    inferred: bool = False
    suspect: bool = False
    shard: int
    visit_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HostVisit:
    """What one visit learned of its host. The fields are the columns of the `hosts` segments."""

    host: str
    registered_domain: str
    round: int
    ips: tuple[str, ...] = ()
    robots: str | None = None
    crawl_delay_s: float | None = None
    # What the host said to nonsense; set in the row of the visit that asked.
    canary_outcome: Outcome | None = None
    canary_status: int | None = None
    canary_url: str | None = None
    canary_final_url: str | None = None
    canary_media_type: str | None = None
    canary_body_bytes: int | None = None
    canary_sha256: bytes | None = None
    requests: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    # The pace at the visit's end; both outlive a restart of the crawl.
    delay_s: float | None = None
    blocked_until: datetime | None = None
    shard: int
    visit_id: int


_TIME = pa.timestamp("us", tz="UTC")

OBSERVATIONS_SCHEMA = pa.schema(
    [
        pa.field("link_id", pa.uint64(), nullable=False),
        pa.field("round", pa.uint16(), nullable=False),
        pa.field("attempt", pa.uint16(), nullable=False),
        pa.field("final", pa.bool_(), nullable=False),
        pa.field("observed_at", _TIME, nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("status", pa.uint16()),
        pa.field("method", pa.string()),
        pa.field("url", pa.string()),
        pa.field("final_url", pa.string()),
        pa.field("hops", pa.list_(pa.struct([("status", pa.uint16()), ("url", pa.string())]))),
        pa.field("host", pa.string()),
        pa.field("registered_domain", pa.string()),
        pa.field("ip", pa.string()),
        pa.field("content_type", pa.string()),
        pa.field("media_type", pa.string()),
        pa.field("declared_bytes", pa.uint64()),
        pa.field("body_bytes", pa.uint64()),
        pa.field("sha256", pa.binary(32)),
        pa.field("md5", pa.binary(16)),
        pa.field("pdq", pa.binary(32)),
        pa.field("pdq_quality", pa.uint8()),
        pa.field("width", pa.uint32()),
        pa.field("height", pa.uint32()),
        pa.field("flags", pa.list_(pa.string())),
        pa.field("picture_error", pa.string()),
        pa.field("etag", pa.string()),
        pa.field("last_modified", pa.string()),
        pa.field("server", pa.string()),
        pa.field("opt_out", pa.string()),
        pa.field("tls_problem", pa.string()),
        pa.field("content_encoding", pa.string()),
        pa.field("ttfb_ms", pa.float32()),
        pa.field("total_ms", pa.float32()),
        pa.field("error", pa.string()),
        pa.field("inferred", pa.bool_(), nullable=False),
        pa.field("suspect", pa.bool_(), nullable=False),
        pa.field("shard", pa.uint32(), nullable=False),
        pa.field("visit_id", pa.uint64(), nullable=False),
    ]
)

HOSTS_SCHEMA = pa.schema(
    [
        pa.field("host", pa.string(), nullable=False),
        pa.field("registered_domain", pa.string(), nullable=False),
        pa.field("round", pa.uint16(), nullable=False),
        pa.field("ips", pa.list_(pa.string())),
        pa.field("robots", pa.string()),
        pa.field("crawl_delay_s", pa.float64()),
        pa.field("canary_outcome", pa.string()),
        pa.field("canary_status", pa.uint16()),
        pa.field("canary_url", pa.string()),
        pa.field("canary_final_url", pa.string()),
        pa.field("canary_media_type", pa.string()),
        pa.field("canary_body_bytes", pa.uint64()),
        pa.field("canary_sha256", pa.binary(32)),
        pa.field("requests", pa.uint32(), nullable=False),
        pa.field("first_at", _TIME),
        pa.field("last_at", _TIME),
        pa.field("delay_s", pa.float64()),
        pa.field("blocked_until", _TIME),
        pa.field("shard", pa.uint32(), nullable=False),
        pa.field("visit_id", pa.uint64(), nullable=False),
    ]
)

assert OBSERVATIONS_SCHEMA.names == [field.name for field in fields(Observation)]  # noqa: S101
assert HOSTS_SCHEMA.names == [field.name for field in fields(HostVisit)]  # noqa: S101
