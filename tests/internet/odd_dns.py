"""More name servers for a fake internet: each may die, lie or fail, and change its manners while it is up.

Room: network. They run in a thread of the test's process and know the addresses that a fake internet has
given its hosts. What each was asked is in its log, also where it said nothing.
"""

import asyncio
import threading
import time
from collections.abc import Iterable, Mapping
from enum import Enum
from types import TracebackType
from typing import Any, Self, cast

import dnslib

from tests.internet.dns import _OverTcp, _socket_pair
from tests.internet.request_log import LoggedLookup

SINK = "127.66.66.66"


class Manner(Enum):
    """How a name server answers."""

    HONEST = "what is true"
    SILENT = "nothing"
    DENIES = "that no name exists"
    SINKS = "the same address for every name"
    SINKS_LOST = "the same address for every name that does not exist"
    FAILS = "SERVFAIL"
    REFUSES = "REFUSED"
    GARBAGE = "bytes that are no message"
    WRONG_NUMBER = "what is true, under another number"
    WRONG_NAME = "what is true, of another name"
    TRUNCATES = "what is true, over TCP alone"
    REFERS = "whom else to ask"
    OLD = "what is true, to questions without EDNS; FORMERR to others"


class OddNameServer:
    """A name server on a free port; `with OddNameServer(internet.place.addresses) as server: …`."""

    def __init__(
        self,
        addresses: Mapping[str, str],
        manner: Manner = Manner.HONEST,
        *,
        delay_s: float = 0.0,
        ttl_s: int = 300,
        denied_s: int | None = None,
    ) -> None:
        """Know these names; `denied_s` is what its SOA says of names that do not exist."""
        self.manner = manner
        self._addresses = addresses
        self._delay_s = delay_s
        self._ttl_s, self._denied_s = ttl_s, denied_s
        self._lookups: list[LoggedLookup] = []
        self._up = threading.Event()
        self._loop = asyncio.new_event_loop()
        self.text = ""

    def __enter__(self) -> Self:
        """Start to listen."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._up.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Listen no longer; the log stays."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def lookups(self) -> list[LoggedLookup]:
        """Return every question so far, in the order of arrival, but for those of a server's proof."""
        return [one for one in list(self._lookups) if not one.name.endswith(".invalid")]

    def names(self) -> list[str]:
        """Return the names that were asked for, in order, once for each question of A."""
        return [one.name for one in self.lookups() if one.qtype == "A"]

    def answer(self, question: bytes, transport: str) -> bytes | None:
        """Return what is said to a packed question, None for nothing."""
        asked = dnslib.DNSRecord.parse(question)
        name = str(asked.q.qname).rstrip(".").lower()
        qtype = str(dnslib.QTYPE[asked.q.qtype])
        row = LoggedLookup(time.monotonic(), time.time(), name, qtype, transport, self.manner.name)
        self._lookups.append(row)
        return self._said(asked, name, transport)

    def later(self, send: Any) -> None:
        """Send after the delay."""
        self._loop.call_later(self._delay_s, send)

    def _said(self, asked: Any, name: str, transport: str) -> bytes | None:
        manner = self.manner
        if manner is Manner.SILENT:
            return None
        if manner is Manner.GARBAGE:
            return bytes(reversed(asked.pack()))
        reply = asked.reply()
        if manner is Manner.TRUNCATES and transport == "udp":
            reply.header.tc = 1
        elif manner is Manner.OLD and asked.ar:
            reply.header.rcode = dnslib.RCODE.FORMERR
        elif manner in (Manner.FAILS, Manner.REFUSES):
            code = "SERVFAIL" if manner is Manner.FAILS else "REFUSED"
            reply.header.rcode = getattr(dnslib.RCODE, code)
        elif manner is Manner.REFERS:
            reply.add_auth(dnslib.RR("test", dnslib.QTYPE.NS, rdata=dnslib.NS("ns.test"), ttl=60))
        else:
            self._speak(reply, asked, self._address(name))
        packed: bytes = reply.pack()
        if manner is Manner.WRONG_NUMBER:
            return bytes([packed[0] ^ 1]) + packed[1:]
        return (
            packed.replace(b"\x04test\0", b"\x04tost\0") if manner is Manner.WRONG_NAME else packed
        )

    def _address(self, name: str) -> str | None:
        known = self._addresses.get(name)
        if self.manner is Manner.SINKS or (self.manner is Manner.SINKS_LOST and known is None):
            return SINK
        return None if self.manner is Manner.DENIES else known

    def _speak(self, reply: Any, asked: Any, address: str | None) -> None:
        if address is None:
            reply.header.rcode = dnslib.RCODE.NXDOMAIN
        elif asked.q.qtype == dnslib.QTYPE.A:
            rdata = dnslib.A(address)
            reply.add_answer(dnslib.RR(asked.q.qname, rdata=rdata, ttl=self._ttl_s))
        if not reply.rr and self._denied_s is not None:
            soa = dnslib.SOA("ns.test", "who.test", (1, 2, 3, 4, self._denied_s))
            reply.add_auth(dnslib.RR("test", dnslib.QTYPE.SOA, rdata=soa, ttl=86_400))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._up.set()
        self._loop.run_forever()
        self._udp.close()
        self._tcp.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        over_udp, over_tcp = _socket_pair()
        self.text = f"127.0.0.1:{over_udp.getsockname()[1]}"
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Delayed(self), sock=over_udp)
        self._tcp = await loop.create_server(lambda: _OverTcp(cast("Any", self)), sock=over_tcp)


class _Delayed(asyncio.DatagramProtocol):
    def __init__(self, server: OddNameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        answer = self._server.answer(data, "udp")
        if answer is not None:
            self._server.later(lambda: self._transport.sendto(answer, addr))


def flags(internet_flags: list[str], servers: Iterable[OddNameServer]) -> list[str]:
    """Return the arguments that send a crawl to a fake internet by way of these name servers."""
    at = internet_flags.index("--nameserver")
    named = [part for server in servers for part in ("--nameserver", server.text)]
    return internet_flags[:at] + named + internet_flags[at + 2 :]
