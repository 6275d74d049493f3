"""Settings and files → the typed options of a crawl. Wrong ones end in WrongUse.

Room: disk. Every `STILLUP_` setting is read here, once; `crawler/settings.py` names them all. They
come from the command line typed, and from `scrapy crawl -s` as text.
"""

import importlib.metadata
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar

from crawler.guard import AddressGuard
from crawler.politeness import Pace, Policy
from crawler.records.errors import WrongUse
from crawler.turns import SharedTurns
from crawler.visit.addressed import nameserver_address, parse_connect_to
from crawler.visit.options import Mode, VisitOptions

DEFAULT_POLICY = Path(__file__).parent.parent / "data" / "politeness.toml"
MAX_REDIRECTS = 10

# The longest look-up, connection and silence. Connecting is also a share of a link's time, so that
# it ends before that does and the outcome says what took so long.
_DNS_S, _CONNECT_S, _FIRST_BYTE_S = 5.0, 10.0, 20.0
# How the pace of domains and addresses follows a `--delay`; the same as in data/politeness.toml.
_DOMAIN_SHARE, _ADDRESS_SHARE = 0.25, 0.05

# A lease is renewed ten times within its time to live, which a slow store must allow for.
_LEAST_TTL_S, _MOST_TTL_S = 1.0, 3600.0

_CONTACT = re.compile(r"(https?://|mailto:)[^\s()<>]+|[^\s()<>@]+@[^\s()<>@]+")

T = TypeVar("T")
Settings = Mapping[str, Any]  # Scrapy's are one as well


def visit_options(settings: Settings, round_: int, shard: int) -> VisitOptions:
    """Return what a visit needs to know. Raises WrongUse."""
    timeout_s = _positive("--timeout", settings["STILLUP_TIMEOUT"])
    contact = settings["STILLUP_CONTACT"]
    networks = tuple(
        _parsed("--allow-network", ip_network, text)
        for text in _listed(settings["STILLUP_ALLOW_NETWORKS"])
    )
    ca_file = settings["STILLUP_CA_FILE"]
    return VisitOptions(
        user_agent=user_agent(contact),
        mode=_parsed("--mode", Mode, settings["STILLUP_MODE"]),
        fingerprint=_fingerprint(settings["STILLUP_MODE"], settings["STILLUP_FINGERPRINT"]),
        timeout_s=timeout_s,
        connect_timeout_s=min(_CONNECT_S, timeout_s / 2),
        first_byte_timeout_s=min(_FIRST_BYTE_S, timeout_s),
        dns_timeout_s=_DNS_S,
        max_bytes=int(_positive("--max-bytes", settings["STILLUP_MAX_BYTES"])),
        max_redirects=MAX_REDIRECTS,
        policy=policy_of(settings),
        guard=_guard(contact, networks),
        nameservers=tuple(
            _parsed("--nameserver", _nameserver, text)
            for text in _listed(settings["STILLUP_NAMESERVERS"])
        ),
        connect_to=tuple(
            _parsed("--connect-to", parse_connect_to, text)
            for text in _listed(settings["STILLUP_CONNECT_TO"])
        ),
        ca_file=_existing("--ca-file", ca_file) if ca_file else None,
        round=round_,
        shard=shard,
    )


def _nameserver(text: str) -> str:
    """Return the name of a server as it is. Raises ValueError where it is no address."""
    nameserver_address(text)
    return text


def _fingerprint(mode: str, wanted: bool | str | None) -> bool:
    """Tell whether pictures are to be fingerprinted: where their bodies are read. Raises WrongUse."""
    reads_bodies = mode == Mode.BODY
    if wanted is None or wanted == "":
        return reads_bodies
    wanted = str(wanted).lower() in ("true", "1", "yes")
    if wanted and not reads_bodies:
        raise WrongUse(f"--fingerprint needs whole pictures: leave out --mode {mode}")
    return wanted


def user_agent(contact: str | None) -> str:
    """Return who we are, for every request (rule 1 of a visit). Raises WrongUse."""
    name = f"stillup/{importlib.metadata.version('stillup')}"
    if not contact:
        return name
    if not _CONTACT.fullmatch(contact) or not contact.isascii():
        raise WrongUse("--contact must be a URL or a mail address, such as https://example.org/bot")
    return f"{name} (+{contact})"


def policy_of(settings: Settings) -> Policy:
    """Return the rules of politeness: the defaults, the policy file, then `--delay`."""
    file, delay = settings["STILLUP_POLICY"], settings["STILLUP_DELAY"]
    policy = load_policy(_existing("--policy", file) if file else None)
    if delay is None:
        return policy
    delay_s = _number("--delay", delay)
    if not 0 <= delay_s < float("inf"):
        raise WrongUse(f"--delay must be zero or more seconds, not {delay}")
    return with_delay(policy, delay_s)


def with_delay(policy: Policy, delay_s: float) -> Policy:
    """Return the policy with another pace for every host that it does not name.

    0 means as fast as the host answers: for servers of one's own.
    """
    pace = replace(
        policy.pace,
        min_delay_s=delay_s,
        domain_delay_s=min(policy.pace.domain_delay_s, _DOMAIN_SHARE * delay_s),
        latency_factor=policy.pace.latency_factor if delay_s else 0.0,
    )
    address_delay_s = min(policy.address_delay_s, _ADDRESS_SHARE * delay_s)
    return replace(policy, pace=pace, address_delay_s=address_delay_s)


def shared_turns(settings: Settings) -> SharedTurns | None:
    """Return the turns that the workers of a crawl share, None where there is one worker."""
    path = shared_turns_file(settings)
    return SharedTurns(path) if path is not None else None


def shared_turns_file(settings: Settings) -> Path | None:
    """Return the file by which the workers of a crawl take turns, None where there is one worker."""
    path = settings.get("STILLUP_TURNS")
    return Path(path) if path and Path(path).is_file() else None


def lease_ttl_s(settings: Settings) -> float:
    """Return how long a silent worker is waited for before its shard is taken over. Raises WrongUse."""
    ttl_s = _number("--lease", settings["STILLUP_LEASE"])
    if not _LEAST_TTL_S <= ttl_s <= _MOST_TTL_S:
        raise WrongUse(f"--lease must be from {_LEAST_TTL_S:g} to {_MOST_TTL_S:g} seconds")
    return ttl_s


def load_policy(path: Path | None = None) -> Policy:
    """Read a policy file over the defaults of `data/politeness.toml`. Raises WrongUse."""
    content = _toml(DEFAULT_POLICY)
    if path is not None:
        content |= _toml(path)
    domains = content.pop("domains", {})
    pace_names = {field.name for field in fields(Pace)}
    base = {name: content.pop(name) for name in pace_names if name in content}
    try:
        named = tuple((name.lower(), Pace(**base | own)) for name, own in sorted(domains.items()))
        return Policy(pace=Pace(**base), domains=named, **content)
    except (TypeError, ValueError) as error:
        text = str(error).replace("Policy.__init__() got an", "there is an")
        raise WrongUse(f"{path or DEFAULT_POLICY}: {text}; see data/politeness.toml") from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongUse(f"{path} cannot be read as a policy: {error}") from error


def _guard(contact: str | None, networks: tuple[Any, ...]) -> AddressGuard:
    """Without a contact nobody outside the networks that were opened is asked."""
    if not contact and not networks:
        raise WrongUse(
            "say who is asking: --contact with a URL or mail address that a site's operator can use"
        )
    return AddressGuard(allowed=networks, public=bool(contact))


def _parsed(option: str, parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except ValueError as error:
        raise WrongUse(f"{option}: {error}") from error


def _listed(value: str | Sequence[str]) -> list[str]:
    """Return a setting that is a list, or its items with commas between them."""
    return [text for text in value.split(",") if text] if isinstance(value, str) else list(value)


def _number(option: str, value: float | str) -> float:
    return _parsed(option, float, str(value))


def _positive(option: str, value: float | str) -> float:
    number = _number(option, value)
    if not 0 < number < float("inf"):
        raise WrongUse(f"{option} must be more than zero, not {number:g}")
    return number


def _existing(option: str, text: str) -> Path:
    if not Path(text).is_file():
        raise WrongUse(f"{option}: there is no file {text}")
    return Path(text)
