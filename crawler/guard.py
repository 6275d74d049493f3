"""Which addresses may be connected to (rule 8 of a visit).

Room: pure rules. Judges an address as bytes, never as the text of a URL: whoever connects asks
here about the address that the socket is about to be given. What is public is IANA's to say, and is
written down here, because `ipaddress.is_global` has changed from one Python to the next.
"""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What IANA's special-purpose registries say of being globally reachable, where they say it of a
# whole block; the longest prefix that fits counts. tests/crawler/vectors/ holds the registries.
_BLOCKS_V4 = {
    "0.0.0.0/0": True,
    "0.0.0.0/8": False,  # this network (RFC 791)
    "10.0.0.0/8": False,  # private (RFC 1918)
    "100.64.0.0/10": False,  # behind carrier-grade NAT (RFC 6598)
    "127.0.0.0/8": False,  # loopback
    "169.254.0.0/16": False,  # link-local, and the clouds' metadata (RFC 3927)
    "172.16.0.0/12": False,  # private
    "192.0.0.0/24": False,  # protocol assignments (RFC 6890)
    "192.0.0.9/32": True,  # anycast of PCP (RFC 7723)
    "192.0.0.10/32": True,  # anycast of TURN (RFC 8155)
    "192.0.2.0/24": False,  # documentation (RFC 5737)
    "192.88.99.0/24": False,  # relays of 6to4, deprecated (RFC 7526)
    "192.168.0.0/16": False,  # private
    "198.18.0.0/15": False,  # benchmarks (RFC 2544)
    "198.51.100.0/24": False,  # documentation
    "203.0.113.0/24": False,  # documentation
    "224.0.0.0/4": False,  # multicast
    "240.0.0.0/4": False,  # reserved, and broadcast
}
_BLOCKS_V6 = {
    "::/0": False,  # unspecified, loopback, IPv4-compatible, link-local, site-local, multicast, …
    "2000::/3": True,  # the one block that unicast addresses are given out of (RFC 4291)
    "2001::/23": False,  # protocol assignments (RFC 2928), Teredo among them
    "2001:1::1/128": True,  # anycast of PCP (RFC 7723)
    "2001:1::2/128": True,  # anycast of TURN (RFC 8155)
    "2001:1::3/128": True,  # anycast of service registration (RFC 9665)
    "2001:3::/32": True,  # AMT (RFC 7450)
    "2001:4:112::/48": True,  # AS112 (RFC 7535)
    "2001:20::/28": True,  # ORCHIDv2 (RFC 7343)
    "2001:30::/28": True,  # drone remote identification (RFC 9374)
    "2001:db8::/32": False,  # documentation (RFC 3849)
    "2002::/16": False,  # 6to4: a tunnel to whatever IPv4 address is inside (RFC 7526)
    "3fff::/20": False,  # documentation (RFC 9637)
}
_BLOCKS: tuple[tuple[Network, bool], ...] = tuple(
    sorted(
        ((ip_network(text), is_public) for text, is_public in (_BLOCKS_V4 | _BLOCKS_V6).items()),
        key=lambda block: -block[0].prefixlen,
    )
)

# The address of a translator (RFC 6052) that stands for the IPv4 address in its last four bytes.
_NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Lets through what is globally reachable, and the networks that were opened by name.

    Without `public`, only the latter.
    """

    allowed: tuple[Network, ...] = ()
    public: bool = True

    def lets_through(self, address: str) -> bool:
        """Tell whether a socket may be connected to this IP address (text as `inet_ntop` gives).

        What is no address, or is one within a zone of this machine (`fe80::1%eth0`), may not.
        """
        return _lets_through(self, address)


@lru_cache(maxsize=10_000)
def _lets_through(guard: AddressGuard, address: str) -> bool:
    if "%" in address:
        return False
    try:
        written = ip_address(address)
    except ValueError:
        return False
    meant = _meant(written)
    is_opened = any(written in network or meant in network for network in guard.allowed)
    return is_opened or (guard.public and is_public(meant))


def is_public(address: Address) -> bool:
    """Tell whether an address is globally reachable unicast, as IANA has it."""
    return next(public for block, public in _BLOCKS if address in block)


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address is only another way to write, if it is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
