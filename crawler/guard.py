"""Which addresses and schemes may be connected to (rule 8 of a visit).

Room: pure rules. Judges an address as bytes, never as the text of a URL: whoever connects asks
here about the address that the socket is about to be given.
"""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Prefixes that carry an IPv4 address inside an IPv6 one (RFC 6052, RFC 3056): the inner one counts.
_NAT64 = ip_network("64:ff9b::/96")
_6TO4 = ip_network("2002::/16")


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Lets through what is globally routable, and the networks that were opened by name.

    Without `public`, only the latter.
    """

    allowed: tuple[Network, ...] = ()
    public: bool = True

    def lets_through(self, address: str) -> bool:
        """Tell whether a socket may be connected to this IP address (text as `inet_ntop` gives)."""
        return _lets_through(self, address)


@lru_cache(maxsize=10_000)
def _lets_through(guard: AddressGuard, address: str) -> bool:
    found = _innermost(ip_address(address.split("%", maxsplit=1)[0]))
    is_public = found.is_global and not found.is_multicast
    return (guard.public and is_public) or any(found in network for network in guard.allowed)


def _innermost(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _6TO4:
        return IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    return address
