"""A real name server, over UDP and TCP, that answers by rules and by nothing else.

Room: network. Names that no host has do not exist (NXDOMAIN).
"""

import asyncio
import ipaddress
import itertools
import math
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any, cast

import dnslib

from tests.internet.host import Lookup
from tests.internet.plug import Cut, Plug
from tests.internet.request_log import LoggedLookup, LogWriter

_UNKNOWN = Lookup(rcode="NXDOMAIN")
_SERVER_IP = "127.0.0.1"
_CHANGES_BACK_S = 10.0  # until then, a changed answer stays changed


class NameServer:
    """Answers A and AAAA questions for the names it was given."""

    def __init__(
        self, rules: Mapping[str, Lookup], log: LogWriter, plug: Plug | None = None
    ) -> None:
        """Answer by `rules`, in which every name is lower case and without its final dot."""
        self._plug = plug or Plug()
        self._rules = rules
        self._log = log
        self._asked_at: dict[tuple[str, str], float] = {}
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1, the same for UDP and TCP."""
        loop = asyncio.get_running_loop()
        over_udp, over_tcp = _socket_pair()
        self.port = over_udp.getsockname()[1]
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _OverUdp(self), sock=over_udp)
        self._tcp = await loop.create_server(lambda: _OverTcp(self), sock=over_tcp)

    def close(self) -> None:
        """Listen no longer."""
        self._udp.close()
        self._tcp.close()

    def answer(self, question: bytes, transport: str) -> bytes | None:
        """Return the answer to a packed question, or None where none is to be given."""
        try:
            asked = dnslib.DNSRecord.parse(question)
        except dnslib.DNSError:
            return None
        name = str(asked.q.qname).rstrip(".").lower()
        if self._plug.cuts_off(Cut.NAMES, name):
            return None
        qtype = str(dnslib.QTYPE[asked.q.qtype])
        rule = self._rule(name, qtype)
        rcode = None if rule.silent else rule.rcode
        now = (time.monotonic(), time.time())
        self._log.lookup(LoggedLookup(*now, name, qtype, transport, rcode))
        return None if rule.silent else _packed(asked, rule, qtype, transport)

    def _rule(self, name: str, qtype: str) -> Lookup:
        """Return what to say of a name, by itself or by the wildcard beside it (RFC 4592)."""
        rule = self._rules.get(name) or self._rules.get("*." + name.partition(".")[2], _UNKNOWN)
        now = time.monotonic()
        first_at = self._asked_at.get((name, qtype), -math.inf)
        if rule.later is not None and now - first_at < _CHANGES_BACK_S:
            return rule.later
        self._asked_at[name, qtype] = now
        return rule


def _packed(asked: Any, rule: Lookup, qtype: str, transport: str) -> bytes:
    reply = asked.reply()
    reply.header.rcode = getattr(dnslib.RCODE, rule.rcode)
    if rule.truncated and transport == "udp":
        reply.header.tc = 1
    else:
        reply.add_answer(*_records(asked.q, rule, qtype))
    packed: bytes = reply.pack()
    return packed


def _records(question: Any, rule: Lookup, qtype: str) -> list[Any]:
    rdata = []
    if qtype == "A":
        rdata = [dnslib.A(address) for address in rule.addresses]
    elif qtype == "AAAA":
        packed = [ipaddress.IPv6Address(address).packed for address in rule.addresses_v6]
        rdata = [dnslib.AAAA(tuple(address)) for address in packed]
    names = [question.qname, *(dnslib.DNSLabel(labels) for labels in rule.aliases)]
    chain = [
        dnslib.RR(name, dnslib.QTYPE.CNAME, rdata=dnslib.CNAME(to), ttl=rule.ttl_s)
        for name, to in itertools.pairwise(names)
    ]
    found = [dnslib.RR(names[-1], question.qtype, rdata=x, ttl=rule.ttl_s) for x in rdata]
    return [*chain, *found]


def _socket_pair() -> tuple[socket.socket, socket.socket]:
    """Return a UDP and a TCP socket that are bound to the same free port."""
    while True:
        over_udp = socket.socket(type=socket.SOCK_DGRAM)
        over_udp.bind((_SERVER_IP, 0))
        over_tcp = socket.socket()
        try:
            over_tcp.bind(over_udp.getsockname())
        except OSError:
            over_udp.close()
            over_tcp.close()
        else:
            return over_udp, over_tcp


class _OverUdp(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        answer = self._server.answer(data, "udp")
        if answer is not None:
            self._transport.sendto(answer, addr)


class _OverTcp(asyncio.Protocol):
    """Messages come with their length before them (RFC 1035, 4.2.2)."""

    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while len(self._unread) >= 2:
            (length,) = struct.unpack_from(">H", self._unread)
            if len(self._unread) < length + 2:
                return
            question, self._unread = self._unread[2 : length + 2], self._unread[length + 2 :]
            answer = self._server.answer(question, "tcp")
            if answer is not None:
                self._transport.write(struct.pack(">H", len(answer)) + answer)
