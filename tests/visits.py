"""The options of a visit, for tests that make what walks it themselves."""

from dataclasses import replace
from typing import Any

from crawler.guard import AddressGuard
from crawler.options import load_policy
from crawler.visit.options import Mode, VisitOptions


def options_of_visit(**changed: Any) -> VisitOptions:
    """Return the options of a crawl by the default policy, with some of them changed."""
    usual = VisitOptions(
        user_agent="stillup/test",
        mode=Mode.BODY,
        timeout_s=30.0,
        connect_timeout_s=10.0,
        first_byte_timeout_s=20.0,
        dns_timeout_s=5.0,
        max_bytes=1_000_000,
        max_redirects=10,
        policy=load_policy(),
        guard=AddressGuard(),
        nameservers=(),
        connect_to=(),
        ca_file=None,
        round=1,
        shard=0,
    )
    return replace(usual, **changed)
