"""The tdmrep.json of an origin: what it reserves for itself, path by path.

Room: network. It is asked for once in a worker's life, in its host's turn and as robots.txt allows,
and only where it can matter: of an origin that speaks of TDM in its headers, which the file goes
before, or of every origin that serves something, if the policy says `tdmrep = true`. What its rules
mean is decided in `crawler/tdm.py`.
"""

from dataclasses import replace
from operator import attrgetter

from crawler.opt_out import with_file
from crawler.records import Observation, Origin, ParsedUrl, ShardLink
from crawler.redirects import leads_on, redirect_target
from crawler.robots import RobotsAnswer
from crawler.tdm import TDM_FILE, TDM_FILE_BYTES, TdmRule, path_of, tdm_at, tdm_rules
from crawler.visit.ask import Asker
from crawler.visit.failures import RefusedError
from crawler.visit.fetch import Answer, Ask
from crawler.visit.host_state import HostState
from crawler.visit.hosts import Hosts
from crawler.visit.kept_files import KeptFiles
from crawler.visit.options import VisitOptions
from crawler.visit.robots_reader import RobotsReader, origin_url

_REDIRECTS = 5
_KEPT_BYTES = 4_000_000  # of text


class ReservationReader:
    """Asks origins for what they reserve, and has the row know it that made us ask."""

    def __init__(
        self, options: VisitOptions, asker: Asker, hosts: Hosts, robots: RobotsReader
    ) -> None:
        self._options = options
        self._asker = asker
        self._hosts = hosts
        self._robots = robots
        self._kept = KeptFiles(_KEPT_BYTES, attrgetter("tdm_rules"))

    async def ask_after(self, seen: list[Observation], link: ShardLink, visited: HostState) -> None:
        """Ask for the file of the origin that served `link`, if that is due; amend the link's row.

        Later links of that origin find the rules in its host's state. Raises StoppedError, and nothing
        else.
        """
        if not seen or seen[-1].link_id != link.link_id or not (host := seen[-1].host):
            return
        state = visited if host == visited.host else self._hosts.named(host)
        origin, state.tdm_due = state.tdm_due, None
        if origin is None or origin in state.tdm_rules or self._hosts.is_too_far(state):
            return
        answer = await self._fetched(state, origin)
        rules = _rules_of(answer)
        state.tdm_rules[origin] = rules
        self._kept.add(state, origin, answer)
        said = tdm_at(rules, path_of(seen[-1].final_url or ""))
        seen[-1] = replace(seen[-1], opt_out=with_file(seen[-1].opt_out, said))

    async def _fetched(self, state: HostState, origin: Origin) -> Answer | None:
        """Return the answer for a file, behind its redirects; None where nobody may be asked."""
        url = origin_url(origin, TDM_FILE)
        left_s = self._options.timeout_s
        for _ in range(_REDIRECTS + 1):
            if not await self._may_ask(state, url):
                return None
            answer = await self._asker.ask(state, url, _ask(url, left_s))
            left_s -= answer.total_s
            location = answer.headers.get("Location")
            if location is None or not leads_on(answer.status, location):
                return answer
            target = redirect_target(url.wire_url, location)
            if not isinstance(target, ParsedUrl) or left_s <= 0:
                return None
            try:
                await self._asker.rest(answer)
            except RefusedError:
                return None
            url, state = target, self._hosts.named(target.host)
        return None

    async def _may_ask(self, state: HostState, url: ParsedUrl) -> bool:
        if self._hosts.is_too_far(state):
            return False
        read = await self._robots.read(state, Origin(url.scheme, url.host, url.port))
        is_known = read.robots.answer is not RobotsAnswer.UNREACHABLE
        return is_known and read.robots.allows(url.wire_url)


def _rules_of(answer: Answer | None) -> tuple[TdmRule, ...]:
    """Return the rules of an answer; of anything but a whole file with 2xx there are none."""
    if answer is None or answer.error is not None or answer.body is None:
        return ()
    is_there = answer.status is not None and 200 <= answer.status < 300
    return tdm_rules(answer.body.head) if is_there else ()


def _ask(url: ParsedUrl, timeout_s: float) -> Ask:
    return Ask(
        method="GET",
        url=url.wire_url,
        timeout_s=timeout_s,
        read_bytes=TDM_FILE_BYTES,
        keep_bytes=TDM_FILE_BYTES,
    )
