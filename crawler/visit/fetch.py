"""One request → one Answer, with every deadline and limit of a visit. It never raises an error.

Room: network. Knows aiohttp; does not know redirects, robots or pace.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import aiodns
import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from crawler.media import SNIFF_BYTES
from crawler.visit.body import Body, BodyReader
from crawler.visit.clock import StoppedError
from crawler.visit.connect import (
    AT_PEER,
    DEADLINE,
    AtPeer,
    Contexts,
    GuardedResponse,
    connector,
    contexts,
)
from crawler.visit.develop import Sleeve
from crawler.visit.dns import Resolver
from crawler.visit.failures import TooLargeError, unreached
from crawler.visit.files import OutOfFilesError, when_there_are_files
from crawler.visit.options import VisitOptions

_NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
_HEADER_BYTES = 64 * 1024
_HEADER_COUNT = 1000


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
    # Makes what the body is kept in until it has been fingerprinted.
    sleeve: Callable[[], Sleeve] | None = None


@dataclass(slots=True, kw_only=True)
class Answer:
    """What came back. `error` is what ended it early; status and headers may be known all the same."""

    ask: Ask
    status: int | None = None
    headers: CIMultiDictProxy[str] = field(default_factory=lambda: _NO_HEADERS)
    ip: str | None = None
    body: Body | None = None
    ttfb_s: float | None = None
    total_s: float = 0.0
    error: BaseException | None = None

    @property
    def unreached(self) -> bool:
        """Tell whether no connection to the host was made."""
        return self.status is None and unreached(self.error)

    @property
    def distrusts(self) -> str | None:
        """Why the certificate did not verify, when that alone is what went wrong."""
        if isinstance(self.error, aiohttp.ClientConnectorCertificateError):
            cause = self.error.certificate_error
            return str(getattr(cause, "verify_message", "") or cause)
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
        self._resolver = resolver
        self._contexts: Contexts = contexts(options.ca_file)
        self._session = aiohttp.ClientSession(
            connector=connector(
                resolver,
                options.guard,
                options.connect_to,
                connected=connected,
                keep_alive=keep_alive,
                most=options.max_connections,
            ),
            headers={
                "User-Agent": options.user_agent,
                "Accept": "*/*",
                # A picture is compressed already; what is encoded all the same is decoded.
                "Accept-Encoding": "identity",
            },
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            response_class=GuardedResponse,
            trust_env=False,
            max_line_size=_HEADER_BYTES,
            max_field_size=_HEADER_BYTES,
            max_headers=_HEADER_COUNT,
            timeout=aiohttp.ClientTimeout(
                total=None,
                sock_connect=options.connect_timeout_s,
                sock_read=options.first_byte_timeout_s,
            ),
        )
        # aiohttp would repeat a request that died on a kept-alive connection at once, unseen and
        # out of turn; `look.py` repeats it in its turn.
        self._session._retry_connection = False  # noqa: SLF001

    async def send(self, ask: Ask, at_peer: AtPeer | None = None) -> Answer:
        """Send one request and read its answer.

        `at_peer` waits, before the request leaves, until the address that was connected to may be
        asked. Raises StoppedError and cancellation only, and OutOfFilesError after a minute without.
        """
        AT_PEER.set(at_peer)
        try:
            return await self._send(ask)
        except OutOfFilesError:
            return await when_there_are_files(lambda: self._send(ask))

    async def _send(self, ask: Ask) -> Answer:
        started = monotonic()
        response: aiohttp.ClientResponse | None = None
        reader: BodyReader | None = None
        ttfb_s, whole, failure = None, False, None
        try:
            async with asyncio.timeout(ask.timeout_s) as deadline:
                DEADLINE.set(deadline)
                response = await self._open(ask)
                ttfb_s = monotonic() - started
                reader = self._reader(ask, response)
                whole = await _drain(reader, response, ask) if reader is not None else False
                body = reader.result(whole=whole) if reader is not None else None
        except (StoppedError, OutOfFilesError):
            raise
        except Exception as error:  # noqa: BLE001  (kept in the answer and judged by failures.py)
            failure = error
            body = reader.result(whole=False) if reader is not None else None
        finally:
            if response is not None:
                response.release()
        return _answer(ask, response, body, ttfb_s, monotonic() - started, failure)

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return where a host is likely to be connected to; none where its name has no address."""
        try:
            return await self._resolver.addresses(host)
        except aiodns.error.DNSError:
            return ()  # the request comes to the same, and says so

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def _open(self, ask: Ask) -> aiohttp.ClientResponse:
        return await self._session.request(
            ask.method,
            URL(ask.url, encoded=True),
            headers=_range_header(ask),
            allow_redirects=False,
            ssl=self._contexts.verified if ask.verify_tls else self._contexts.unverified,
        )

    def _reader(self, ask: Ask, response: aiohttp.ClientResponse) -> BodyReader | None:
        """Return what takes the body in, or None where there is none. Raises TooLargeError."""
        if ask.method == "HEAD":
            return None
        declared = response.content_length or 0
        if ask.read_bytes is None and declared > self._max_bytes:
            text = f"Content-Length {declared} is over the limit of {self._max_bytes} bytes"
            raise TooLargeError(text)
        max_bytes = self._max_bytes
        if ask.keep_bytes > SNIFF_BYTES:  # a robots.txt is read whatever bodies are limited to
            max_bytes = max(max_bytes, 2 * ask.keep_bytes)
        sleeve = ask.sleeve() if ask.sleeve is not None else None
        encoding = response.headers.get("Content-Encoding")
        return BodyReader(encoding, max_bytes, ask.keep_bytes, sleeve)


async def _drain(reader: BodyReader, response: aiohttp.ClientResponse, ask: Ask) -> bool:
    """Read up to the ask's bytes, or all; tell whether that was the whole of the body."""
    async for chunk in response.content.iter_any():
        reader.feed(chunk)
        if ask.read_bytes is not None and reader.wire_bytes >= ask.read_bytes:
            break
    return response.content.at_eof() and (response.status != 206 or _covers_all(response))


def _covers_all(response: aiohttp.ClientResponse) -> bool:
    """Tell whether a 206 holds everything: `bytes 0-99/100` (RFC 9110, 14.4)."""
    found = re.fullmatch(r"bytes 0-(\d+)/(\d+)", response.headers.get("Content-Range", "").strip())
    return found is not None and int(found[1]) + 1 == int(found[2])


def _answer(
    ask: Ask,
    response: aiohttp.ClientResponse | None,
    body: Body | None,
    ttfb_s: float | None,
    total_s: float,
    error: Exception | None,
) -> Answer:
    if response is None:
        return Answer(ask=ask, total_s=total_s, error=error)
    assert isinstance(response, GuardedResponse)  # noqa: S101
    return Answer(
        ask=ask,
        status=response.status,
        headers=response.headers,
        ip=response.peer,
        body=body,
        ttfb_s=ttfb_s,
        total_s=total_s,
        error=error,
    )


def _range_header(ask: Ask) -> dict[str, str] | None:
    return {"Range": f"bytes=0-{ask.range_bytes - 1}"} if ask.range_bytes else None
