"""What a host says against use by machines: headers, robots.txt and tdmrep.json → one short text.

Room: pure rules. Sources: X-Robots-Tag as its inventor documents it (a bot's name and a colon address
what follows it to that bot; directives are a list; case does not count); noai and noimageai
(DeviantArt, 2022); the TDM Reservation Protocol (W3C community group report, 2024).
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# A dataset of pictures is an index of pictures: what forbids the one forbids the other.
REFUSALS = {
    "noai": ("noai",),
    "noimageai": ("noimageai",),
    "noindex": ("noindex",),
    "noimageindex": ("noimageindex",),
    "none": ("noindex",),  # noindex and nofollow
}
# Directives with a colon of their own; any other name before a colon is a bot's.
_WITH_VALUE = frozenset(
    {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview", "content-usage"}
)
_EVERYBODY = frozenset({"*", "robots", "stillup"})
_NAMED = re.compile(r"\s*([\w.*/-]+)\s*:(.*)", re.DOTALL)

# Who gathers for models, by the names that they publish for robots.txt.
AI_AGENTS = frozenset(
    [
        "ai2bot",
        "amazonbot",
        "anthropic-ai",
        "applebot-extended",
        "bytespider",
        "ccbot",
        "claudebot",
        "cohere-ai",
        "cohere-training-data-crawler",
        "diffbot",
        "facebookbot",
        "google-extended",
        "gptbot",
        "icc-crawler",
        "imagesiftbot",
        "img2dataset",
        "laion-huggingface-processor",
        "meta-externalagent",
        "omgili",
        "omgilibot",
        "pangubot",
        "spawning-ai",
        "timpibot",
        "webzio-extended",
    ]
)
_LONGEST_POLICY = 200


@dataclass(frozen=True, slots=True)
class Tdm:
    """A TDM reservation: whether rights are reserved, and where their policy is."""

    is_reserved: bool
    policy: str | None = None


def opt_out(
    robots_tags: Sequence[str],
    header: Tdm | None = None,
    file: Tdm | None = None,
    ai_agents: Sequence[str] = (),
) -> str | None:
    """Return what a host says, as words in a fixed order with a comma between; None for nothing.

    `robots_tags` are the values of every X-Robots-Tag header, `header` and `file` what the
    tdm-reservation header and tdmrep.json say of the URL (the file goes before the header), and
    `ai_agents` whom robots.txt shuts out.
    """
    words = sorted({word for value in robots_tags for word in refused_by_header(value)})
    tdm = header if file is None else file
    if tdm is not None and tdm.is_reserved:
        words.append("tdm-reservation" + (f" ({tdm.policy})" if tdm.policy else ""))
    if ai_agents:
        words.append("robots.txt: " + " ".join(sorted(ai_agents)))
    return ", ".join(words) or None


def refused_by_header(value: str) -> Iterator[str]:
    """Yield the refusals of one X-Robots-Tag header that are meant for us or everybody."""
    for_us = True
    for part in value.split(","):
        rest = part
        while found := _NAMED.fullmatch(rest):
            if found[1].lower() in _WITH_VALUE:
                break
            for_us, rest = found[1].lower() in _EVERYBODY, found[2]
        if for_us:
            yield from REFUSALS.get(rest.strip().lower(), ())


def tdm_of_headers(reservation: str | None, policy: str | None) -> Tdm | None:
    """Return what the headers tdm-reservation and tdm-policy say; only 0 and 1 say anything."""
    if reservation is None or reservation.strip() not in ("0", "1"):
        return None
    return _tdm(reservation.strip() == "1", policy)


def tdm_of_file(body: bytes, path: str) -> Tdm | None:
    """Return what a /.well-known/tdmrep.json says of a path with its query; the longest rule holds.

    A rule's `location` matches as a path of robots.txt does, with * and $. What is no such file says
    nothing.
    """
    try:
        rules = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(rules, list):
        return None
    found = [
        (len(rule["location"]), rule)
        for rule in rules
        if isinstance(rule, dict)
        and isinstance(rule.get("location"), str)
        and rule.get("tdm-reservation") in (0, 1)
        and _matches(rule["location"], path)
    ]
    if not found:
        return None
    _, rule = max(found, key=lambda pair: pair[0])
    policy = rule.get("tdm-policy")
    return _tdm(rule["tdm-reservation"] == 1, policy if isinstance(policy, str) else None)


def ai_agents_refused(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the agents of AI_AGENTS to whom a robots.txt shuts the whole site, sorted.

    `lines` are without line ends. A group of agents ends at the first agent after a rule
    (RFC 9309, 2.1).
    """
    refused: set[str] = set()
    agents: set[str] = set()
    has_rules = False
    for line in lines:
        name, colon, value = line.partition("#")[0].partition(":")
        field, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if field in ("user-agent", "useragent"):
            agents = set() if has_rules else agents
            agents |= AI_AGENTS & {value.lower()}
            has_rules = False
        elif field in ("allow", "disallow"):
            has_rules = True
            if field == "disallow" and value in ("/", "/*", "*"):
                refused |= agents
    return tuple(sorted(refused))


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
