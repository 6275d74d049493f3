"""A connection and its exchanges: what an answer is, however it comes in."""

import asyncio
import gc
import itertools
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.visit import kept
from crawler.visit.failures import BadAnswerError, CutOffError, HungUpError, SilentError
from crawler.visit.kept import Kept, Place
from crawler.visit.wire import Exchange, Headers, Wire

PLACE = Place("example.test", 80, tls=False)
ASK = b"GET / HTTP/1.1\r\nHost: example.test\r\n\r\n"


@dataclass(slots=True)
class Basket:
    """Keeps a body; wants no more than `enough` bytes of it."""

    enough: int = 1_000_000
    body: bytes = b""

    def feed(self, chunk: bytes) -> bool:
        """Take the next bytes."""
        self.body += chunk
        return len(self.body) < self.enough


@dataclass(frozen=True, slots=True)
class Message:
    """An answer: its bytes, and what is to be read off them."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    sent: bytes
    ends_with_connection: bool


def exchange_of(*chunks: bytes, basket: Basket | None = None, hangs_up: bool = False) -> Exchange:
    """Return what an exchange has come to when these chunks have arrived."""

    async def received() -> Exchange:
        exchange = Exchange(lambda _status, _headers: basket, asyncio.Future())
        for chunk in chunks:
            exchange.received(chunk)
        if hangs_up:
            exchange.hung_up(None)
        return exchange

    return asyncio.run(received())


_NAMES = st.from_regex(r"X-[A-Za-z0-9]{1,12}", fullmatch=True)
_VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x17F, exclude_characters="\x7f"))
_STATUSES = st.integers(200, 599).filter(lambda status: status not in (204, 304))


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Draw an answer in one of the three framings of RFC 9112, 6.3, with interim ones before it."""
    status, body = draw(_STATUSES), draw(st.binary(max_size=300))
    headers = draw(st.lists(st.tuples(_NAMES, _VALUES), max_size=5))
    interim = draw(st.sampled_from([b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"]))
    framing = draw(st.sampled_from(["length", "chunked", "connection"]))
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
    if framing == "length":
        fields, coded = fields + b"Content-Length: %d\r\n" % len(body), body
    elif framing == "chunked":
        cuts = sorted(draw(st.sets(st.integers(0, len(body)), max_size=4)) | {0, len(body)})
        pieces = [body[start:end] for start, end in itertools.pairwise(cuts)]
        coded = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece)
        fields, coded = fields + b"Transfer-Encoding: chunked\r\n", coded + b"0\r\n\r\n"
    else:
        coded = body
    sent = interim + b"HTTP/1.1 %d Any\r\n%b\r\n%b" % (status, fields, coded)
    return Message(status, headers, body, sent, framing == "connection")


@given(messages(), st.lists(st.integers(1, 400), max_size=8), st.binary(max_size=40))
def test_an_answer_is_the_same_however_it_is_cut(
    message: Message, sizes: list[int], unasked: bytes
) -> None:
    """Status, headers and body do not depend on the packets; what comes after them is none of it."""
    sent = message.sent + (b"" if message.ends_with_connection else unasked)
    chunks, at = [], 0
    for size in [*sizes, len(sent)]:
        chunks.append(sent[at : at + size])
        at += size
    basket = Basket()
    found = exchange_of(*filter(None, chunks), basket=basket, hangs_up=message.ends_with_connection)
    assert found.error is None
    assert found.status == message.status
    for name, value in message.headers:
        assert value.strip(" \t") in found.headers.getall(name)
    assert basket.body == message.body
    assert found.is_whole
    goes_on = (
        unasked.strip(b"\r\n") != b""
    )  # empty lines before an answer do no harm (RFC 9112, 2.2)
    assert found.is_reusable == (not message.ends_with_connection and not goes_on)


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=5), messages(), st.integers(0, 200))
def test_no_bytes_break_an_exchange(noise: list[bytes], message: Message, cut: int) -> None:
    """Whatever comes, an exchange ends with the connection at the latest, and nothing is raised."""
    for chunks in (noise, [message.sent[:cut], *noise]):
        found = exchange_of(*filter(None, chunks), basket=Basket(), hangs_up=True)
        assert found.done.done()
        assert found.is_whole or found.error is not None or found.status is not None


@given(messages(), st.data())
def test_an_answer_that_is_cut_off_is_not_whole(message: Message, data: st.DataObject) -> None:
    """An answer whose connection ends before its framing says so has failed, and says where."""
    if message.ends_with_connection:
        return
    cut = data.draw(st.integers(0, len(message.sent) - 1))
    found = exchange_of(*filter(None, [message.sent[:cut]]), basket=Basket(), hangs_up=True)
    assert not found.is_whole
    assert isinstance(found.error, HungUpError if found.status is None else CutOffError)


def test_an_answer_to_head_has_no_body() -> None:
    """An answer to HEAD is its head; what goes on after it costs the connection, in any packet."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    honest = exchange_of(head)
    assert (honest.error, honest.is_reusable) == (None, True)
    for more in (b"hello", b"0\r\n", b"hello\r\n\r\n"):
        for pieces in ([head + more], [head, more]):
            found = exchange_of(*pieces)
            assert (found.status, found.error, found.is_reusable) == (200, None, False)


@pytest.mark.parametrize(
    "head",
    [
        b"X-Long: " + b"y" * 70_000 + b"\r\n",
        b"X-Note: y\r\n" * 1_001,
        b"X-Note: a\x00b\r\n",
    ],
    ids=["long", "many", "NUL"],
)
def test_heads_are_bounded(head: bytes) -> None:
    """A field that is too long or holds a NUL, and one field too many, end an exchange."""
    found = exchange_of(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n", basket=Basket())
    assert isinstance(found.error, BadAnswerError)


def test_a_head_without_end_is_bounded() -> None:
    """Interim answers and unfinished heads are read up to a limit, however they are cut."""
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100
    found = exchange_of(*[interim] * 100, basket=Basket())
    assert isinstance(found.error, BadAnswerError)
    found = exchange_of(b"HTTP/1.1 200 OK\r\n", *[b"X-Note: y" * 1_000] * 100, basket=Basket())
    assert isinstance(found.error, BadAnswerError)


def test_reading_stops_when_there_is_enough() -> None:
    """Of a body no more is waited for than was asked for, and its connection is not used again."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    basket = Basket(enough=10)
    found = exchange_of(head + b"x" * 20, basket=basket)
    assert found.done.done()
    assert (found.error, found.is_whole, found.is_reusable) == (None, False, False)
    whole = exchange_of(head + b"x" * 100, basket=Basket(enough=10))
    assert (whole.is_whole, whole.is_reusable) == (True, True)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


@dataclass(slots=True)
class Server:
    """A server on loopback that talks as it is told."""

    talk: Talk
    port: int = 0
    connections: list[asyncio.StreamWriter] = field(default_factory=list)

    async def wire(self) -> Wire:
        """Connect to it."""
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(Wire, "127.0.0.1", self.port)
        return wire


@asynccontextmanager
async def served(talk: Talk) -> AsyncIterator[Server]:
    """Serve while the block runs."""
    here = Server(talk)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here.connections.append(writer)
        await here.talk(reader, writer)

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    here.port = listening.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        listening.close()
        for writer in here.connections:
            writer.close()
        await asyncio.sleep(0.01)


async def ask(wire: Wire, *, silence_s: float = 1.0, total_s: float = 2.0) -> Exchange:
    """Ask for `/`."""

    def opened(_status: int, _headers: Headers) -> Basket:
        return Basket()

    return await wire.ask(ASK, opened, silence_s, time.monotonic() + total_s)


async def test_a_silent_server_ends_an_exchange() -> None:
    """Silence is borne as long as was said, and counts anew from whatever is heard; time does not."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(100):
            writer.write(b"H")
            await asyncio.sleep(0.05)

    async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with served(silence) as here:
        found = await ask(await here.wire(), silence_s=0.1)
        assert isinstance(found.error, SilentError)

    async def head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            writer.write(b"x")
            await asyncio.sleep(0.05)

    async with served(head) as here:
        found = await ask(await here.wire(), silence_s=0.2, total_s=0.5)
        assert isinstance(found.error, TimeoutError)
        assert not isinstance(found.error, SilentError)
        assert found.status == 200


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request well."""
    while await reader.readline():
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


async def test_what_took_a_body_is_let_go_without_the_collector() -> None:
    """Once an exchange has ended nothing of it holds the body, though the exchange itself is kept."""
    let_go = []

    class Watched(Basket):
        def __del__(self) -> None:
            let_go.append(self.body)

    gc.disable()
    try:
        async with served(answer) as here:
            wire = await here.wire()
            found = await wire.ask(ASK, lambda *_: Watched(), 1.0, time.monotonic() + 2.0)
            assert (found.status, let_go) == (200, [b"ok"])
    finally:
        gc.enable()


async def test_a_connection_that_was_kept_is_used_again_and_closed_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A kept connection takes the next request; nobody's is closed when its time is over."""
    monkeypatch.setattr(kept, "KEEP_S", 0.1)
    async with served(answer) as here:
        wires = Kept()
        wire = await here.wire()
        for _ in range(3):
            found = await ask(wire)
            assert (found.error, found.is_whole, wire.is_usable) == (None, True, True)
            wires.keep(PLACE, wire)
            assert wires.take(PLACE) is wire
            assert wires.take(PLACE) is None
        wires.keep(PLACE, wire)
        await asyncio.sleep(0.3)
        assert not wire.is_usable
        assert len(wires) == 0
        assert len(here.connections) == 1
        wires.close()


async def test_a_kept_connection_that_speaks_or_ends_is_of_no_use() -> None:
    """Whatever is said while nobody asks is no answer, and neither is a farewell."""
    async with served(answer) as here:
        for says in (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""):
            wires, wire = Kept(), await here.wire()
            await ask(wire)
            wires.keep(PLACE, wire)
            if says:
                here.connections[-1].write(says)
            else:
                here.connections[-1].close()
            await asyncio.sleep(0.05)
            assert wires.take(PLACE) is None
            found = await ask(wire)
            assert isinstance(found.error, HungUpError)
            wires.close()
