"""What a robots.txt answer allows (RFC 9309), whoever fetched it.

Room: pure rules. Rules are read and matched by Protego; this file decides what statuses, sizes and
encodings mean, and which groups are ours. The groups of others never reach Protego: it spends
rules times agents on them, which let a file of 128 KB stop a crawl for minutes (decision 0035).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from urllib.parse import quote
from weakref import WeakValueDictionary

from protego import Protego

from crawler.opt_out import ai_agents_refused

PRODUCT_TOKEN = "stillup"  # noqa: S105  (RFC 9309, 2.2.1: how a robots.txt names us)
ROBOTS_BYTES = 512 * 1024  # RFC 9309, 2.5 asks for at least 500 KiB
ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2
ROBOTS_LIFETIME_S = 24 * 3600.0  # RFC 9309, 2.4

_EVERYBODY, _OTHERS = "*", "other"
_AGENT = re.compile(r"user[- ]?agent\s*(?::|\s(?!.*:(?:\s|$)))(.*)", re.IGNORECASE)
_RULE = re.compile(r"(?:dis)?allow\s*:", re.IGNORECASE)
_TOKEN = re.compile(r"\**([a-zA-Z_-]*)")
_LINE_END = re.compile(r"\r\n?|\n")
# Python, and so Protego, ends lines at these as well; RFC 9309, 2.2 does not.
_NO_LINE_END = {ord(sign): quote(sign) for sign in "\v\f\x1c\x1d\x1e\x85\u2028\u2029"}

# Of hosts that say the same, as many on one platform do; by a digest that nobody can make two files meet in.
_shared: WeakValueDictionary[bytes, Protego] = WeakValueDictionary()


class RobotsAnswer(StrEnum):
    """How an origin answered for its robots.txt; the `robots` column of `hosts`."""

    PARSED = "parsed"  # 2xx: its rules hold
    MISSING = "missing"  # 4xx, or more than five redirects: everything is allowed
    UNREACHABLE = "unreachable"  # 5xx, 429, timeout, broken answer: nothing is fetched


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin. `rules` is None where nothing was parsed.

    `ai_refused` are the agents that gather for models to whom the whole site is shut.
    """

    answer: RobotsAnswer
    rules: Protego | None = None
    ai_refused: tuple[str, ...] = ()

    def allows(self, wire_url: str) -> bool:
        """Tell whether this URL may be asked."""
        if self.rules is None:
            return self.answer is not RobotsAnswer.UNREACHABLE
        return bool(self.rules.can_fetch(wire_url, PRODUCT_TOKEN))

    @property
    def crawl_delay_s(self) -> float | None:
        """The Crawl-delay or the pace of a Request-rate, in seconds, whichever is slower."""
        if self.rules is None:
            return None
        rate = self.rules.request_rate(PRODUCT_TOKEN)
        wanted = [self.rules.crawl_delay(PRODUCT_TOKEN), rate and _pace_s(*rate[:2])]
        return max((float(delay) for delay in wanted if delay), default=None)


def robots_of_status(status: int) -> RobotsAnswer:
    """Return what a robots.txt's final status means (RFC 9309, 2.3.1).

    429 is treated as "not now" rather than as "allowed": a host that is too busy to answer for
    its rules is too busy to be walked.
    """
    if 200 <= status < 300:
        return RobotsAnswer.PARSED
    if 300 <= status < 500 and status != 429:
        return RobotsAnswer.MISSING
    return RobotsAnswer.UNREACHABLE


def parse_robots(body: bytes) -> Robots:
    """Parse a robots.txt: UTF-8 with or without BOM, or UTF-16 with one.

    What is not UTF-8 is read as if it were. A page of HTML has no rule in it and so allows
    everything, as RFC 9309 has it. Nothing after `ROBOTS_BYTES` counts.
    """
    text = _text(body)
    ours = "\n".join(_our_lines(text))
    return Robots(RobotsAnswer.PARSED, _rules(ours), ai_agents_refused(_LINE_END.split(text)))


def _rules(lines: str) -> Protego:
    """Read rules, or return those that were read from the same lines: nothing ever changes them."""
    digest = blake2b(lines.encode()).digest()
    rules = _shared.get(digest)
    if rules is None:
        rules = _shared[digest] = Protego.parse(lines)
    return rules


def _text(body: bytes) -> str:
    if len(body) >= ROBOTS_BYTES:
        # Half a rule may say the opposite of the whole one.
        body = body[: max(body.rfind(end, 0, ROBOTS_BYTES) for end in (b"\n", b"\r")) + 1]
    coding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    text = body.decode(coding, errors="replace").lstrip("\ufeff\ufffd")  # also half a BOM
    return text.replace("\0", "").translate(_NO_LINE_END)


def _our_lines(text: str) -> Iterator[str]:
    """Yield the lines of the groups that name us or everybody; of other groups, that they begin.

    A user-agent line goes on with the group before it unless a rule came between (2.1).
    """
    ours, closed, last = False, True, ""
    for whole in _LINE_END.split(text):
        line = whole.partition("#")[0].strip()
        if found := _AGENT.match(line):
            agent = _agent(found[1].strip())
            ours = agent != _OTHERS or (ours and not closed)
            closed = False
            line = f"User-agent: {agent}"
        elif not ours or not line:
            continue
        closed = closed or _RULE.match(line) is not None
        if line != last:
            yield line
        last = line


def _agent(value: str) -> str:
    """Return whom a user-agent line means: us by our product token (2.2.1), everybody, or others."""
    if value[:1] == "*" and not value[1:2].strip():
        return _EVERYBODY
    token = _TOKEN.match(value)
    return PRODUCT_TOKEN if token and token[1].lower() == PRODUCT_TOKEN else _OTHERS


def _pace_s(requests: int, seconds: int) -> float:
    """Return the seconds a request of a Request-rate; its numbers may be of any length."""
    return min(seconds, 10**9) / min(requests, 10**9)
