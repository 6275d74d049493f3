"""Where each host lives: its address on loopback, and which connections are sent where.

Room: pure rules, but for one look at what this machine's loopback can do.
"""

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.internet.host import OWN, Host, Listening, Lookup

_ONLY_ADDRESS = "127.0.0.1"
_FIRST_ADDRESS = ipaddress.IPv4Address("127.16.0.1")
_PORTS = {80: "http", 443: "https"}


@dataclass(frozen=True, slots=True)
class Ports:
    """The unprivileged ports that stand in for 80 and 443, and those of `Listening`."""

    http: int
    https: int
    refused: int
    black_hole: int
    silent: int
    old_tls: int
    own_address: int


@dataclass(frozen=True, slots=True)
class Place:
    """How a client reaches a fake internet that is up."""

    nameserver: str
    connect_to: tuple[str, ...]
    ca_file: Path
    ports: Ports
    addresses: Mapping[str, str]


def listening_address() -> str:
    """Return what to bind to: everything where all of 127.0.0.0/8 is loopback, as on Linux."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(_FIRST_ADDRESS), 0))
        except OSError:
            return _ONLY_ADDRESS
    return "0.0.0.0"


def has_ipv6() -> bool:
    """Tell whether this machine has IPv6's loopback."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


def addresses(hosts: Iterable[Host], listening: str) -> dict[str, str]:
    """Give every host name an address of its own, as far as the machine has several."""
    if listening == _ONLY_ADDRESS:
        return {name: _ONLY_ADDRESS for host in hosts for name in host.names}
    taken: dict[str, str] = {}
    placed: dict[str, str] = {}
    for host in hosts:
        for name in host.names:
            tenant = f"shared:{host.shares_address_with}" if host.shares_address_with else name
            placed[name] = taken.setdefault(tenant, str(_FIRST_ADDRESS + len(taken)))
    return placed


def dns_rules(hosts: Iterable[Host], placed: Mapping[str, str]) -> dict[str, Lookup]:
    """Return what the name server is to say of every name."""
    return {
        name: _filled_in_lookup(host.lookup, placed[name]) for host in hosts for name in host.names
    }


def connect_to(
    hosts: Iterable[Host], placed: Mapping[str, str], ports: Ports, more_ports: Iterable[int]
) -> tuple[str, ...]:
    """Return the values of `--connect-to`, the narrow ones first: the first that fits counts.

    `more_ports` are ports other than 80 and 443 that hosts are asked on, over plain HTTP.
    """
    rules = [
        rule for host in hosts for name in host.names for rule in _own_rules(host, name, ports)
    ]
    literal = [name for name in placed if _is_address(name)]
    rules += [
        f"{name}:{port}:{placed[name]}:{getattr(ports, scheme)}"
        for name in literal
        for port, scheme in _PORTS.items()
    ]
    rules += [f":{port}::{ports.http}" for port in (80, *sorted(more_ports))]
    return (*rules, f":443::{ports.https}")


def _own_rules(host: Host, name: str, ports: Ports) -> list[str]:
    return {
        Listening.SERVED: [],
        Listening.REFUSED: [f"{name}:::{ports.refused}"],
        Listening.BLACK_HOLE: [f"{name}:::{ports.black_hole}"],
        Listening.PLAIN_ON_TLS: [f"{name}:443::{ports.http}"],
        Listening.SILENT: [f"{name}:::{ports.silent}"],
        Listening.OLD_TLS: [f"{name}:443::{ports.old_tls}"],
        Listening.OWN_ADDRESS: [f"{name}:::{ports.own_address}"],
    }[host.listening]


def _filled_in_lookup(lookup: Lookup, own: str) -> Lookup:
    later = None if lookup.later is None else _filled_in_lookup(lookup.later, own)
    return replace(lookup, addresses=_filled_in(lookup.addresses, own), later=later)


def _filled_in(listed: tuple[str, ...], own: str) -> tuple[str, ...]:
    return tuple(own if address == OWN else address for address in listed)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
