"""What a simulation knows of a host: its links, and how it will answer.

Room: records.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How reaching a host goes."""

    ANSWERS = "answers"
    NO_NAME = "no such name"
    REFUSES = "refuses connections"
    SILENT = "never answers a connection"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """How a host answers. Times are medians; shares are of its links."""

    kind: Kind = Kind.ANSWERS
    address: str = ""  # "" for one of its own
    lookup_s: float = 0.0
    connect_s: float = 0.0  # one round trip; TLS takes two more
    ttfb_s: float = 0.0  # from the request on its way to the first byte of the answer
    body_s: float = 0.0  # from there to the last byte
    body_bytes: int = 0
    served_share: float = 1.0  # 2xx; of the rest, 404
    hanging_share: float = 0.0  # accepted and never answered
    crawl_delay_s: float = 0.0
    tolerates_s: float = 0.0  # asked again sooner than that, it says 429


@dataclass(frozen=True, slots=True)
class HostPlan:
    """The links of one host in one shard; the last `secure_links` of them are https."""

    host: str
    registered_domain: str
    domain_shards: int
    links: int
    secure_links: int = 0

    @property
    def origins(self) -> int:
        """Over how many origins the links are spread."""
        return (self.secure_links > 0) + (self.links > self.secure_links)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a worker spends. Processor time is measured (docs/performance.md)."""

    request_cpu_s: float
    host_cpu_s: float  # a connection and a visit, at most
    picture_cpu_s: float  # a fingerprint; 0 without
    shard_start_s: float  # a worker's process, until it asks somebody
    bytes_per_s: float  # of a worker's line


@dataclass(slots=True)
class Usage:
    """What a simulated crawl came to. Bytes are of bodies."""

    requests: int = 0
    lookups: int = 0
    connections: int = 0
    tls_handshakes: int = 0
    body_bytes: int = 0
    cpu_s: float = 0.0
