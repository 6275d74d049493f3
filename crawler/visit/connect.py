"""The only place that opens connections: every socket passes the address guard here.

Room: network. Pinned to aiohttp's minor version: it replaces `TCPConnector._resolve_host`, which
answers for IP literals before any resolver is asked, tells of every connection made, bounds the
connections that are kept alive, and reads the peer in `ClientResponse.start`.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

from crawler.guard import AddressGuard
from crawler.visit.dns import Resolver
from crawler.visit.failures import AddressBlockedError
from crawler.visit.files import OutOfFilesError, Sockets

# What is waited for when a connection is there and the request has not left: the turn of its peer.
AtPeer = Callable[[str], Awaitable[None]]
AT_PEER: ContextVar[AtPeer | None] = ContextVar("AT_PEER", default=None)
# The time of the request that connects; what it waits for us is not the host's to pay.
DEADLINE: ContextVar[asyncio.Timeout | None] = ContextVar("DEADLINE", default=None)


@dataclass(frozen=True, slots=True)
class ConnectTo:
    """curl's `--connect-to`: what asks for host and port is connected elsewhere. "" is any, or same.

    The URL, the Host header and the TLS name stay what they were.
    """

    host: str
    port: int | None
    to_host: str
    to_port: int | None

    def applies_to(self, host: str, port: int) -> bool:
        """Tell whether this rule speaks for a host and port."""
        return self.host in ("", host) and self.port in (None, port)


@dataclass(frozen=True, slots=True)
class Contexts:
    """The two ways to speak TLS: verified, and for hosts whose certificate did not verify."""

    verified: ssl.SSLContext
    unverified: ssl.SSLContext


class GuardedResponse(aiohttp.ClientResponse):
    """A response that remembers which address answered."""

    peer: str | None = None

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Note the peer, then read the head of the answer."""
        transport = connection.transport
        peer = transport.get_extra_info("peername") if transport is not None else None
        self.peer = peer[0] if peer else None
        return await super().start(connection)


class _Addresses(AbstractResolver):
    """aiohttp's way to ask for addresses, answered by our resolver and `--connect-to`."""

    def __init__(self, resolver: Resolver, connect_to: tuple[ConnectTo, ...]) -> None:
        self._resolver = resolver
        self._connect_to = connect_to

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002
    ) -> list[ResolveResult]:
        """Return where to connect to for a host and port. Raises aiodns.error.DNSError."""
        to_host, to_port = host, port
        for rule in self._connect_to:
            if rule.applies_to(host, port):
                to_host, to_port = rule.to_host or host, rule.to_port or port
                break
        found = await self._resolver.addresses(to_host)
        return [_result(host, address, to_port) for address in found]

    async def close(self) -> None:
        """Leave the resolver to whoever made it."""


# When more are made at once, this process no longer attends to each of them within its time.
_MADE_AT_A_TIME = 1_000
_UNASKED = "the server spoke before it was asked"
_NOWHERE = "the connection leads to no public address"


class GuardedConnector(aiohttp.TCPConnector):
    """Connects only where the guard lets it, and to IP literals by the same way as to names."""

    def __init__(
        self,
        *args: Any,
        connected: Callable[[float], None],
        guard: AddressGuard,
        sockets: Sockets,
        **kwargs: Any,
    ) -> None:
        """`connected` is told how long each connection took to make; `sockets` are counted."""
        super().__init__(*args, **kwargs)
        self._connected = connected
        self._guard = guard
        self._sockets = sockets
        self._making = asyncio.Semaphore(_MADE_AT_A_TIME)

    async def _create_connection(self, *args: Any, **kwargs: Any) -> ResponseHandler:
        asked = monotonic()
        async with self._making:
            _put_off_deadline(monotonic() - asked)
            return await self._made(*args, **kwargs)

    async def _made(self, *args: Any, **kwargs: Any) -> ResponseHandler:
        while self._sockets.are_full and self._conns:
            self._close_oldest()
            await asyncio.sleep(0)  # then its file is closed
        before, began = self._sockets.refused, monotonic()
        try:
            made = await super()._create_connection(*args, **kwargs)
        except (aiohttp.ClientError, OSError) as error:
            if self._sockets.refused == before:
                raise
            self._close_oldest()
            raise OutOfFilesError from error
        self._connected(monotonic() - began)
        return made

    def _close_oldest(self) -> None:
        """Close the connection that was used longest ago, of those that nobody uses."""
        if self._conns:
            for protocol, _ in self._conns.pop(next(iter(self._conns))):
                protocol.abort()

    async def connect(self, req: Any, traces: Any, timeout: Any) -> Connection:  # noqa: ASYNC109
        """Return a connection, new or kept alive, when it is the turn of the address it leads to."""
        connection = await super().connect(req, traces, timeout)
        at_peer, transport = AT_PEER.get(), connection.transport
        peer = transport.get_extra_info("peername") if transport is not None else None
        if not peer or not self._guard.lets_through(peer[0]):
            # No socket of ours is connected there; were it not ours, it would end here.
            connection.close()
            raise AddressBlockedError(_NOWHERE)
        if at_peer is None:
            return connection
        try:
            await at_peer(peer[0])
        except BaseException:
            connection.release()
            raise
        if connection.protocol is not None and connection.protocol.should_close:
            connection.close()
            raise aiohttp.ServerDisconnectedError(_UNASKED)
        return connection

    async def _get(self, key: Any, traces: Any) -> Connection | None:
        """Return a connection that was kept alive, but none that has spoken unasked.

        What it said would be taken for the answer to the next request (RFC 9112, 9.3: extra bytes
        must not be a response). aiohttp looks at leftovers only when it lets a connection go.
        """
        while (kept := await super()._get(key, traces)) is not None:
            if kept.protocol is not None and not kept.protocol.should_close:
                return kept
            kept.close()
        return None

    def _release(self, key: Any, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        """Keep a connection alive; from here on, whatever comes in is a leftover."""
        super()._release(key, protocol, should_close=should_close)
        if protocol.is_connected():
            protocol._parser = None  # noqa: SLF001  (bytes without a parser become its `_tail`)

    async def _resolve_host(self, host: str, port: int, traces: Any = None) -> list[ResolveResult]:  # noqa: ARG002
        """Return those of a host's addresses that the guard lets through; there is one, or none."""
        found = await self._resolver.resolve(host, port)
        passing = [address for address in found if self._guard.lets_through(address["host"])]
        if not passing:
            text = f"{found[0]['host']} is not a public address"
            raise AddressBlockedError(text)
        return passing


def _put_off_deadline(waited_s: float) -> None:
    deadline = DEADLINE.get()
    if deadline is not None and not deadline.expired() and (when := deadline.when()) is not None:
        deadline.reschedule(when + waited_s)


def connector(
    resolver: Resolver,
    guard: AddressGuard,
    connect_to: tuple[ConnectTo, ...],
    *,
    connected: Callable[[float], None],
    keep_alive: bool,
    most: int,
) -> GuardedConnector:
    """Make the connector of a crawl; it may keep connections alive between a host's visits."""
    sockets = Sockets(most)

    def guarded_socket(addr_info: Any) -> socket.socket:
        family, kind, protocol, _, address = addr_info
        if not guard.lets_through(address[0]):
            text = f"{address[0]} is not a public address"
            raise AddressBlockedError(text)
        return sockets.opened(family, kind, protocol)

    return GuardedConnector(
        resolver=_Addresses(resolver, connect_to),
        use_dns_cache=False,
        limit=0,
        force_close=not keep_alive,
        keepalive_timeout=30 if keep_alive else None,
        connected=connected,
        guard=guard,
        sockets=sockets,
        socket_factory=guarded_socket,
    )


def contexts(ca_file: Path | None) -> Contexts:
    """Make the TLS contexts: Mozilla's roots (certifi), and those of `ca_file` if given."""
    verified = ssl.create_default_context(cafile=certifi.where())
    if ca_file is not None:
        verified.load_verify_locations(cafile=ca_file)
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    return Contexts(verified, unverified)


def parse_connect_to(text: str) -> ConnectTo:
    """Parse `HOST:PORT:CONNECT-HOST:CONNECT-PORT`; IPv6 in brackets. Raises ValueError."""
    parts = _split_outside_brackets(text)
    if len(parts) != 4:
        message = f"{text!r} is not HOST:PORT:CONNECT-HOST:CONNECT-PORT"
        raise ValueError(message)
    host, port, to_host, to_port = parts
    return ConnectTo(host.lower(), int(port) if port else None, to_host, int(to_port or 0) or None)


def _split_outside_brackets(text: str) -> list[str]:
    parts, depth = [""], 0
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == ":" and depth == 0:
            parts.append("")
        elif character not in "[]":
            parts[-1] += character
    return parts


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
    )
