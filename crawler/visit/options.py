"""What a crawl was told, read once and typed.

Room: network.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from crawler.guard import AddressGuard
from crawler.politeness import Policy
from crawler.visit.addressed import ConnectTo

SNIFF_RANGE = 64 * 1024  # what `sniff` reads of a body


class Mode(StrEnum):
    """How much of a link is asked for."""

    BODY = "body"
    SNIFF = "sniff"
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOptions:
    """The options of `stillup crawl` that a visit needs."""

    user_agent: str
    mode: Mode
    fingerprint: bool = False  # only where `mode` reads bodies
    timeout_s: float  # total per link
    connect_timeout_s: float
    first_byte_timeout_s: float  # also the longest silence within a body
    dns_timeout_s: float
    max_bytes: int
    max_redirects: int
    max_connections: int = 1024  # in use or kept alive, to all hosts together
    policy: Policy
    guard: AddressGuard
    nameservers: tuple[str, ...]
    connect_to: tuple[ConnectTo, ...]
    ca_file: Path | None
    round: int
    shard: int
