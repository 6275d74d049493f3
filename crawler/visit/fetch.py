"""One request → one Answer, with every deadline and limit of a visit. It never raises an error.

Room: network. Does not know redirects, robots or pace.
"""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from crawler.media import SNIFF_BYTES
from crawler.visit.body import Body, BodyReader
from crawler.visit.clock import StoppedError
from crawler.visit.connect import AtPeer, Connector, contexts
from crawler.visit.develop import Sleeve
from crawler.visit.dns import Resolver
from crawler.visit.failures import LookUpError, TooLargeError, UnaskableError, unreached
from crawler.visit.files import OutOfFilesError, when_there_are_files
from crawler.visit.kept import Place
from crawler.visit.options import VisitOptions
from crawler.visit.wire import NO_HEADERS, Exchange, Headers, Wire

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ANYTHING = "Accept: */*\r\n"
# Scheme, authority and target of a URL on the wire: no blank, and nothing that could end a line.
_URL = re.compile(r"(https?)://([!\"$-.0->A-~]+)(/[!-~]*)")


@dataclass(slots=True, kw_only=True)
class Ask:
    """One request. At most `read_bytes` of the body are read; None reads it whole, or fails.

    Never changed, as an Answer is; frozen, both would take four times as long to make.
    """

    method: str
    url: str
    timeout_s: float
    read_bytes: int | None = None
    keep_bytes: int = SNIFF_BYTES
    range_bytes: int | None = None
    verify_tls: bool = True
    headers: dict[str, str] | None = None  # besides, or instead of, those that every request has
    # Makes what the body is kept in until it has been fingerprinted.
    sleeve: Callable[[], Sleeve] | None = None


@dataclass(slots=True, kw_only=True)
class Answer:
    """What came back. `error` is what ended it early; status and headers may be known all the same."""

    ask: Ask
    status: int | None = None
    headers: Headers = field(default_factory=lambda: NO_HEADERS)
    ip: str | None = None
    body: Body | None = None
    ttfb_s: float | None = None
    total_s: float = 0.0
    error: BaseException | None = None
    over_kept: bool = False  # the request went over a connection that had been kept alive

    @property
    def unreached(self) -> bool:
        """Tell whether no connection to the host was made."""
        return self.status is None and unreached(self.error)

    @property
    def distrusts(self) -> str | None:
        """Why the certificate did not verify, when that alone is what went wrong."""
        if self.status is None and isinstance(self.error, ssl.SSLCertVerificationError):
            return self.error.verify_message or str(self.error)
        return None


class Fetcher:
    """Sends requests over kept-alive connections. Close it when the crawl ends."""

    def __init__(
        self,
        options: VisitOptions,
        resolver: Resolver,
        *,
        connected: Callable[[float], None] = lambda _took_s: None,
        keep_alive: bool = True,
    ) -> None:
        """`connected` is told of every connection that is made how many seconds it took."""
        self._max_bytes = options.max_bytes
        self._silence_s = options.first_byte_timeout_s
        self._resolver = resolver
        self._keep_alive = keep_alive
        self._connector = Connector(
            resolver,
            options.guard,
            options.connect_to,
            contexts(options.ca_file),
            connected=connected,
            timeout_s=options.connect_timeout_s,
            most=options.max_connections,
        )
        # A picture is compressed already; what is encoded all the same is decoded.
        self._fields = f"User-Agent: {options.user_agent}\r\nAccept-Encoding: identity\r\n"

    async def send(self, ask: Ask, at_peer: AtPeer | None = None) -> Answer:
        """Send one request and read its answer.

        `at_peer` waits, before the request leaves, until the address that was connected to may be
        asked; what that takes is not the host's to pay. Raises StoppedError and cancellation only,
        and OutOfFilesError after a minute without.
        """
        try:
            return await self._send(ask, at_peer)
        except OutOfFilesError:
            return await when_there_are_files(lambda: self._send(ask, at_peer))

    async def _send(self, ask: Ask, at_peer: AtPeer | None) -> Answer:
        began, wire, exchange, failure = monotonic(), None, None, None
        intake = _Intake(ask, self._max_bytes)
        try:
            place, head = self._request(ask)
            wire, waited_s = await self._wire(place, began + ask.timeout_s, at_peer)
            began += waited_s
            until = began + ask.timeout_s
            exchange = await wire.ask(head, intake.opened, self._silence_s, until)
            self._leave(place, wire)
            failure = exchange.error
        except (StoppedError, OutOfFilesError):
            raise
        except Exception as error:  # noqa: BLE001  (kept in the answer and judged by failures.py)
            failure = error
        return _answer(ask, wire, exchange, intake, began, failure)

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return where a host is likely to be connected to; none where its name has no address."""
        try:
            return await self._resolver.addresses(host)
        except LookUpError:
            return ()  # the request comes to the same, and says so

    async def close(self) -> None:
        """Close every connection."""
        await self._connector.close()

    async def _wire(self, place: Place, until: float, at_peer: AtPeer | None) -> tuple[Wire, float]:
        """Return a connection, kept alive or new, when it is the turn of the address it leads to.

        With it the seconds that it waited for others and not for the host. It is made until a
        moment, or not at all. Raises what `Connector.connect` and `at_peer` do.
        """
        wire, waited_s = self._connector.kept.take(place), 0.0
        if wire is None:
            wire, waited_s = await self._connector.connect(place, until)
        if at_peer is not None:
            asked = monotonic()
            try:
                await at_peer(wire.peer)
            except BaseException:
                self._leave(place, wire)
                raise
            waited_s += monotonic() - asked
        return wire, waited_s

    def _leave(self, place: Place, wire: Wire) -> None:
        """Keep a connection for the next request, or close it."""
        if wire.is_usable and self._keep_alive:
            self._connector.kept.keep(place, wire)
        else:
            wire.close()

    def _request(self, ask: Ask) -> tuple[Place, bytes]:
        """Return where a request goes, and its bytes. Raises UnaskableError."""
        place, authority, target = taken_apart(ask.url)
        own = _own_fields(ask) if ask.headers or ask.range_bytes else _ANYTHING
        text = f"{ask.method} {target} HTTP/1.1\r\nHost: {authority}\r\n{self._fields}{own}\r\n"
        return place if ask.verify_tls else place._replace(verified=False), text.encode()


class _Intake:
    """Takes in as much of a body as was asked for."""

    __slots__ = ("_ask", "_max_bytes", "_reader")

    def __init__(self, ask: Ask, max_bytes: int) -> None:
        self._ask = ask
        self._max_bytes = max_bytes
        self._reader: BodyReader | None = None

    def opened(self, _status: int, headers: Headers) -> "_Intake | None":
        """Make ready for a body, or return None where there is none. Raises TooLargeError."""
        ask, max_bytes = self._ask, self._max_bytes
        if ask.method == "HEAD":
            return None
        declared = headers.get("Content-Length", "")
        if ask.read_bytes is None and declared.isdecimal() and int(declared[:20]) > max_bytes:
            text = f"Content-Length {declared[:20]} is over the limit of {max_bytes} bytes"
            raise TooLargeError(text)
        if ask.keep_bytes > SNIFF_BYTES:  # a robots.txt is read whatever bodies are limited to
            max_bytes = max(max_bytes, 2 * ask.keep_bytes)
        sleeve = ask.sleeve() if ask.sleeve is not None else None
        encoding = headers.get("Content-Encoding")
        self._reader = BodyReader(encoding, max_bytes, ask.keep_bytes, sleeve)
        return self

    def feed(self, chunk: bytes) -> bool:
        """Take the next bytes; tell whether more are wanted. Raises what BodyReader does."""
        assert self._reader is not None  # noqa: S101
        self._reader.feed(chunk)
        wanted = self._ask.read_bytes
        return wanted is None or self._reader.wire_bytes < wanted

    def result(self, *, whole: bool) -> Body | None:
        """Return what is known of the body. Raises TruncatedError where it is whole and is not."""
        return None if self._reader is None else self._reader.result(whole=whole)


def _answer(
    ask: Ask,
    wire: Wire | None,
    exchange: Exchange | None,
    intake: _Intake,
    began: float,
    failure: Exception | None,
) -> Answer:
    total_s = monotonic() - began
    if wire is None or exchange is None or exchange.status is None:
        over_kept = wire is not None and wire.asked > 1
        return Answer(ask=ask, total_s=total_s, error=failure, over_kept=over_kept)
    whole = exchange.is_whole and (exchange.status != 206 or _covers_all(exchange.headers))
    try:
        body = intake.result(whole=whole)
    except Exception as error:  # noqa: BLE001  (its coding has not ended: judged by failures.py)
        failure, body = error, intake.result(whole=False)
    return Answer(
        ask=ask,
        status=exchange.status,
        headers=exchange.headers,
        ip=wire.peer,
        body=body,
        ttfb_s=(exchange.first_byte_at or began) - began,
        total_s=total_s,
        error=failure,
        over_kept=wire.asked > 1,
    )


def _covers_all(headers: Headers) -> bool:
    """Tell whether a 206 holds everything: `bytes 0-99/100` (RFC 9110, 14.4)."""
    found = re.fullmatch(r"bytes 0-(\d+)/(\d+)", headers.get("Content-Range", "").strip())
    return found is not None and int(found[1]) + 1 == int(found[2])


def _own_fields(ask: Ask) -> str:
    """Return the field lines of one request alone. Raises UnaskableError where one would break out."""
    fields = {"Accept": "*/*"} | (ask.headers or {})
    if ask.range_bytes:
        fields["Range"] = f"bytes=0-{ask.range_bytes - 1}"
    if not all(value.isascii() and value.isprintable() for value in fields.values()):
        raise UnaskableError("a header that cannot be written into a request")
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items())


def taken_apart(url: str) -> tuple[Place, str, str]:
    """Return where a URL on the wire leads, its authority, and the target of its request line.

    Raises UnaskableError where it could not be written into one (RFC 9112, 3.2).
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise UnaskableError("a URL that cannot be written into a request")
    scheme, authority, target = found.groups()
    host, colon, port = authority.rpartition(":")
    if not colon or port.endswith("]"):  # the brackets of an IPv6 address
        host, port = authority, ""
    number = int(port) if port else _DEFAULT_PORTS[scheme]
    return Place(host.strip("[]"), number, scheme == "https"), authority, target
