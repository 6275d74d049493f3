"""The canary: one random path a host tells what the host says to nonsense.

Room: network. It goes where links go: the same turn, robots.txt, guard, limits and redirects. What
its answer means for a link is decided in `analysis/sql`.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from crawler.nonsense import nonsense_beside
from crawler.records import HostVisit, Observation, Origin, Outcome, ParsedUrl, ShardLink, Visit
from crawler.robots import RobotsAnswer
from crawler.visit.ask import Asker
from crawler.visit.clock import Clock
from crawler.visit.host_state import Canary, HostState
from crawler.visit.hosts import Hosts
from crawler.visit.look import Looker
from crawler.visit.options import Mode, VisitOptions
from crawler.visit.robots_reader import RobotsReader

# No answer came of these; a later visit asks again. Everything else is an answer.
_FAILED = {
    Outcome.RATE_LIMITED,
    Outcome.DNS_FAILURE,
    Outcome.CONNECT_REFUSED,
    Outcome.CONNECT_TIMEOUT,
    Outcome.CONNECT_FAILED,
    Outcome.TLS_FAILED,
    Outcome.TIMEOUT,
    Outcome.TRUNCATED,
    Outcome.PROTOCOL_ERROR,
    Outcome.ROBOTS_UNREACHABLE,
}


class CanaryKeeper:
    """Asks a host for nonsense: once in a worker's life, after its first link that was served."""

    def __init__(
        self, options: VisitOptions, asker: Asker, hosts: Hosts, robots: RobotsReader, clock: Clock
    ) -> None:
        self._max_tries = options.policy.max_attempts
        self._hosts = hosts
        self._robots = robots
        # HEAD would tell nothing of a body, so even `--mode head` reads a part of this one.
        mode = Mode.SNIFF if options.mode is Mode.HEAD else options.mode
        self._looker = Looker(replace(options, mode=mode), asker, hosts, robots, clock)

    async def ask_after(
        self, seen: Sequence[Observation], link: ShardLink, visit: Visit, state: HostState
    ) -> None:
        """Ask a host for nonsense beside `link` if that is what was seen last, and was served.

        What comes of it is kept in the host's state. Raises StoppedError, and nothing else.
        """
        served = seen and seen[-1].link_id == link.link_id and _is_served(seen[-1])
        if not served or self._hosts.is_too_far(state):
            return
        state.canary_due = False
        tries = 1 if state.canary is None else state.canary.tries + 1
        url = nonsense_beside(link.url, secrets.token_hex(16))
        refused = await self._refused(state, url)
        if refused is not None:
            state.canary = Canary(visit.visit_id, tries, url.wire_url, refused)
            return
        answer = await self._looker.look(visit, ShardLink(0, url), state)
        state.canary = Canary(visit.visit_id, tries, url.wire_url, answer.outcome, answer)

    def told(self, record: HostVisit, state: HostState) -> HostVisit:
        """Return a visit's record with what its canary came to. A failed one is due again."""
        canary = state.canary
        if canary is None or canary.visit_id != record.visit_id:
            return record
        state.canary_due = canary.outcome in _FAILED and canary.tries < self._max_tries
        state.canary = replace(canary, answer=None)  # of use no more, and larger than its host
        told = replace(record, canary_outcome=canary.outcome, canary_url=canary.url)
        if (answer := canary.answer) is None:
            return told
        return replace(
            told,
            canary_final_url=answer.final_url,
            canary_status=answer.status,
            canary_media_type=answer.media_type,
            canary_body_bytes=answer.body_bytes,
            canary_sha256=answer.sha256,
        )

    async def _refused(self, state: HostState, url: ParsedUrl) -> Outcome | None:
        """Return why robots.txt lets nobody ask, or None where it does."""
        read = await self._robots.read(state, Origin(url.scheme, url.host, url.port))
        if read.robots.answer is RobotsAnswer.UNREACHABLE:
            return Outcome.ROBOTS_UNREACHABLE
        return None if read.robots.allows(url.wire_url) else Outcome.ROBOTS_DENIED


def _is_served(seen: Observation) -> bool:
    """Tell whether there is something that an answer to nonsense can be held against."""
    return seen.status is not None and (200 <= seen.status < 300 or seen.status == 304)
