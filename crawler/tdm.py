"""The TDM Reservation Protocol: what a host reserves for itself, by headers and by tdmrep.json.

Room: pure rules. Source: the final report of the W3C community group, 2024. A file's rules go before
the headers of an answer.
"""

import json
import re
from dataclasses import dataclass

TDM_HEADER = "tdm-reservation"
TDM_FILE = "/.well-known/tdmrep.json"
TDM_FILE_BYTES = 64 * 1024  # what is longer is no such file

_LONGEST_POLICY = 200


@dataclass(frozen=True, slots=True)
class Tdm:
    """A TDM reservation: whether rights are reserved, and where their policy is."""

    is_reserved: bool
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class TdmRule:
    """What a tdmrep.json says of the paths that match `location`, a path of robots.txt with * and $."""

    location: str
    tdm: Tdm


def tdm_of_headers(reservation: str | None, policy: str | None) -> Tdm | None:
    """Return what the headers tdm-reservation and tdm-policy say; only 0 and 1 say anything."""
    if reservation is None or reservation.strip() not in ("0", "1"):
        return None
    return _tdm(reservation.strip() == "1", policy)


def tdm_rules(body: bytes) -> tuple[TdmRule, ...]:
    """Return the rules of a tdmrep.json, the longest location first; none of what is no such file."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    found = [_rule(one) for one in said] if isinstance(said, list) else []
    rules = [rule for rule in found if rule is not None]
    return tuple(sorted(rules, key=lambda rule: -len(rule.location)))


def tdm_at(rules: tuple[TdmRule, ...], path: str) -> Tdm | None:
    """Return what rules say of a path with its query: the longest that matches holds."""
    return next((rule.tdm for rule in rules if _matches(rule.location, path)), None)


def path_of(wire_url: str) -> str:
    """Return the path of a URL with its query, which is what a rule matches."""
    return "/" + wire_url.partition("://")[2].partition("/")[2]


def _rule(said: object) -> TdmRule | None:
    if not isinstance(said, dict):
        return None
    location, reservation = said.get("location"), said.get("tdm-reservation")
    if not isinstance(location, str) or reservation not in (0, 1):
        return None
    policy = said.get("tdm-policy")
    return TdmRule(location, _tdm(reservation == 1, policy if isinstance(policy, str) else None))


def _tdm(is_reserved: bool, policy: str | None) -> Tdm:
    is_address = policy is not None and re.fullmatch(r"https?://[!-~]+", policy.strip())
    return Tdm(is_reserved, policy.strip()[:_LONGEST_POLICY] if policy and is_address else None)


def _matches(location: str, path: str) -> bool:
    """Match linearly: the pieces between stars, each at the first place where it fits."""
    is_anchored = location.endswith("$")
    first, *others = location.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(others, start=1):
        if is_anchored and number == len(others):
            return len(path) - len(piece) >= at and path.endswith(piece)
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return not is_anchored or at == len(path)
