"""A body as it streams by: decoded, measured, hashed and sniffed, and then gone.

Room: network. Holds the first bytes of a body (`SNIFF_BYTES`, more of a robots.txt) and one decoder's window; nothing is written.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import brotli

from crawler.media import SNIFF_BYTES
from crawler.visit.codings import zstd
from crawler.visit.failures import TooLargeError, TruncatedError, UnknownCodingError

_STEP = 64 * 1024  # decoded bytes at a time, so that a bomb is noticed before it has grown


@dataclass(frozen=True, slots=True)
class Body:
    """What is known of a body. Digests are of the decoded body and None unless it was read whole."""

    head: bytes
    body_bytes: int
    sha256: bytes | None
    md5: bytes | None


class Decoder(Protocol):
    """Undoes one content coding."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what `chunk` decodes to, in pieces of bounded size."""
        ...

    def finish(self) -> Iterator[bytes]:
        """Yield what is left at the end; raise TruncatedError if the coding has not ended."""
        ...


class BodyReader:
    """Takes the chunks of one body; `result` gives what it came to."""

    __slots__ = (
        "_decoders",
        "_head",
        "_keep_bytes",
        "_max_bytes",
        "_md5",
        "_sha256",
        "body_bytes",
        "wire_bytes",
    )

    def __init__(
        self, content_encoding: str | None, max_bytes: int, keep_bytes: int = SNIFF_BYTES
    ) -> None:
        self._keep_bytes = keep_bytes
        self._decoders = _decoders_of(content_encoding) if content_encoding else ()
        self._max_bytes = max_bytes
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._head = b""
        self.wire_bytes = 0
        self.body_bytes = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes from the wire. Raises TooLargeError and the decoders' own errors."""
        self.wire_bytes += len(chunk)
        if self.wire_bytes > self._max_bytes:
            raise TooLargeError(_too_large(self._max_bytes, "on the wire"))
        if not self._decoders:
            self._take(chunk)
            return
        for piece in _decoded(chunk, self._decoders):
            self._take(piece)

    def result(self, *, whole: bool) -> Body:
        """Return what was read; `whole` says that the body has ended. May raise TruncatedError."""
        if not whole:
            return Body(self._head, self.body_bytes, None, None)
        if self.wire_bytes:
            self._finish()
        return Body(self._head, self.body_bytes, self._sha256.digest(), self._md5.digest())

    def _take(self, piece: bytes) -> None:
        self.body_bytes += len(piece)
        if self.body_bytes > self._max_bytes:
            raise TooLargeError(_too_large(self._max_bytes, "after decoding"))
        if len(self._head) < self._keep_bytes:
            self._head = (self._head + piece)[: self._keep_bytes]
        self._sha256.update(piece)
        self._md5.update(piece)

    def _finish(self) -> None:
        for index, decoder in enumerate(self._decoders):
            for piece in decoder.finish():
                for last in _decoded(piece, self._decoders[index + 1 :]):
                    self._take(last)


class _Zlib:
    """gzip (RFC 1952, also several members in a row) and deflate (RFC 1950, or bare RFC 1951)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._held = b""
        self._inner = zlib.decompressobj(wbits=31) if gzip else None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        chunk, self._held = self._held + chunk, b""
        if self._inner is None and len(chunk) < 2:
            self._held = chunk  # which deflate it is, two bytes tell
            return
        while chunk:
            inner = self._inner = self._inner or _deflate(chunk)
            if piece := inner.decompress(chunk, _STEP):
                yield piece
            chunk = inner.unconsumed_tail
            if inner.eof:
                chunk = inner.unused_data if self._gzip else b""
                if not chunk.startswith(b"\x1f\x8b"):
                    return  # trailing bytes after the last member, as every browser ignores them
                self._inner = zlib.decompressobj(wbits=31)

    def finish(self) -> Iterator[bytes]:
        if self._inner is None or not self._inner.eof:
            raise TruncatedError("the compressed body ended early")
        yield from ()


def _deflate(chunk: bytes) -> "zlib._Decompress":
    """Servers mean two things by deflate: with the zlib header (RFC 9110) and without."""
    has_header = len(chunk) >= 2 and (chunk[0] & 0x0F) == 8 and (chunk[0] << 8 | chunk[1]) % 31 == 0
    return zlib.decompressobj(wbits=15 if has_header else -15)


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        while True:
            # Output may be left when all input is taken: only an empty piece says that none is.
            if piece := self._inner.process(chunk, output_buffer_limit=_STEP):
                yield piece
            elif self._inner.can_accept_more_data():
                return
            if self._inner.is_finished():
                return
            chunk = b""

    def finish(self) -> Iterator[bytes]:
        if not self._inner.is_finished():
            raise TruncatedError("the compressed body ended early")
        yield from ()


class _Zstd:
    def __init__(self) -> None:
        self._inner = zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: 23}
        )

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        while not self._inner.eof:
            if piece := self._inner.decompress(chunk, _STEP):
                yield piece
            if self._inner.needs_input:
                return
            chunk = b""

    def finish(self) -> Iterator[bytes]:
        if not self._inner.eof:
            raise TruncatedError("the compressed body ended early")
        yield from ()


_CODINGS: dict[str, Callable[[], Decoder]] = {
    "gzip": lambda: _Zlib(gzip=True),
    "x-gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
    "zstd": _Zstd,
}


def _decoders_of(content_encoding: str) -> tuple[Decoder, ...]:
    """Return the decoders of a Content-Encoding header, the coding applied last undone first."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity", "none", "utf-8")]
    if len(names) > 3 or any(name not in _CODINGS for name in names):
        text = f"Content-Encoding {content_encoding[:80]!r}"
        raise UnknownCodingError(text)
    return tuple(_CODINGS[name]() for name in reversed(names))


def _decoded(chunk: bytes, decoders: tuple[Decoder, ...]) -> Iterator[bytes]:
    if not decoders:
        yield chunk
        return
    for piece in decoders[0].feed(chunk):
        yield from _decoded(piece, decoders[1:])


def _too_large(max_bytes: int, where: str) -> str:
    return f"more than {max_bytes} bytes {where}"
