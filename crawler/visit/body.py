"""A body as it streams by: decoded, measured, hashed and sniffed, and then gone.

Room: network. Holds the first bytes of a body (`SNIFF_BYTES`, more of a robots.txt) and one decoder's
window, and a picture's in a sleeve (`develop.py`); nothing is written.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import brotli

from crawler.media import SNIFF_BYTES
from crawler.visit.codings import zstd
from crawler.visit.develop import Sleeve
from crawler.visit.failures import TooLargeError, TruncatedError, UnknownCodingError

_STEP = 64 * 1024  # decoded bytes at a time, so that a bomb is noticed before it has grown


@dataclass(frozen=True, slots=True)
class Body:
    """What is known of a body. Digests are of the decoded body and None unless it was read whole."""

    head: bytes
    body_bytes: int
    sha256: bytes | None
    md5: bytes | None
    sleeve: Sleeve | None = None  # what the body was kept in, where it was read whole


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
        "_sleeve",
        "body_bytes",
        "wire_bytes",
    )

    def __init__(
        self,
        content_encoding: str | None,
        max_bytes: int,
        keep_bytes: int = SNIFF_BYTES,
        sleeve: Sleeve | None = None,
    ) -> None:
        """Keep `keep_bytes` of the body's beginning; and all of it in a sleeve, if there is one."""
        self._sleeve = sleeve
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
        sha256, md5 = self._sha256.digest(), self._md5.digest()
        return Body(self._head, self.body_bytes, sha256, md5, self._sleeve)

    def _take(self, piece: bytes) -> None:
        self.body_bytes += len(piece)
        if self.body_bytes > self._max_bytes:
            raise TooLargeError(_too_large(self._max_bytes, "after decoding"))
        if len(self._head) < self._keep_bytes:
            self._head = (self._head + piece)[: self._keep_bytes]
        if self._sleeve is not None:
            self._sleeve.add(piece)
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
        self._inner: zlib._Decompress | None = None
        self._ended = False  # a member has, and no other has begun
        self._over = False  # what follows is ignored, as every browser does

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        chunk, self._held = self._held + chunk, b""
        while chunk and not self._over:
            if self._inner is None and len(chunk) < 2:
                self._held = chunk  # what begins here, two bytes tell
                return
            inner = self._inner = self._inner or self._begun(chunk)
            if inner is None:
                self._over = True
                return
            # A full piece may leave more within, even when all of the input is taken.
            while piece := inner.decompress(chunk, _STEP):
                yield piece
                chunk = inner.unconsumed_tail
                if inner.eof or len(piece) < _STEP:
                    break
            chunk = inner.unconsumed_tail
            if inner.eof:
                chunk, self._inner, self._ended = inner.unused_data, None, True
                self._over = not self._gzip

    def finish(self) -> Iterator[bytes]:
        if not self._ended:
            raise TruncatedError("the compressed body ended early")
        yield from ()

    def _begun(self, chunk: bytes) -> "zlib._Decompress | None":
        """Return what undoes the member that begins with `chunk`; None where none does."""
        if not self._gzip:
            return _deflate(chunk)
        if self._ended and not chunk.startswith(b"\x1f\x8b"):
            return None
        self._ended = False
        return zlib.decompressobj(wbits=31)


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
    """Zstandard (RFC 8878, also several frames in a row), windows of at most 8 MiB (RFC 9659)."""

    def __init__(self) -> None:
        self._held = b""
        self._inner: zstd.ZstdDecompressor | None = None
        self._ended = False
        self._over = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        chunk, self._held = self._held + chunk, b""
        while chunk and not self._over:
            if self._inner is None and len(chunk) < 4:
                self._held = chunk  # whether a frame begins here, four bytes tell
                return
            if self._inner is None and self._ended and not _begins_frame(chunk):
                self._over = True
                return
            if self._inner is None:
                self._inner, self._ended = _zstd_frame(), False
                # What is handed over whole, libzstd checks in another way than what it is fed.
                self._inner.decompress(chunk[:1])
                chunk = chunk[1:]
            inner = self._inner
            while not inner.eof:
                if piece := inner.decompress(chunk, _STEP):
                    yield piece
                chunk = b""
                if inner.needs_input:
                    return
            chunk, self._inner, self._ended = inner.unused_data, None, True

    def finish(self) -> Iterator[bytes]:
        if not self._ended:
            raise TruncatedError("the compressed body ended early")
        yield from ()


def _zstd_frame() -> zstd.ZstdDecompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 23})


def _begins_frame(chunk: bytes) -> bool:
    """Tell a frame, or a skippable one, from bytes that merely trail (RFC 8878, 3.1)."""
    return chunk.startswith(b"\x28\xb5\x2f\xfd") or (
        chunk[0] & 0xF0 == 0x50 and chunk[1:4] == b"\x2a\x4d\x18"
    )


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
