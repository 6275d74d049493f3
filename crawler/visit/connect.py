"""The only place that opens connections: every socket passes the address guard here.

Room: network. Pinned to aiohttp's minor version: it replaces `TCPConnector._resolve_host`, which
answers for IP literals before any resolver is asked, and reads the peer in `ClientResponse.start`.
"""

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection

from crawler.guard import AddressGuard
from crawler.visit.dns import Resolver
from crawler.visit.failures import AddressBlockedError


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


class GuardedConnector(aiohttp.TCPConnector):
    """Connects only where the guard lets it, and to IP literals by the same way as to names."""

    async def _resolve_host(self, host: str, port: int, traces: Any = None) -> list[ResolveResult]:  # noqa: ARG002
        return await self._resolver.resolve(host, port)


def connector(
    resolver: Resolver, guard: AddressGuard, connect_to: tuple[ConnectTo, ...]
) -> GuardedConnector:
    """Make the connector of a crawl; it keeps connections alive between a host's visits."""

    def guarded_socket(addr_info: Any) -> socket.socket:
        family, kind, protocol, _, address = addr_info
        if not guard.lets_through(address[0]):
            text = f"{address[0]} is not a public address"
            raise AddressBlockedError(text)
        return socket.socket(family=family, type=kind, proto=protocol)

    return GuardedConnector(
        resolver=_Addresses(resolver, connect_to),
        use_dns_cache=False,
        limit=0,
        keepalive_timeout=30,
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
