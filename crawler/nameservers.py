"""Which name server is asked next, how often at most, and what its word is worth.

Room: pure rules. Time comes in as an argument, in seconds of one monotonic clock. What a server did
is judged against what the others did: that a name cannot be looked up may be the fault of whoever
runs it, but not where another server finds it. `crawler/visit/dns.py` does what this decides.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

OUTDONE_ASIDE = 3  # look-ups in a row that one server failed and another did not
DENIED_ASIDE = 5  # names in a row that one server denies and another finds
SHARED_BY = 8  # domains on one address, before another server is asked whether it says so as well
PROVED_FOR_S = 60.0  # how long it holds that a server denies what nobody can have
_FIRST_ASIDE_S, _LONGEST_ASIDE_S = 5.0, 300.0


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `per_s` a second, and `burst` at once (the generic cell rate algorithm, ITU-T I.371)."""

    per_s: float
    burst: int

    def reserved(self, due_at: float, now: float) -> tuple[float, float]:
        """Return when the next one may leave, and the `due_at` of the one after it."""
        gap_s = 1 / self.per_s
        due_at = max(due_at, now)
        return max(now, due_at - (self.burst - 1) * gap_s), due_at + gap_s


@dataclass(frozen=True, slots=True)
class Standing:
    """How one name server has done. Addresses in `lies` were given for what cannot have any."""

    outdone: int = 0
    denied: int = 0
    has_found: bool = False  # something, since it last denied what another found
    aside_until: float = -math.inf
    aside_s: float = 0.0
    lies: frozenset[str] = frozenset()
    proved_at: float = -math.inf

    @property
    def is_doubted(self) -> bool:
        """Tell whether it was set aside, and has done nothing since to be taken back."""
        return self.aside_s > 0

    def is_aside(self, now: float) -> bool:
        """Tell whether others are asked first."""
        return now < self.aside_until

    def is_believed(self, addresses: Sequence[str]) -> bool:
        """Tell whether an answer is more than what it says of every name."""
        return not self.lies.intersection(addresses)

    def must_prove(self, now: float) -> bool:
        """Tell whether it is time to ask it for what nobody can have."""
        return now >= self.proved_at + PROVED_FOR_S


def found(standing: Standing) -> Standing:
    """It found a name, at an address that is no lie: nothing is held against it any more."""
    if standing.has_found and not (standing.outdone or standing.denied or standing.aside_s):
        return standing  # by far the most frequent
    return replace(
        standing, outdone=0, denied=0, has_found=True, aside_s=0.0, aside_until=-math.inf
    )


def said_no(standing: Standing) -> Standing:
    """It answered that there is no such name, and no other server found it."""
    if standing.denied >= DENIED_ASIDE:
        return standing  # a server that denies everything is right now and then
    return replace(standing, outdone=0, aside_s=0.0, aside_until=-math.inf)


def outdone(standing: Standing, now: float) -> Standing:
    """It failed at a name, and another server did not."""
    changed = replace(standing, outdone=standing.outdone + 1)
    return _aside(changed, now) if changed.outdone >= OUTDONE_ASIDE else changed


def denied(standing: Standing, now: float) -> Standing:
    """It said that there is no such name, and another server found it."""
    changed = replace(standing, outdone=0, denied=standing.denied + 1, has_found=False)
    return _aside(changed, now) if changed.denied >= DENIED_ASIDE else changed


def proved(standing: Standing, now: float, given: Sequence[str]) -> Standing:
    """It was asked for what nobody can have, and gave these addresses, or none as it should."""
    changed = replace(standing, proved_at=now, lies=frozenset(given))
    return _aside(changed, now) if given else changed


def caught(standing: Standing, addresses: Sequence[str]) -> Standing:
    """It gives these addresses for many names that have others elsewhere."""
    return replace(standing, lies=standing.lies.union(addresses))


def tried(standing: Standing, now: float) -> Standing:
    """It is asked again after it was aside: by one look-up, and by others when that one worked."""
    if not standing.is_doubted or standing.is_aside(now):
        return standing
    return replace(standing, aside_until=now + standing.aside_s)


def order(standings: Sequence[Standing], free_at: Sequence[float], now: float) -> list[int]:
    """Return the servers in the order in which a name is asked for: every one, the best first.

    Those that are aside come last. Of the others goes first who may be asked soonest, and of those
    who may be asked now the one that was named first.
    """

    def rank(one: int) -> tuple[bool, float, int]:
        return standings[one].is_aside(now), max(now, free_at[one]), one

    return sorted(range(len(standings)), key=rank)


def may_stand_alone(
    said: int, standings: Sequence[Standing], silent: Sequence[int], now: float
) -> bool:
    """Tell whether one server's "no such name" counts where no other one answered.

    It does where it is the only one; else it must have found something itself, for one that denies
    everything never does.
    """
    others = [one for one in range(len(standings)) if one != said]
    asked = set(silent) >= {one for one in others if not standings[one].is_aside(now)}
    return not others or (asked and standings[said].has_found and not standings[said].is_doubted)


def _aside(standing: Standing, now: float) -> Standing:
    if standing.is_aside(now):
        return standing
    aside_s = min(max(_FIRST_ASIDE_S, 2 * standing.aside_s), _LONGEST_ASIDE_S)
    return replace(standing, aside_s=aside_s, aside_until=now + aside_s)
