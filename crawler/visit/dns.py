"""Names → addresses, once for as long as the answer lives, with the reason when there are none.

Room: network. Asks the name servers it was given, or the system's; never a hosts file, so that a
crawl sees the public name space and nothing of the machine's own.
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import ip_address

import aiodns

_KEEP = 50_000
_MIN_TTL_S, _MAX_TTL_S = 60.0, 3600.0
_AT_A_TIME = 64  # a name server that is asked for hundreds of names at once drops some


@dataclass(frozen=True, slots=True)
class _Entry:
    addresses: tuple[str, ...]
    error: aiodns.error.DNSError | None
    expires_at: float


class Resolver:
    """A caching resolver. `nameservers` are `ip` or `ip:port`; none means the system's."""

    def __init__(self, nameservers: tuple[str, ...], timeout_s: float) -> None:
        self._turns = asyncio.Semaphore(_AT_A_TIME)
        self._channel = aiodns.DNSResolver(
            nameservers=list(nameservers) or None,
            timeout=timeout_s / 2,  # of the first try; the second waits twice as long
            tries=2,
            lookups="b",
            domains=[],
        )
        self._cache: OrderedDict[str, _Entry] = OrderedDict()

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return the host's IP addresses, IPv4 first. Raises aiodns.error.DNSError."""
        if (literal := _literal(host)) is not None:
            return (literal,)
        entry = self._cache.get(host)
        if entry is None or entry.expires_at < time.monotonic():
            entry = await self._ask(host)
            self._keep(host, entry)
        if entry.error is not None:
            raise entry.error
        return entry.addresses

    async def close(self) -> None:
        """Give back the sockets."""
        await self._channel.close()

    async def _ask(self, host: str) -> _Entry:
        try:
            async with self._turns:
                found = await self._channel.getaddrinfo(host)
        except aiodns.error.DNSError as error:
            return _Entry((), error, time.monotonic() + _MIN_TTL_S)
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


def _literal(host: str) -> str | None:
    """Return the address that a host name spells out, or None for a name."""
    if not host[-1:].isdigit() and ":" not in host:
        return None
    try:
        return str(ip_address(host.strip("[]")))
    except ValueError:
        return None
