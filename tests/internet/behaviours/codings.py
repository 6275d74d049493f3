"""Hosts whose content codings are nested, cut off, mislabelled, or grow without end.

Room: pure rules. `encodings.py` has the plain ones and the bombs of Scrapy's tests.
"""

import gzip
import zlib
from collections.abc import Iterator

import brotli

from crawler.records import Outcome
from crawler.visit.codings import zstd
from tests.internet.behaviours.behaviour import Behaviour, registered, unread
from tests.internet.behaviours.encodings import BODY_BYTES, Coded
from tests.internet.messages import Answer, Request, Script, Send, Step

_ZEROS_BYTES = 20_000_000  # gzip makes a thousandth of them, and of that again
_BLOCK_BYTES = 1 << 20
_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nConnection: close\r\n"


def half(coded: bytes) -> bytes:
    """Return the first half."""
    return coded[: len(coded) // 2]


@registered
class NestedCodings(Coded):
    """gzip in brotli, as the header says."""

    name = "nested-codings"
    coding = "gzip, br"

    def code(self, body: bytes) -> bytes:
        """Compress twice."""
        return bytes(brotli.compress(gzip.compress(body), quality=1))


@registered
class GzipMembers(Coded):
    """gzip in two members, one after the other (RFC 1952, 2.2)."""

    name = "gzip-members"
    coding = "x-gzip"

    def code(self, body: bytes) -> bytes:
        """Compress in two."""
        return gzip.compress(body[: BODY_BYTES // 2]) + gzip.compress(body[BODY_BYTES // 2 :])


@registered
class GzipWithTail(Coded):
    """gzip with bytes behind it that are none of it."""

    name = "gzip-with-tail"
    coding = "gzip"

    def code(self, body: bytes) -> bytes:
        """Compress, and go on."""
        return gzip.compress(body) + b"\x00\x00 and more"


@registered
class FiveCodings(Coded):
    """Five codings at once: more than are undone."""

    name = "five-codings"
    coding = "gzip, gzip, gzip, gzip, gzip"
    expects = unread(Outcome.BAD_ENCODING)


@registered
class CutDeflate(Coded):
    """deflate that ends in the middle."""

    name = "cut-deflate"
    coding = "deflate"
    expects = unread(Outcome.TRUNCATED)

    def code(self, body: bytes) -> bytes:
        """Compress and cut."""
        return half(zlib.compress(body))


@registered
class CutBrotli(Coded):
    """br that ends in the middle."""

    name = "cut-brotli"
    coding = "br"
    expects = unread(Outcome.TRUNCATED)

    def code(self, body: bytes) -> bytes:
        """Compress and cut."""
        return half(bytes(brotli.compress(body, quality=1)))


@registered
class CutZstd(Coded):
    """zstd that ends in the middle."""

    name = "cut-zstd"
    coding = "zstd"
    expects = unread(Outcome.TRUNCATED)

    def code(self, body: bytes) -> bytes:
        """Compress and cut."""
        return half(zstd.compress(body))


@registered
class MislabelledBrotli(Coded):
    """Says br and sends gzip."""

    name = "mislabelled-brotli"
    coding = "br"
    expects = unread(Outcome.BAD_ENCODING)

    def code(self, body: bytes) -> bytes:
        """Compress otherwise."""
        return gzip.compress(body)


@registered
class MislabelledZstd(Coded):
    """Says zstd and sends the picture as it is."""

    name = "mislabelled-zstd"
    coding = "zstd"
    expects = unread(Outcome.BAD_ENCODING)


@registered
class NestedBomb(Coded):
    """Twenty megabytes of nothing, compressed twice to less than one kilobyte."""

    name = "nested-bomb"
    coding = "gzip, gzip"
    expects = unread(Outcome.TOO_LARGE)

    def code(self, body: bytes) -> bytes:
        """Compress nothing twice."""
        return gzip.compress(gzip.compress(bytes(_ZEROS_BYTES), 9), 9)


@registered
class EndlessBomb(Behaviour):
    """A gzip stream that never ends, a thousand bytes for each on the wire."""

    name = "endless-bomb"
    plain = False
    expects = unread(Outcome.TOO_LARGE, 200)

    def look(self, request: Request) -> Answer:
        """Go on for as long as the client reads."""
        return Script(_endless_zeros(), 200)


def _endless_zeros() -> Iterator[Step]:
    coder = zlib.compressobj(9, wbits=31)
    yield Send(_STREAM + b"Content-Encoding: gzip\r\n\r\n" + coder.flush(zlib.Z_FULL_FLUSH))
    block = coder.compress(bytes(_BLOCK_BYTES)) + coder.flush(zlib.Z_FULL_FLUSH)
    while True:  # after a full flush, the same bytes mean the same again
        yield Send(block)
