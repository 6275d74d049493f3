"""The address guard: which addresses are public, in every form that an address has."""

import csv
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.guard import AddressGuard, Network, is_public

REGISTRIES = Path(__file__).parent / "vectors" / "iana_special_purpose.csv"
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
    "::127.0.0.1",  # IPv4-compatible (RFC 4291, 2.5.5.1)
    "::93.184.216.34",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",  # IPv4-translated (RFC 2765)
    "64:ff9b::a00:1",
    "64:ff9b:1::5db8:d822",
    "2002:a00:1::1",
    "2002:5db8:d822::1",
    "2001:0:5db8:d822::1",  # Teredo
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    "4000::1",
]
NO_ADDRESS = [
    "",
    "localhost",
    "0x7f.1",
    "127.1",
    "2130706433",
    "fe80::1%eth0",
    "2606::1%lo",
    "[::1]",
]


def registered() -> list[tuple[Network, bool]]:
    """Return the blocks of IANA's registries, the longest prefix first; N/A is not reachable."""
    with REGISTRIES.open(encoding="ascii") as file:
        rows = [
            (ip_network(row["block"]), row["globally_reachable"] == "True")
            for row in csv.DictReader(file)
        ]
    return sorted(rows, key=lambda row: -row[0].prefixlen)


BLOCKS = registered()


def iana_says(address: IPv4Address | IPv6Address) -> bool | None:
    """Return what the registries say of an address, None where they do not name it."""
    return next((reachable for block, reachable in BLOCKS if address in block), None)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    """What is globally routable is let through."""
    assert AddressGuard().lets_through(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_other_addresses_do_not(address: str) -> None:
    """Private, local, reserved, tunnelling and multicast addresses are refused in every form."""
    assert not AddressGuard().lets_through(address)


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_is_no_address_does_not_pass(text: str) -> None:
    """Names, odd spellings and addresses within a zone are refused, and nothing is raised."""
    opened = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    assert not AddressGuard(allowed=opened).lets_through(text)


@given(st.sampled_from(BLOCKS), st.data())
def test_the_guard_agrees_with_the_registries(
    row: tuple[Network, bool], data: st.DataObject
) -> None:
    """Anywhere in a block of IANA's special-purpose registries the guard says what they say.

    But for addresses that only carry another one, which are judged by that.
    """
    block, _ = row
    edges = st.sampled_from([0, block.num_addresses - 1])
    offset = data.draw(edges | st.integers(0, block.num_addresses - 1))
    address = block[offset]
    if str(block) == "64:ff9b::/96":
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
        assert AddressGuard().lets_through(str(address)) == AddressGuard().lets_through(str(inner))
    elif str(block) == "::ffff:0:0/96":
        assert not is_public(address)
    else:
        assert AddressGuard().lets_through(str(address)) == iana_says(address)


@given(st.integers(0, 2**32 - 1))
def test_any_other_ipv4_address_is_public_unless_it_is_multicast(number: int) -> None:
    """What no registry names is public, if one host is meant."""
    address = IPv4Address(number)
    if iana_says(address) is None:
        assert AddressGuard().lets_through(str(address)) == (number >> 28 != 0xE)


@given(st.integers(0, 2**128 - 1))
def test_ipv6_is_public_only_where_addresses_are_given_out(number: int) -> None:
    """Outside 2000::/3 nothing is let through but what stands for a public IPv4 address."""
    address = IPv6Address(number)
    if number >> 125 != 1 and iana_says(address) is None:
        assert not AddressGuard().lets_through(str(address))


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
    plain = str(IPv4Address(number))
    mapped = str(IPv6Address((0xFFFF << 32) + number))
    translated = str(IPv6Address(int(ip_address("64:ff9b::")) + number))
    passes = {AddressGuard().lets_through(text) for text in (plain, mapped, translated)}
    assert len(passes) == 1
