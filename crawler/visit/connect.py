"""The only place that opens connections: every socket passes the address guard here.

Room: network.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import aiohappyeyeballs
import certifi

from crawler.guard import AddressGuard
from crawler.visit.addressed import ConnectTo
from crawler.visit.dns import Resolver
from crawler.visit.failures import AddressBlockedError, ConnectTimeoutError, NotConnectedError
from crawler.visit.files import OutOfFilesError, Sockets
from crawler.visit.kept import Kept, Place
from crawler.visit.wire import Wire

# What is waited for when a connection is there and the request has not left: the turn of its peer.
AtPeer = Callable[[str], Awaitable[None]]

# When more are made at once, this process no longer attends to each of them within its time.
_MADE_AT_A_TIME = 1_000
_STAGGER_S = 0.25  # before a host's next address is tried beside the last one (RFC 8305, 5)
_NOWHERE = "the connection leads to no public address"

# As socket.getaddrinfo has it.
_Address = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]


@dataclass(frozen=True, slots=True)
class Contexts:
    """The two ways to speak TLS: verified, and for hosts whose certificate did not verify."""

    verified: ssl.SSLContext
    unverified: ssl.SSLContext


class Connector:
    """Connects only where the guard lets it; keeps connections alive between requests."""

    def __init__(
        self,
        resolver: Resolver,
        guard: AddressGuard,
        connect_to: tuple[ConnectTo, ...],
        tls: Contexts,
        *,
        connected: Callable[[float], None],
        timeout_s: float,
        most: int,
    ) -> None:
        """`connected` is told how long each connection took; at most `most` are open at a time."""
        self._resolver = resolver
        self._guard = guard
        self._connect_to = connect_to
        self._tls = tls
        self._connected = connected
        self._timeout_s = timeout_s
        self._sockets = Sockets(most)
        self._making = asyncio.Semaphore(_MADE_AT_A_TIME)
        self.kept = Kept()

    async def connect(self, place: Place, until: float) -> tuple[Wire, float]:
        """Return a new connection, and the seconds that it waited for us and not for the host.

        It has time until a moment (monotonic), and those seconds on top. Raises AddressBlockedError,
        NotConnectedError, ConnectTimeoutError, TimeoutError when it is over, ssl.SSLError,
        LookUpError, and OutOfFilesError.
        """
        asked = monotonic()
        async with self._making:
            waited_s = monotonic() - asked
            return await self._made(place, until + waited_s), waited_s

    async def _made(self, place: Place, until: float) -> Wire:
        while self._sockets.are_full and len(self.kept):
            self.kept.close_oldest()
            await asyncio.sleep(0)  # then its file is closed
        refused, began = self._sockets.refused, monotonic()
        limit_s = min(self._timeout_s, until - began)
        try:
            async with asyncio.timeout(limit_s):
                wire = await self._open(place, await self._addresses(place))
        except (ssl.SSLError, AddressBlockedError):
            raise
        except TimeoutError as error:
            if limit_s < self._timeout_s:
                raise
            raise ConnectTimeoutError(f"no connection within {limit_s:g} s") from error
        except OSError as error:
            if self._sockets.refused == refused:
                raise NotConnectedError(error.errno, str(error)) from error
            self.kept.close_oldest()
            raise OutOfFilesError from error
        self._connected(monotonic() - began)
        if not self._guard.lets_through(wire.peer):
            # No socket of ours is connected there; were it not ours, it would end here.
            wire.abort()
            raise AddressBlockedError(_NOWHERE)
        return wire

    async def _open(self, place: Place, addresses: list[_Address]) -> Wire:
        """Connect to the first address that answers, and shake hands."""
        loop = asyncio.get_running_loop()
        if len(addresses) == 1:
            opened = self._socket(addresses[0])
            opened.setblocking(False)
            try:
                await loop.sock_connect(opened, addresses[0][4])
            except BaseException:
                opened.close()
                raise
        else:
            opened = await aiohappyeyeballs.start_connection(
                addresses,
                happy_eyeballs_delay=_STAGGER_S,
                interleave=1,
                socket_factory=self._socket,
            )
        context = self._tls.verified if place.verified else self._tls.unverified
        _, wire = await loop.create_connection(
            Wire,
            sock=opened,
            ssl=context if place.tls else None,
            server_hostname=place.host.rstrip(".") if place.tls else None,
        )
        return wire

    def _socket(self, address: _Address) -> socket.socket:
        """Open the socket that is about to be connected to an address. Raises OSError."""
        family, kind, protocol, _, (ip, *_) = address
        if not self._guard.lets_through(ip):
            raise _blocked(ip)
        return self._sockets.opened(family, kind, protocol)

    async def _addresses(self, place: Place) -> list[_Address]:
        """Return those of a host's addresses that the guard lets through; there is one, or none."""
        to_host, to_port = place.host, place.port
        for rule in self._connect_to:
            if rule.applies_to(place.host, place.port):
                to_host, to_port = rule.to_host or place.host, rule.to_port or place.port
                break
        found = await self._resolver.addresses(to_host)
        passing = [ip for ip in found if self._guard.lets_through(ip)]
        if not passing:
            raise _blocked(found[0])
        return [_address(ip, to_port) for ip in passing]

    async def close(self) -> None:
        """Close every connection that is kept."""
        self.kept.close()
        await asyncio.sleep(0)  # then their files are closed


def _address(ip: str, port: int) -> _Address:
    if ":" in ip:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (ip, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (ip, port)


def _blocked(ip: str) -> AddressBlockedError:
    return AddressBlockedError(f"{ip} is not a public address")


def contexts(ca_file: Path | None) -> Contexts:
    """Make the TLS contexts: Mozilla's roots (certifi), and those of `ca_file` if given."""
    verified = ssl.create_default_context(cafile=certifi.where())
    if ca_file is not None:
        verified.load_verify_locations(cafile=ca_file)
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    return Contexts(verified, unverified)
