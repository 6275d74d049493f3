"""Requests in the turn of their host, and what their answers do to its pace.

Room: network. Does not know links, redirects or robots.txt.
"""

from dataclasses import replace
from datetime import UTC, datetime

import aiohttp

from crawler.outcomes import asks_to_slow_down
from crawler.politeness import retry_after_s
from crawler.records import ParsedUrl
from crawler.visit.fetch import Answer, Ask, Fetcher
from crawler.visit.hosts import Hosts, HostState


class Asker:
    """Sends requests, one at a time to each host."""

    def __init__(self, fetcher: Fetcher, hosts: Hosts) -> None:
        self._fetcher = fetcher
        self._hosts = hosts

    async def ask(self, state: HostState, url: ParsedUrl, ask: Ask) -> Answer:
        """Ask in the host's turn; once more when a kept-alive connection turns out to be dead.

        Raises StoppedError, and nothing else.
        """
        async with state.lock:
            was_kept_alive = state.kept_alive
            asked_at = await self._hosts.turn(state)
            answer = await self._send(state, url, ask, asked_at)
            if was_kept_alive and _was_dead(answer):
                asked_at = await self._hosts.turn(state)
                answer = await self._send(state, url, ask, asked_at)
        return answer

    async def _send(self, state: HostState, url: ParsedUrl, ask: Ask, asked_at: float) -> Answer:
        state.count(datetime.now(UTC))
        if url.port in state.tls_problems:
            ask = replace(ask, verify_tls=False)
        answer = await self._fetcher.send(ask)
        if (problem := answer.distrusts) is not None:
            # The handshake failed, so no request has left yet. The link is looked at all the same.
            state.tls_problems[url.port] = problem
            answer = await self._fetcher.send(replace(ask, verify_tls=False))
        self._note(state, answer, asked_at)
        return answer

    def _note(self, state: HostState, answer: Answer, asked_at: float) -> None:
        state.kept_alive = answer.error is None and answer.status is not None
        if answer.status is not None and asks_to_slow_down(answer.status):
            pause_s = retry_after_s(answer.headers.get("Retry-After"), datetime.now(UTC))
            self._hosts.slowed(state, pause_s)
        else:
            self._hosts.answered(state, asked_at, answer.ttfb_s or answer.total_s)


def _was_dead(answer: Answer) -> bool:
    """Tell whether a kept-alive connection was closed before the request reached anybody.

    RFC 9112, 9.3.1 lets an idempotent request be repeated then.
    """
    hung_up = aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | ConnectionError
    return answer.status is None and not answer.unreached and isinstance(answer.error, hung_up)
