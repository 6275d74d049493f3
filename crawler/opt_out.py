"""What a host says against use by machines: headers, robots.txt and TDM → one short text.

Room: pure rules. Sources: X-Robots-Tag as its inventor documents it (a bot's name and a colon address
what follows it to that bot; directives are a list; case does not count); noai and noimageai
(DeviantArt, 2022). Reservations of text and data mining are read in `crawler/tdm.py`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from crawler.tdm import Tdm

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
_TDM = "tdm-reservation"
_ROBOTS = "robots.txt: "
_COMMA = ", "


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
    words += _reserved(header if file is None else file)
    if ai_agents:
        words.append(_ROBOTS + " ".join(sorted(ai_agents)))
    return _COMMA.join(words) or None


def with_file(said: str | None, file: Tdm | None) -> str | None:
    """Return what `opt_out` said of a URL as it is with what tdmrep.json says of it."""
    if file is None:
        return said
    words = [word for word in (said or "").split(_COMMA) if word and not word.startswith(_TDM)]
    at = len(words) - (words[-1:] != [] and words[-1].startswith(_ROBOTS))
    return _COMMA.join([*words[:at], *_reserved(file), *words[at:]]) or None


def _reserved(tdm: Tdm | None) -> list[str]:
    if tdm is None or not tdm.is_reserved:
        return []
    return [_TDM + (f" ({tdm.policy})" if tdm.policy else "")]


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
