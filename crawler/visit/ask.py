"""Requests in the turn of their host, and what their answers do to its pace.

Room: network. Does not know links, redirects or robots.txt.
"""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from crawler.outcomes import asks_to_slow_down
from crawler.politeness import longest_retry_after_s
from crawler.records import ParsedUrl
from crawler.visit.failures import HungUpError, PausedElsewhereError
from crawler.visit.fetch import Answer, Ask, Fetcher
from crawler.visit.host_state import HostState
from crawler.visit.hosts import Hosts


class Network(Protocol):
    """What is known of our own network; `doubt.py` knows it."""

    @property
    def network_is_away(self) -> bool:
        """Tell whether nobody is to be asked now."""

    async def network_back(self) -> None:
        """Wait until somebody may be asked again. Raises StoppedError."""

    def answered(self, state: HostState, url: ParsedUrl, took_s: float) -> None:
        """Note that a host has answered, and how long that took."""


class Asker:
    """Sends requests, one at a time to each host, and none while our own `network` is away."""

    def __init__(self, fetcher: Fetcher, hosts: Hosts, network: Network | None = None) -> None:
        self._fetcher = fetcher
        self._hosts = hosts
        self._network = network

    async def ask(self, state: HostState, url: ParsedUrl, ask: Ask) -> Answer:
        """Ask in the host's turn; once more when a kept-alive connection turns out to be dead.

        Where the host asked for a longer pause than anybody waits for, nobody is asked, and the
        answer's error says so. Raises StoppedError, and nothing else.
        """
        if self._network is not None and self._network.network_is_away:
            await self._network.network_back()
        state.waiting += 1
        try:
            async with state.lock:
                answer = await self._in_turn(state, url, ask)
                if _was_dead(answer):
                    answer = await self._in_turn(state, url, ask)
        except PausedElsewhereError as error:
            return Answer(ask=ask, error=error)
        finally:
            state.waiting -= 1
        return answer

    async def rest(self, redirect: Answer) -> None:
        """Wait as long as a redirect asks for before it is followed (RFC 9110, 10.2.3).

        Raises StoppedError, and PausedElsewhereError where that is too long.
        """
        if pause_s := _retry_after_s(redirect):
            await self._hosts.rest(pause_s)

    async def _in_turn(self, state: HostState, url: ParsedUrl, ask: Ask) -> Answer:
        if not state.addresses:
            state.addresses = await self._fetcher.addresses(url.host)
        await self._hosts.turn(state, url.port)
        try:
            return await self._send(state, url, ask)
        except BaseException:
            self._hosts.abandoned(state)
            raise

    async def _send(self, state: HostState, url: ParsedUrl, ask: Ask) -> Answer:
        state.count(datetime.now(UTC))
        at_peer = partial(self._hosts.connected, state, url.port)
        if url.port in state.tls_problems:
            ask = replace(ask, verify_tls=False)
        answer = await self._fetcher.send(ask, at_peer)
        if (problem := answer.distrusts) is not None:
            # The handshake failed, so no request has left yet. The link is looked at all the same.
            state.tls_problems[url.port] = problem
            answer = await self._fetcher.send(replace(ask, verify_tls=False), at_peer)
        if self._network is not None and answer.status is not None:
            self._network.answered(state, url, answer.ttfb_s or answer.total_s)
        self._note(state, answer)
        return answer

    def _note(self, state: HostState, answer: Answer) -> None:
        status = answer.status
        pause_s = _retry_after_s(answer)
        if status is not None and asks_to_slow_down(status):
            self._hosts.slowed(state, pause_s)
            return
        latency_s = answer.total_s if answer.ttfb_s is None else answer.ttfb_s
        self._hosts.answered(
            state, answer.total_s - latency_s, latency_s, good=status is not None and status < 500
        )
        if pause_s and status is not None and status >= 300:
            self._hosts.paused(state, pause_s)


def _retry_after_s(answer: Answer) -> float | None:
    headers = answer.headers.getall("Retry-After", ())
    return longest_retry_after_s(headers, datetime.now(UTC)) if headers else None


def _was_dead(answer: Answer) -> bool:
    """Tell whether a kept-alive connection was closed before the request reached anybody.

    RFC 9112, 9.3.1 lets an idempotent request be repeated then.
    """
    return answer.over_kept and isinstance(answer.error, HungUpError)
