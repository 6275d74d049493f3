"""When a shard whose worker came to grief is tried again, and when it is given up.

Room: pure rules. Moments are seconds on any clock that goes forward.
"""

from dataclasses import dataclass, replace

from crawler.tally import Trouble

# Deaths in a row without one link done in between: then it is the shard that kills its workers.
MOST_DEATHS = 5
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0

# A dead worker may go on for a while where nobody can tell it to end: at most what a visit takes
# (crash-safety.md), or the time for which it holds the shard.
TAKEN_S = 120.0
_ASK_S = 3.0


@dataclass(frozen=True, slots=True)
class Tries:
    """What became of a shard so far. `done` are its links that were done at its last death."""

    deaths: int = 0
    done: int = 0
    taken_since_s: float | None = None


def after(tries: Tries, trouble: Trouble, *, done: int, now_s: float) -> tuple[Tries, float | None]:
    """Return the tries with this one, and the seconds until the next, or None to give up."""
    if trouble is Trouble.TAKEN:
        since_s = now_s if tries.taken_since_s is None else tries.taken_since_s
        wait_s = _ASK_S if now_s - since_s < TAKEN_S else None
        return replace(tries, taken_since_s=since_s), wait_s
    in_vain = tries.deaths if done <= tries.done else 0
    wait_s = min(_FIRST_WAIT_S * 2**in_vain, _LONGEST_WAIT_S)
    counted = Tries(deaths=in_vain + 1, done=done)
    return counted, wait_s if counted.deaths <= MOST_DEATHS else None
