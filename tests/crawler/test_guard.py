"""The address guard."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.guard import AddressGuard

PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "2002:a00:1::1",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    """What is globally routable is let through."""
    assert AddressGuard().lets_through(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_other_addresses_do_not(address: str) -> None:
    """Private, local, reserved and multicast addresses are refused in every spelling."""
    assert not AddressGuard().lets_through(address)


@given(st.integers(0, 2**24 - 1))
def test_an_opened_network_passes_and_only_that(host: int) -> None:
    """`--allow-network` opens its network, mapped into IPv6 as well, and no other."""
    guard = AddressGuard(allowed=(ip_network("127.0.0.0/8"),), public=False)
    inside = IPv4Address((127 << 24) + host)
    assert guard.lets_through(str(inside))
    assert guard.lets_through(f"::ffff:{inside}")
    assert not guard.lets_through(str(IPv4Address((10 << 24) + host)))
    assert not guard.lets_through("93.184.216.34")


@given(st.integers(0, 2**32 - 1))
def test_ipv4_inside_ipv6_is_judged_as_ipv4(number: int) -> None:
    """An address passes or not whichever way it is written into IPv6."""
    plain = IPv4Address(number)
    mapped = IPv6Address((0xFFFF << 32) + number)
    assert AddressGuard().lets_through(str(mapped)) == AddressGuard().lets_through(str(plain))
