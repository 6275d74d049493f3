"""A connection, and one exchange on it at a time: a request's bytes out, an answer in.

Room: network. llhttp (by httptools) reads what comes; here is decided where an answer begins and
ends (RFC 9112, 6.3 and 9.3), how long it may be silent, and whether the connection is of use
afterwards. A connection that speaks unasked is not: what it said would be taken for an answer.
"""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Protocol, cast

import httptools
from multidict import CIMultiDict, CIMultiDictProxy

from crawler.visit.failures import BadAnswerError, CutOffError, HungUpError, SilentError

Headers = CIMultiDictProxy[str]

NO_HEADERS: Headers = CIMultiDictProxy(CIMultiDict())
_HEAD_BYTES = 128 * 1024  # of all interim answers and the answer's own head together
_FIELD_BYTES = 64 * 1024
_FIELD_COUNT = 1000
_NO_BODY = {101, 204, 304}
# What servers get wrong and every browser reads; aiohttp sets the same (decision 0025).
_LENIENT = {
    "lenient_headers": True,
    "lenient_optional_cr_before_lf": True,
    "lenient_spaces_after_chunk_size": True,
}


class BodySink(Protocol):
    """Takes the body of an answer as it comes."""

    def feed(self, chunk: bytes) -> bool:
        """Take the next bytes and tell whether more are wanted. What it raises ends the exchange."""


# Is told status and headers; returns what takes the body, None where nobody wants it.
OpenBody = Callable[[int, Headers], BodySink | None]


class Exchange:
    """One answer as it comes in. `done` is resolved when it has ended, however; `error` says how."""

    __slots__ = (
        "_field_lines",
        "_has_enough",
        "_head_bytes",
        "_is_bare",
        "_is_interim",
        "_open_body",
        "_parser",
        "_sink",
        "_until_eof",
        "done",
        "error",
        "first_byte_at",
        "headers",
        "heard_at",
        "is_reusable",
        "is_whole",
        "status",
        "timer",
    )

    def __init__(self, open_body: OpenBody, done: "asyncio.Future[None]") -> None:
        self.done = done
        self.status: int | None = None
        self.headers = NO_HEADERS
        self.error: Exception | None = None
        self.is_whole = False  # the body has ended where its framing says
        self.is_reusable = False  # the connection may be asked again
        self.first_byte_at: float | None = None
        self.heard_at = monotonic()
        self.timer: asyncio.TimerHandle | None = None
        self._open_body = open_body
        self._sink: BodySink | None = None
        self._field_lines: list[tuple[str, str]] = []
        self._head_bytes = 0
        self._is_interim = False
        self._until_eof = False
        self._has_enough = False
        self._is_bare = False  # ends with its head
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(**_LENIENT)

    def received(self, chunk: bytes) -> None:
        """Take what came over the connection."""
        self.heard_at = monotonic()
        if self.first_byte_at is None:
            self.first_byte_at = self.heard_at
        if self.done.done():
            self._goes_on()
            return
        try:
            self._parser.feed_data(chunk)
        except httptools.HttpParserUpgrade:
            pass  # a 101, which has ended with its head
        except httptools.HttpParserError as error:
            self._goes_on()
            self.ends(BadAnswerError(str(error)))
        if self._has_enough:
            self.ends()
        if self._is_bare and not chunk.endswith((b"\n\r\n", b"\n\n")):
            self._goes_on()
        if self.status is None:
            self._head_bytes += len(chunk)
            if self._head_bytes > _HEAD_BYTES:
                self.ends(BadAnswerError(f"more than {_HEAD_BYTES} bytes of headers"))

    def hung_up(self, error: Exception | None) -> None:
        """Take the end of the connection, with what the system says of it."""
        if self.status is None:
            failure: Exception | None = HungUpError("the server hung up before it had answered")
        elif self._until_eof and error is None:
            failure, self.is_whole = None, True
        else:
            failure = CutOffError("the connection ended before the body did")
        if failure is not None:
            failure.__cause__ = error
        self.ends(failure)

    def ends(self, error: Exception | None = None) -> None:
        """Note the end of the answer; the first one counts."""
        if not self.done.done():
            self.error = error
            self.done.set_result(None)
            if self.timer is not None:
                self.timer.cancel()

    def let_go(self) -> None:
        """Drop the parser, which holds this and is held, and with it whatever took the body.

        The collector would find them only later, and bodies count as held for so long.
        """
        del self._parser, self._open_body, self._sink

    def watch(self, silence_s: float, until: float) -> None:
        """End when nothing was heard for so long, or at a moment (monotonic), unless it has ended."""
        now = monotonic()
        left_s = min(until, self.heard_at + silence_s) - now
        if left_s > 0:
            loop = self.done.get_loop()
            self.timer = loop.call_later(left_s, self.watch, silence_s, until)
        elif now >= until:
            self.ends(TimeoutError("the time of the request was over"))
        else:
            self.ends(SilentError(f"nothing came for {silence_s:g} s"))

    # What llhttp tells, in the order in which it does.

    def on_message_begin(self) -> None:
        """Note that a second answer begins, in the same packet as the end of the first."""
        if self.done.done():
            self._goes_on()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field line; of a chunked body's trailer too, which tells nothing."""
        if self.status is not None or self.done.done():
            return
        if len(value) > _FIELD_BYTES or len(self._field_lines) >= _FIELD_COUNT or 0 in value:
            self.ends(BadAnswerError("a header that is too long, one too many, or one with a NUL"))
            return
        self._field_lines.append((_text(name), _text(value.rstrip(b" \t"))))

    def on_headers_complete(self) -> None:
        """Read the head, and have the body opened. Interim answers (1xx) are passed over."""
        if self.done.done():
            return
        lines, self._field_lines = self._field_lines, []
        status = self._parser.get_status_code()
        self._is_interim = 100 <= status < 200 and status != 101
        if self._is_interim:
            return
        self.status = status
        self.headers = CIMultiDictProxy(CIMultiDict(lines))
        self._until_eof = status not in _NO_BODY and _ends_with_connection(self.headers)
        try:
            self._sink = self._open_body(status, self.headers)
        except Exception as error:  # noqa: BLE001  (kept, and judged by failures.py)
            self.ends(error)
            return
        if self._sink is None or status == 101:
            self._is_bare = True
            version = self._parser.get_http_version()
            self.is_reusable = status != 101 and _stays_open(self.headers, version)
            self.ends()

    def on_body(self, chunk: bytes) -> None:
        """Hand a piece of the body on, unless it belongs to nothing that was asked for."""
        if self.done.done():
            self._goes_on()
            return
        assert self._sink is not None  # noqa: S101
        try:
            wants_more = self._sink.feed(chunk)
        except Exception as error:  # noqa: BLE001  (kept, and judged by failures.py)
            self.ends(error)
            return
        if not wants_more:
            self._has_enough = True  # and perhaps all: the rest of what came tells

    def on_message_complete(self) -> None:
        """Note that the answer has ended where its framing says."""
        if self._is_interim:
            self._is_interim = False
        elif not self.done.done():
            self.is_whole = True
            self.is_reusable = self._parser.should_keep_alive()
            self.ends()

    def _goes_on(self) -> None:
        """Note that more came than was asked for, such as the body of an answer to HEAD."""
        self.is_reusable = False


class Wire(asyncio.Protocol):
    """A connection to `peer`, of use until it is closed or speaks unasked."""

    __slots__ = ("_exchange", "_transport", "asked", "is_usable", "peer")

    def __init__(self) -> None:
        self.peer = ""
        self.is_usable = False
        self.asked = 0  # how many requests it was used for
        self._exchange: Exchange | None = None
        self._transport: asyncio.Transport | None = None

    async def ask(
        self, head: bytes, open_body: OpenBody, silence_s: float, until: float
    ) -> Exchange:
        """Send a request and return its exchange when it has ended; only cancellation is raised.

        The server may be silent for `silence_s`, and all is over at `until` (monotonic).
        """
        exchange = Exchange(open_body, asyncio.get_running_loop().create_future())
        self.asked += 1
        transport = self._transport
        if not self.is_usable or transport is None:
            exchange.ends(HungUpError("the server hung up, or spoke, before it was asked"))
            exchange.let_go()
            return exchange
        self._exchange, self.is_usable = exchange, False
        exchange.watch(silence_s, until)
        transport.write(head)
        try:
            await exchange.done
        finally:
            self._exchange = None
            if exchange.is_reusable and not transport.is_closing():
                self.is_usable = True
            else:
                exchange.ends()
                self.abort()
            exchange.let_go()
        return exchange

    def close(self) -> None:
        """Hang up; nobody waits until a TLS peer has said goodbye as well."""
        self.is_usable = False
        if self._transport is None:
            return
        if self._transport.get_extra_info("sslcontext") is not None:
            self._transport.abort()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Close without waiting for anything that is still under way."""
        self.is_usable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where the connection leads."""
        peer = transport.get_extra_info("peername")
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has no base class
        self.peer, self.is_usable = peer[0] if peer else "", True

    def data_received(self, data: bytes) -> None:
        """Hand on what came, or hang up on who speaks unasked."""
        if self._exchange is not None:
            self._exchange.received(data)
        else:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection has ended."""
        self.is_usable = False
        if self._exchange is not None:
            self._exchange.hung_up(exc)


def _ends_with_connection(headers: Headers) -> bool:
    """Tell whether a body ends only where its connection does (RFC 9112, 6.3)."""
    codings = headers.get("Transfer-Encoding")
    if codings is not None:
        return codings.rpartition(",")[2].strip().lower() != "chunked"
    return "Content-Length" not in headers


def _stays_open(headers: Headers, version: str) -> bool:
    """Tell whether a connection may be used again after an answer (RFC 9112, 9.3)."""
    tokens = {token.strip().lower() for token in headers.get("Connection", "").split(",")}
    return "close" not in tokens and (version == "1.1" or "keep-alive" in tokens)


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")
