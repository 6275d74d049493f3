"""Whether a failure may be laid at a host's door, or whether our own network has failed.

Room: pure rules (rule 10 of a visit). Time comes in as an argument, in seconds of one monotonic
clock. A failure stands as soon as something else succeeds *after* it on the same layer; where
nothing does, hosts that have answered before are asked (`crawler/visit/doubt.py`).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from crawler.records import Outcome

PATIENCE_S = (
    0.5  # how long a failure waits for a success that vouches for us, before we ask for one
)
JUMP_DOMAINS = 8  # so many registered domains failing, and none succeeding, do not wait for that
# A success that took longer may have begun in an outage and ended after it, and vouches for nothing.
QUICK_S = 1.0
WITNESSES = 3  # hosts that are asked at most; one that answers is enough
WITNESS_S = 2.0  # and how long each has to answer over a new connection
ENOUGH_SILENT = 2  # of them, before it is our own network that is away
FIRST_PAUSE_S = 1.0  # between asking them again, twice as long each time
MAX_PAUSE_S = 10.0
# So long without any answer may have been an outage that was over before a look's own wait was.
SHORTEST_SILENCE_S = 0.5
MAX_OUTAGE_S = 600.0  # after that a crawl ends, to be gone on with by a person


class Layer(StrEnum):
    """What of our own network a look rests on. A success vouches for its layer alone."""

    NAMES = "name look-ups"
    CONNECTIONS = "connections"
    ANSWERS = "answers"


class Blame(Enum):
    """Whose a failure is."""

    HOST = "the host's"
    OURS = "ours: what was seen is suspect, and is looked at again"
    UNKNOWN = "nobody's to tell: nothing has ever vouched for our own network"


_LAYERS: dict[Outcome, Layer | None] = {
    Outcome.OK: None,
    Outcome.NOT_MODIFIED: None,
    Outcome.GONE: None,
    Outcome.DENIED: None,
    Outcome.RATE_LIMITED: None,
    Outcome.CLIENT_ERROR: None,
    Outcome.SERVER_ERROR: None,
    Outcome.TOO_MANY_REDIRECTS: None,
    Outcome.DNS_NOT_FOUND: Layer.NAMES,
    Outcome.DNS_FAILURE: Layer.NAMES,
    Outcome.CONNECT_REFUSED: Layer.CONNECTIONS,
    Outcome.CONNECT_TIMEOUT: Layer.CONNECTIONS,
    Outcome.CONNECT_FAILED: Layer.CONNECTIONS,
    Outcome.TLS_FAILED: Layer.CONNECTIONS,
    Outcome.TIMEOUT: Layer.ANSWERS,
    Outcome.TRUNCATED: Layer.ANSWERS,
    Outcome.PROTOCOL_ERROR: Layer.ANSWERS,
    Outcome.BAD_ENCODING: None,
    Outcome.TOO_LARGE: None,
    Outcome.ROBOTS_DENIED: None,
    Outcome.ROBOTS_UNREACHABLE: Layer.ANSWERS,
    Outcome.ADDRESS_BLOCKED: None,
    Outcome.URL_INVALID: None,
}

# Somebody said no to these, so the network was there, whoever it led to.
_SAID = {Outcome.DNS_NOT_FOUND, Outcome.CONNECT_REFUSED, Outcome.TLS_FAILED, Outcome.PROTOCOL_ERROR}


@dataclass(frozen=True, slots=True)
class Failure:
    """A look that failed on a layer, and when it was under way."""

    layer: Layer
    registered_domain: str
    began: float
    ended: float
    was_said: bool  # by somebody: not mere silence


@dataclass(slots=True, eq=False)
class Asked:
    """A request. `had_answered` tells whether its host answered the one before."""

    registered_domain: str
    left_at: float
    had_answered: bool
    answered: bool = False
    ended_at: float = math.inf

    def was_silent(self, now: float) -> bool:
        """Tell whether there was no answer for long enough, and is none by now."""
        return not self.answered and min(self.ended_at, now) - self.left_at >= SHORTEST_SILENCE_S


@dataclass(frozen=True, slots=True)
class Silence:
    """A time in which nobody answered, and the requests that were under way in it.

    That alone means little: of few hosts, none may have been asked just then. It was an outage of
    ours when hosts that had answered before, and are unrelated, never answered what they were asked
    in it.
    """

    began: float
    ended: float
    asked: Sequence[Asked]

    def explains(self, failure: "Failure", now: float) -> bool:
        """Tell whether a failure was under way in it, and it was an outage for all we know."""
        if failure.was_said or not (failure.began <= self.ended and failure.ended >= self.began):
            return False
        silent = {one.registered_domain for one in self.asked if one.was_silent(now)}
        return len(silent) >= ENOUGH_SILENT

    def without_answered(self) -> "Silence":
        """Return it without the requests that were answered by now, which no longer say anything."""
        return replace(self, asked=tuple(one for one in self.asked if not one.answered))


@dataclass(slots=True)
class Outage:
    """A time in which our own network had failed; it has no end while it lasts."""

    layer: Layer
    began: float
    ended: float = math.inf

    def covers(self, failure: Failure) -> bool:
        """Tell whether a failure was under way in it."""
        return failure.began <= self.ended and failure.ended >= self.began


def failure_of(
    outcome: Outcome, registered_domain: str, began: float, ended: float
) -> Failure | None:
    """Return the failure that an outcome is, or None where a network that failed cannot cause it."""
    layer = _LAYERS[outcome]
    if layer is None:
        return None
    return Failure(layer, registered_domain, began, ended, outcome in _SAID)


def jumps(failures: Iterable[Failure]) -> bool:
    """Tell whether so many unrelated domains fail that it can hardly be each of them."""
    return len({failure.registered_domain for failure in failures}) >= JUMP_DOMAINS
