"""Names → addresses, once for as long as the answer lives, with the reason when there are none.

Room: network. Asks the name servers it was given, or the system's; never a hosts file, so that a
crawl sees the public name space and nothing of the machine's own.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import aiodns
import pycares

from crawler.records import Outcome
from crawler.visit.failures import outcome_of_dns
from crawler.visit.files import OutOfFilesError, none_is_left, when_there_are_files

_KEEP = 50_000
_MIN_TTL_S, _MAX_TTL_S = 60.0, 3600.0
# Each try waits twice as long as the one before. c-ares shortens the first to as little as 250 ms
# where a name server was quick so far, which is too short for a name that it has to ask others for.
_FIRST_TRY_S, _TRIES = 1.0, 5
_THIS_MACHINE = "127.0.0.1"
_AT_A_TIME = 64  # a name server that is asked for hundreds of names at once drops some


@dataclass(frozen=True, slots=True)
class _Entry:
    addresses: tuple[str, ...]
    error: aiodns.error.DNSError | None
    expires_at: float


class Resolver:
    """A caching resolver. `nameservers` are `ip` or `ip:port`; none means the system's."""

    def __init__(
        self,
        nameservers: tuple[str, ...],
        timeout_s: float,
        found: Callable[[float], None] = lambda _took_s: None,
    ) -> None:
        """`found` is told of every name that was found how many seconds it took."""
        self._found = found
        self._timeout_s = timeout_s
        self._turns = asyncio.Semaphore(_AT_A_TIME)
        self._nameservers = nameservers
        self._channel = _channel(nameservers, tries=_TRIES)
        self._cache: OrderedDict[str, _Entry] = OrderedDict()

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return the host's IP addresses, IPv4 first. Raises aiodns.error.DNSError, OutOfFilesError."""
        if (literal := _literal(host)) is not None:
            return (literal,)
        entry = self._cache.get(host)
        if entry is None or entry.expires_at < time.monotonic():
            entry = await when_there_are_files(lambda: self._ask(host))
            self._keep(host, entry)
        if entry.error is not None:
            raise entry.error
        return entry.addresses

    async def finds_anew(self, host: str) -> bool:
        """Ask for a name whatever is remembered of it; tell whether the first try found it."""
        channel = _channel(self._nameservers, tries=1)  # its own: c-ares remembers answers as well
        try:
            await channel.getaddrinfo(host)
        except aiodns.error.DNSError:
            return False
        finally:
            await channel.close()
        return True

    def forget_failures(self) -> None:
        """Forget every name that was not found: the name servers were out of our reach."""
        for host in [host for host, entry in self._cache.items() if entry.error is not None]:
            del self._cache[host]

    async def close(self) -> None:
        """Give back the sockets."""
        await self._channel.close()

    async def _ask(self, host: str) -> _Entry:
        began = time.monotonic()
        try:
            async with self._turns:
                began = time.monotonic()
                async with asyncio.timeout(self._timeout_s):
                    found = await self._channel.getaddrinfo(host)
        except (aiodns.error.DNSError, TimeoutError) as failure:
            error = failure if isinstance(failure, aiodns.error.DNSError) else _timed_out()
            if none_is_left():
                raise OutOfFilesError from failure
            # That a name does not exist is worth remembering; that nobody answered is not.
            missing = outcome_of_dns(error) is Outcome.DNS_NOT_FOUND
            return _Entry((), error, time.monotonic() + (_MIN_TTL_S if missing else 0.0))
        self._found(time.monotonic() - began)
        texts = [node.addr[0].decode() for node in found.nodes]
        ttl_s = min((node.ttl for node in found.nodes), default=0)
        lives_s = min(max(float(ttl_s), _MIN_TTL_S), _MAX_TTL_S)
        ordered = sorted(dict.fromkeys(texts), key=lambda text: ":" in text)
        return _Entry(tuple(ordered), None, time.monotonic() + lives_s)

    def _keep(self, host: str, entry: _Entry) -> None:
        self._cache[host] = entry
        self._cache.move_to_end(host)
        if len(self._cache) > _KEEP:
            self._cache.popitem(last=False)


def _channel(nameservers: tuple[str, ...], *, tries: int) -> aiodns.DNSResolver:
    with _kept_alive():
        return aiodns.DNSResolver(
            nameservers=list(nameservers) or None,
            timeout=_FIRST_TRY_S,
            tries=tries,
            lookups="b",
            domains=[],
        )


class _Keeper:
    """Makes what c-ares is handed, as pycares' own maker does, and holds on to it."""

    def __init__(self) -> None:
        self.maker: Any = pycares._ffi  # type: ignore[attr-defined]  # noqa: SLF001
        self._made: list[object] = []

    def new(self, *of: Any) -> object:
        self._made.append(self.maker.new(*of))
        return self._made[-1]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.maker, name)


@contextmanager
def _kept_alive() -> Iterator[None]:
    """Keep the options of a channel in memory until c-ares has read them.

    pycares 5.2 lets go of the text of `lookups` before. Where something else lies there by then, the
    channel looks nowhere, and every name ends in "Could not contact DNS servers".
    """
    keeper = _Keeper()
    pycares._ffi = keeper  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        yield
    finally:
        pycares._ffi = keeper.maker  # type: ignore[attr-defined]  # noqa: SLF001


def _timed_out() -> aiodns.error.DNSError:
    return aiodns.error.DNSError(aiodns.error.ARES_ETIMEOUT, "Timeout while contacting DNS servers")


def is_literal(host: str) -> bool:
    """Tell whether a host is an IP address and no name."""
    return _literal(host) is not None


def _literal(host: str) -> str | None:
    """Return the address that a host name spells out, or None for a name.

    `localhost` and names under it are this machine, whatever a name server says (RFC 6761, 6.3).
    c-ares knows that as well, but gives a failure for it that looks like the name servers'.
    """
    if f".{host.removesuffix('.')}".endswith(".localhost"):
        return _THIS_MACHINE
    if not host[-1:].isdigit() and ":" not in host:
        return None
    try:
        return str(ip_address(host.strip("[]")))
    except ValueError:
        return None
