"""Hosts that code their bodies: well, badly, or to blow up whoever decodes them.

Room: pure rules. The bombs come from Scrapy's test suite (`bombs/LICENSE`): 11.5 MB each.
"""

import zlib
from pathlib import Path
from typing import ClassVar

import brotli

from crawler.records import Outcome
from crawler.visit.codings import zstd
from tests.internet.behaviours.behaviour import Behaviour, Expectation, registered, unread
from tests.internet.host import picture_reply
from tests.internet.messages import Answer, Reply, Request

BODY_BYTES = 14_000
_BOMBS = Path(__file__).parent / "bombs"
_GZIP_WBITS, _RAW_WBITS = 31, -15


def _deflated(body: bytes, wbits: int) -> bytes:
    coder = zlib.compressobj(wbits=wbits)
    return coder.compress(body) + coder.flush()


class Coded(Behaviour):
    """Serves a picture under a content coding."""

    coding: ClassVar[str]
    expects: ClassVar[tuple[Expectation, ...]] = (
        Expectation(outcome=Outcome.OK, status=200, media_type="image/jpeg", body_bytes=BODY_BYTES),
    )

    def code(self, body: bytes) -> bytes:
        """Return the picture as it is sent."""
        return body

    def look(self, request: Request) -> Answer:
        """Send the picture, coded."""
        body = self.code(picture_reply(request, body_bytes=BODY_BYTES).body)
        headers = (("Content-Type", "image/jpeg"), ("Content-Encoding", self.coding))
        return Reply(headers=headers, body=body)


@registered
class Gzip(Coded):
    """gzip, as it should be."""

    name = "gzip"
    coding = "gzip"

    def code(self, body: bytes) -> bytes:
        """Compress."""
        return _deflated(body, _GZIP_WBITS)


@registered
class Deflate(Coded):
    """deflate as RFC 9110 has it, in a zlib wrapper."""

    name = "deflate"
    coding = "deflate"

    def code(self, body: bytes) -> bytes:
        """Compress."""
        return zlib.compress(body)


@registered
class RawDeflate(Coded):
    """deflate as many servers have it, without the wrapper."""

    name = "raw-deflate"
    coding = "deflate"

    def code(self, body: bytes) -> bytes:
        """Compress."""
        return _deflated(body, _RAW_WBITS)


@registered
class Brotli(Coded):
    """br, as it should be."""

    name = "brotli"
    coding = "br"

    def code(self, body: bytes) -> bytes:
        """Compress."""
        return bytes(brotli.compress(body, quality=1))


@registered
class Zstd(Coded):
    """zstd, as it should be."""

    name = "zstd"
    coding = "zstd"

    def code(self, body: bytes) -> bytes:
        """Compress."""
        return zstd.compress(body)


@registered
class MislabelledGzip(Coded):
    """Says gzip and sends the picture as it is."""

    name = "mislabelled-gzip"
    coding = "gzip"
    expects = unread(Outcome.BAD_ENCODING)


@registered
class UnknownCoding(Coded):
    """Names a coding that nobody knows."""

    name = "unknown-coding"
    coding = "x-rot13"
    expects = unread(Outcome.BAD_ENCODING)


@registered
class CutGzip(Coded):
    """gzip that ends in the middle, with a Content-Length that says so."""

    name = "cut-gzip"
    coding = "gzip"
    expects = unread(Outcome.TRUNCATED)

    def code(self, body: bytes) -> bytes:
        """Compress and cut."""
        return _deflated(body, _GZIP_WBITS)[: BODY_BYTES // 2]


class Bomb(Coded):
    """A few kilobytes that become 11.5 MB."""

    file: ClassVar[str]
    expects = unread(Outcome.TOO_LARGE)

    def code(self, body: bytes) -> bytes:
        """Send the bomb instead."""
        return (_BOMBS / self.file).read_bytes()


@registered
class GzipBomb(Bomb):
    """A gzip bomb: 28 kB."""

    name = "gzip-bomb"
    coding = "gzip"
    file = "bomb-gzip.bin"


@registered
class DeflateBomb(Bomb):
    """A deflate bomb: 28 kB."""

    name = "deflate-bomb"
    coding = "deflate"
    file = "bomb-deflate.bin"


@registered
class BrotliBomb(Bomb):
    """A brotli bomb: 34 bytes."""

    name = "brotli-bomb"
    coding = "br"
    file = "bomb-br.bin"


@registered
class ZstdBomb(Bomb):
    """A zstd bomb: 1 kB."""

    name = "zstd-bomb"
    coding = "zstd"
    file = "bomb-zstd.bin"
