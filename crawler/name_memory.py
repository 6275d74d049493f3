"""How long an answer of a name server is kept, whether it found the name, denied it or failed.

Room: pure rules. Times are in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.dns_message import Reply

MIN_TTL_S, MAX_TTL_S = 60.0, 3600.0
# That a name does not exist holds for as long as its zone says (RFC 2308, 5), within these bounds:
# RFC 2308 has at most three hours; a name that comes back within a crawl should be seen.
UNSAID_S, MIN_DENIED_S, MAX_DENIED_S = 60.0, 5.0, 900.0
# RFC 9520, 3.2: at least a second, at most five minutes. A host is tried again after ten seconds at
# the earliest by default, and that try should ask.
FAILED_S = 1.0


@dataclass(frozen=True, slots=True)
class Said:
    """What a server said of a name in all, and for how long that is kept; neither is a failure."""

    addresses: tuple[str, ...] = ()
    missing: bool = False
    lives_s: float = FAILED_S
    why: str = ""  # it failed

    @property
    def failed(self) -> bool:
        """Tell whether it says nothing of the name."""
        return not (self.addresses or self.missing)


def together(replies: Sequence[Reply]) -> Said:
    """Return what the replies for the kinds of addresses of one name say together.

    One that has addresses is enough; that there is no such name must be said by all.
    """
    addresses = [text for reply in replies for text in reply.addresses]
    if addresses:
        lives_s = min(reply.lives_s or 0 for reply in replies if reply.addresses)
        ordered = sorted(dict.fromkeys(addresses), key=lambda text: ":" in text)
        return Said(tuple(ordered), lives_s=min(max(float(lives_s), MIN_TTL_S), MAX_TTL_S))
    if all(reply.says_no for reply in replies):
        lives = [UNSAID_S if reply.lives_s is None else reply.lives_s for reply in replies]
        return Said(missing=True, lives_s=min(max(float(min(lives)), MIN_DENIED_S), MAX_DENIED_S))
    return Said(why=next(_said(reply) for reply in replies if reply.failed))


def _said(reply: Reply) -> str:
    if reply.leads_elsewhere:
        return "says only whom else to ask"
    return f"says {_RCODES.get(reply.rcode, f'error {reply.rcode}')}"


_RCODES = {1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED"}
