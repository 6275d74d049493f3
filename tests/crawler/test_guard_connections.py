"""The address guard from outside: which sockets are really connected, and to where.

Traps listen on this machine. With uvloop, which no audit hook sees, nobody may have come to them;
with plain asyncio, Python's audit events tell of every address that any socket was connected to.
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import name_memory
from crawler.guard import AddressGuard
from crawler.records import Outcome, ParsedUrl
from crawler.urls import parse_url
from crawler.visit.dns import Resolver
from crawler.visit.failures import outcome_of_error
from crawler.visit.fetch import Answer, Ask, Fetcher
from crawler.visit.options import VisitOptions
from tests.crawler.test_guard import BLOCKS, iana_says
from tests.internet.dns import NameServer
from tests.internet.host import Lookup
from tests.internet.request_log import LogWriter
from tests.visits import options_of_visit

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}
PRIVATE_BLOCKS = [block for block, reachable in BLOCKS if not reachable]
# Addresses at which something on this machine answers, if it is asked.
HERE = ["127.0.0.1", "127.1.2.3", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"]

_connected: list[str] | None = None


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _connected is not None:
        sock, address = arguments
        if sock.type == socket.SOCK_STREAM and isinstance(address, tuple):
            _connected.append(address[0])


sys.addaudithook(_note)  # a hook cannot be taken away again; it only listens within `noted`


@contextmanager
def noted() -> Iterator[list[str]]:
    """Note where stream sockets are connected to."""
    global _connected  # noqa: PLW0603
    _connected = []
    try:
        yield _connected
    finally:
        _connected = None


@dataclass(slots=True)
class Lab:
    """A fetcher, traps at every loopback address, and a name server that says what it is told."""

    fetcher: Fetcher
    resolver: Resolver
    port: int
    names: dict[str, Lookup]
    caught: list[str] = field(default_factory=list)

    async def ask(self, url: str) -> Answer:
        """Ask for a URL."""
        return await self.fetcher.send(Ask(method="GET", url=url, timeout_s=3.0))


def options(guard: AddressGuard, nameserver: str) -> VisitOptions:
    """Return the options of a crawl behind that guard."""
    return options_of_visit(
        timeout_s=3.0,
        connect_timeout_s=1.0,
        first_byte_timeout_s=1.0,
        dns_timeout_s=0.5,
        max_bytes=10_000,
        guard=guard,
        nameservers=(nameserver,),
    )


@asynccontextmanager
async def lab(guard: AddressGuard, log: LogWriter) -> AsyncIterator[Lab]:
    """Set the traps, start the name server and make a fetcher behind a guard."""
    names: dict[str, Lookup] = {}
    nameserver = NameServer(names, log)
    await nameserver.start()
    caught: list[str] = []

    async def trap(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caught.append(writer.get_extra_info("sockname")[0])
        with contextlib.suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    everywhere = "0.0.0.0" if sys.platform == "linux" else "127.0.0.1"
    server = await asyncio.start_server(trap, everywhere, 0)
    port = server.sockets[0].getsockname()[1]
    servers = [server]
    with contextlib.suppress(OSError):  # no IPv6 here
        servers.append(await asyncio.start_server(trap, "::1", port))
    given_options = options(guard, f"127.0.0.1:{nameserver.port}")
    resolver = Resolver(given_options.nameservers, 0.5)
    fetcher = Fetcher(given_options, resolver)
    try:
        yield Lab(fetcher, resolver, port, names, caught)
    finally:
        nameserver.close()
        await fetcher.close()
        await resolver.close()
        for listening in servers:
            listening.close()


@pytest.fixture
def log(tmp_path: Any) -> Iterator[LogWriter]:
    """Yield a log that nobody reads."""
    writer = LogWriter(tmp_path / "log")
    yield writer
    writer.close()


numbers = st.integers(0, 2**32 - 1)
addresses = st.one_of(
    st.sampled_from(HERE),
    st.sampled_from(PRIVATE_BLOCKS).flatmap(
        lambda block: st.integers(0, block.num_addresses - 1).map(lambda n: str(block[n]))
    ),
    st.sampled_from([10 << 24, 127 << 24, 0xC0A80000, 0xA9FEA9FE]).map(
        lambda number: str(IPv6Address((0xFFFF << 32) + number))
    ),
)


def refused(address: str) -> bool:
    """Tell whether the registries say that an address is not globally reachable."""
    written: Any = IPv6Address(address) if ":" in address else IPv4Address(address)
    mapped = getattr(written, "ipv4_mapped", None)
    return iana_says(mapped or written) is False


@st.composite
def spellings(draw: st.DrawFn, address: str) -> str:
    """Draw one of the spellings of an address as a URL's host that the URL standard accepts."""
    if ":" in address:
        return draw(st.sampled_from([f"[{address}]", f"[{IPv6Address(address).exploded}]"]))
    octets = IPv4Address(address).packed
    kept = draw(st.integers(0, 3))  # so many parts are one octet each; the last is the rest
    parts = [*octets[:kept], int.from_bytes(octets[kept:])]
    forms: list[Callable[[int], str]] = [
        str,
        hex,
        lambda n: f"0{n:o}",
        lambda n: f"0X{n:X}",
        lambda n: f"0x000{n:x}",
    ]
    dot = draw(st.sampled_from([".", "%2e", "。", "．"]))
    dresses: list[Callable[[str], str]] = [
        str,
        lambda text: "".join(chr(ord(c) + 0xFEE0) for c in text),  # full width
        lambda text: "".join(f"%{ord(c):02x}" for c in text),
    ]
    dress = draw(st.sampled_from(dresses))
    text = dot.join(dress(draw(st.sampled_from(forms))(part)) for part in parts)
    return text + draw(st.sampled_from(["", "", dot]))


@pytest.mark.parametrize("loop", LOOPS)
def test_no_spelling_of_an_address_goes_around_the_guard(loop: str, log: LogWriter) -> None:
    """However a private address is written into a URL, no socket is connected to it."""
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner, noted() as connected:
        stack = lab(AddressGuard(), log)
        here = runner.run(stack.__aenter__())
        connected.clear()

        @settings(max_examples=150)
        @given(addresses.filter(refused).flatmap(spellings))
        def ask(host: str) -> None:
            url = parse_url(f"http://{host}:{here.port}/")
            assert isinstance(url, ParsedUrl), host
            answer = runner.run(here.ask(url.wire_url))
            assert answer.status is None
            assert answer.error is not None
            assert outcome_of_error(answer.error) is Outcome.ADDRESS_BLOCKED, repr(answer.error)

        ask()
        runner.run(stack.__aexit__(None, None, None))
    assert here.caught == []
    assert connected == []


@pytest.mark.parametrize("loop", LOOPS)
def test_no_name_goes_around_the_guard(loop: str, log: LogWriter) -> None:
    """Whatever private addresses a name leads to, and however many, no socket is connected."""
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner, noted() as connected:
        stack = lab(AddressGuard(), log)
        here = runner.run(stack.__aenter__())
        connected.clear()
        count = iter(range(1_000_000))

        @settings(max_examples=60)
        @given(st.lists(addresses.filter(refused), min_size=1, max_size=5))
        def ask(found: list[str]) -> None:
            name = f"host-{next(count)}.example"
            v4, v6 = ([a for a in found if (":" in a) == is_v6] for is_v6 in (False, True))
            here.names[name] = Lookup(addresses=tuple(v4), addresses_v6=tuple(v6))
            answer = runner.run(here.ask(f"http://{name}:{here.port}/"))
            assert outcome_of_error(answer.error or AssertionError()) is Outcome.ADDRESS_BLOCKED

        ask()
        for name in ("localhost", "a.localhost", "localhost.", "LOCALHOST", "intranet", "router"):
            url = parse_url(f"http://{name}:{here.port}/")
            assert isinstance(url, ParsedUrl)
            answer = runner.run(here.ask(url.wire_url))
            blocked = outcome_of_error(answer.error or AssertionError()) is Outcome.ADDRESS_BLOCKED
            assert blocked == ("localhost" in name.lower()), repr(answer.error)
        runner.run(stack.__aexit__(None, None, None))
    assert here.caught == []
    assert [address for address in connected if address != "127.0.0.1"] == []


@pytest.mark.parametrize("loop", LOOPS)
def test_a_name_that_leads_elsewhere_after_the_check_is_caught(
    loop: str, log: LogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that was good when it was looked up first, and is private at the connection, is not."""
    monkeypatch.setattr(name_memory, "MIN_TTL_S", 0.0)
    opened = AddressGuard(allowed=(ip_network("127.16.0.0/12"),), public=False)

    async def rebind() -> tuple[Lab, list[Answer]]:
        async with lab(opened, log) as here:
            away = Lookup(addresses=("127.0.0.1",), ttl_s=0)
            good = Lookup(addresses=("127.16.0.1",), ttl_s=0, later=away)
            here.names["rebinding.example"] = good
            checked = await here.resolver.addresses("rebinding.example")
            assert opened.lets_through(checked[0])
            url = f"http://rebinding.example:{here.port}/"
            return here, [await here.ask(url) for _ in range(3)]

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        here, answers = runner.run(rebind())
    outcomes = {outcome_of_error(answer.error or AssertionError()) for answer in answers}
    assert outcomes == {Outcome.ADDRESS_BLOCKED}
    assert here.caught == []


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.0/8 is one address here")
@pytest.mark.parametrize("loop", LOOPS)
def test_one_private_address_among_others_is_passed_over(loop: str, log: LogWriter) -> None:
    """Of a name's addresses only those are connected to that the guard lets through, and told."""
    opened = AddressGuard(allowed=(ip_network("127.16.0.0/12"),), public=False)

    async def mixed() -> tuple[Lab, Answer]:
        async with lab(opened, log) as here:
            found = ("127.0.0.1", "10.0.0.1", "127.16.0.9", "169.254.169.254")
            here.names["mixed.example"] = Lookup(addresses=found, addresses_v6=("::1",))
            return here, await here.ask(f"http://mixed.example:{here.port}/")

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        here, answer = runner.run(mixed())
    assert answer.status == 200
    assert answer.ip == "127.16.0.9"
    assert set(here.caught) == {"127.16.0.9"}


@pytest.mark.parametrize("loop", LOOPS)
def test_the_traps_catch_whoever_is_let_through(loop: str, log: LogWriter) -> None:
    """With the networks opened, the same requests do reach the traps: the tests can fail."""
    opened = AddressGuard(allowed=(ip_network("127.0.0.0/8"), ip_network("0.0.0.0/32")))

    async def ask() -> Lab:
        async with lab(opened, log) as here:
            for host in ("127.0.0.1", "0x7f.1", "[::ffff:127.0.0.1]", "0"):
                url = parse_url(f"http://{host}:{here.port}/")
                assert isinstance(url, ParsedUrl)
                assert (await here.ask(url.wire_url)).status == 200
            return here

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner, noted() as connected:
        here = runner.run(ask())
    assert len(here.caught) == 4
    if loop == "asyncio":
        assert {"127.0.0.1", "0.0.0.0", "::ffff:7f00:1"} <= set(connected)
