"""The requests that are under way: whose hosts they keep taken, and when none of them was answered.

Room: network. One request at a time is under way to a host. What a silence means is decided in
`crawler/doubt.py`.
"""

import asyncio
import math
from collections import deque
from collections.abc import Iterator

from crawler.doubt import SHORTEST_SILENCE_S, Asked, Silence
from crawler.turns import Turns
from crawler.visit.clock import Clock
from crawler.visit.host_state import HostState

# How long a host is taken by a request that nobody tells of any more: that worker has died.
IN_FLIGHT_S = 60.0
_RENEWED_S = IN_FLIGHT_S / 3
_KEPT = 256


class UnderWay:
    """Every request of this worker from when it took its turn to its end."""

    def __init__(self, turns: Turns, clock: Clock) -> None:
        self._turns = turns
        self._clock = clock
        self._states: dict[str, HostState] = {}
        self._unanswered: deque[Asked] = deque(maxlen=_KEPT)
        self._silences: deque[Silence] = deque(maxlen=_KEPT)
        self._heard_at = math.inf  # nobody was heard so far
        self._timer: asyncio.TimerHandle | None = None

    def left(self, state: HostState, now: float) -> None:
        """Note that a request left, or that one which waited on its way leaves now."""
        before = state.asked
        if state.host in self._states and before is not None:
            before.left_at = now
            return
        had_answered = before is not None and before.answered
        state.asked = Asked(state.registered_domain, now, had_answered)
        self._states[state.host] = state
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_RENEWED_S, self._renew)

    def waits(self, state: HostState) -> None:
        """Note that a request which took its turn has not left yet after all."""
        if state.asked is not None:
            state.asked.left_at = math.inf

    def has(self, state: HostState) -> bool:
        """Tell whether a request to a host is under way."""
        return state.host in self._states

    def heard(self, state: HostState) -> None:
        """Note an answer, of a request that is under way or has just ended."""
        now = self._clock.now()
        if now - self._heard_at >= SHORTEST_SILENCE_S:
            self._note_silence(now)
        self._heard_at = now
        if state.asked is not None:
            state.asked.answered = True

    def ended(self, state: HostState) -> None:
        """Note that a request ended, whether it was answered or not."""
        if self._states.pop(state.host, None) is None or state.asked is None:
            return
        state.asked.ended_at = self._clock.now()
        self._unanswered.append(state.asked)

    def abandoned(self, state: HostState) -> None:
        """Note that we broke a request off: that there was no answer is not its host's doing."""
        self._states.pop(state.host, None)

    def silences(self) -> Iterator[Silence]:
        """Yield the silences of late, the last one first."""
        return reversed(self._silences)

    def _note_silence(self, now: float) -> None:
        """Keep it, and of those before it what still says something: most answers came since."""
        asked = tuple(one for one in self._witnesses() if one.ended_at > self._heard_at)
        before = [silence.without_answered() for silence in self._silences]
        self._silences = deque([*before, Silence(self._heard_at, now, asked)], maxlen=_KEPT)

    def _witnesses(self) -> Iterator[Asked]:
        """Yield requests without an answer, of hosts that had answered the one before."""
        under_way = [state.asked for state in self._states.values() if state.asked is not None]
        for one in (*under_way, *self._unanswered):
            if one.had_answered and not one.answered and one.left_at < math.inf:
                yield one

    def _renew(self) -> None:
        """Keep every host taken that a request is under way to, however long that takes."""
        self._timer = None
        now = self._clock.now()
        for state in self._states.values():
            until, slowdown_s = now + IN_FLIGHT_S, state.known.slowdown_s
            self._turns.hold(state.host_key, until, now, slowdown_s)
        if self._states:
            self._timer = asyncio.get_running_loop().call_later(_RENEWED_S, self._renew)
