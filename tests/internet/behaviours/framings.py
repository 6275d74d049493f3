"""Hosts that frame their messages as RFC 9112 forbids, or as few do.

Room: pure rules. What is sent is there byte by byte; `Close` stands where the end of the connection
is the end of the message.
"""

from collections.abc import Iterator
from typing import ClassVar

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import (
    PICTURE,
    Behaviour,
    Expectation,
    expect,
    registered,
    unread,
)
from tests.internet.host import picture_reply
from tests.internet.messages import Answer, Close, Request, Script, Send, Step, Wait, plain_text

SECOND = "/second.jpg"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(90)
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n"
_LENGTH = b"Content-Length: %d\r\n" % len(JPEG)
_CHUNK = b"%x\r\n%b\r\n" % (len(JPEG), JPEG)
# An answer that nobody asked for, to be taken for that of the next link: it says `text/plain`.
FAKE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nsmuggled!"
_AT_ONCE_AND_LATER = tuple(
    Expectation(outcome=Outcome.OK, status=200, path=path, media_type="image/jpeg")
    for path in (PICTURE, SECOND)
)


def whole(head: bytes) -> bytes:
    """Return an answer with a body of the right length under a head without its empty line."""
    return head + _LENGTH + b"\r\n" + JPEG


class Raw(Behaviour):
    """Sends bytes as they are."""

    plain = False
    raw: ClassVar[bytes]
    ends: ClassVar[bool] = True  # by closing the connection

    def look(self, request: Request) -> Answer:
        """Send the bytes."""
        return Script((Send(self.raw), Close()) if self.ends else (Send(self.raw),), 200)


_READ = (Expectation(outcome=Outcome.OK, status=200, media_type="image/jpeg"),)
_REFUSED = expect(Outcome.PROTOCOL_ERROR)


@registered
class LengthTwice(Raw):
    """The same Content-Length twice."""

    name = "length-twice"
    raw = whole(_OK + _LENGTH)
    expects = _REFUSED


@registered
class LengthsConflict(Raw):
    """Two Content-Lengths that differ (RFC 9112, 6.3: unrecoverable)."""

    name = "lengths-conflict"
    raw = whole(_OK + b"Content-Length: 4\r\n")
    expects = _REFUSED


@registered
class LengthNegative(Raw):
    """A negative Content-Length."""

    name = "length-negative"
    raw = _OK + b"Content-Length: -1\r\n\r\n" + JPEG
    expects = _REFUSED


@registered
class LengthEnormous(Raw):
    """A Content-Length that no integer holds."""

    name = "length-enormous"
    raw = _OK + b"Content-Length: 99999999999999999999999999\r\n\r\n" + JPEG
    expects = _REFUSED


@registered
class LengthAndChunked(Raw):
    """Content-Length and chunked at once, the stuff of request smuggling (RFC 9112, 6.3)."""

    name = "length-and-chunked"
    raw = _CHUNKED + b"Content-Length: 3\r\n\r\n" + _CHUNK + b"0\r\n\r\n"
    expects = _REFUSED


@registered
class ChunkSizeOverflow(Raw):
    """A chunk of more bytes than 64 bits can count."""

    name = "chunk-size-overflow"
    raw = _CHUNKED + b"\r\nfffffffffffffffff\r\n" + JPEG
    expects = unread(Outcome.PROTOCOL_ERROR)


@registered
class ChunkSizeNegative(Raw):
    """A chunk of minus one bytes."""

    name = "chunk-size-negative"
    raw = _CHUNKED + b"\r\n-1\r\n" + JPEG + b"\r\n0\r\n\r\n"
    expects = unread(Outcome.PROTOCOL_ERROR)


@registered
class ChunkTooLong(Raw):
    """A chunk with more in it than its size says."""

    name = "chunk-too-long"
    raw = _CHUNKED + b"\r\n4\r\n" + JPEG + b"\r\n0\r\n\r\n"
    expects = unread(Outcome.PROTOCOL_ERROR)


@registered
class ChunkExtensions(Raw):
    """Chunks with extensions and a trailer, as few servers send and all clients must read."""

    name = "chunk-extensions"
    raw = _CHUNKED + b'\r\n%x;name="value"\r\n%b\r\n0\r\nX-Trailer: late\r\n\r\n' % (
        len(JPEG),
        JPEG,
    )
    ends = False
    expects = _READ


@registered
class Http10(Raw):
    """HTTP/1.0 without a length: the body ends with the connection."""

    name = "http-1-0"
    raw = b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + JPEG
    expects = (Expectation(outcome=Outcome.OK, status=200, body_bytes=len(JPEG)),)


@registered
class Http09(Raw):
    """HTTP/0.9: a body, and nothing before it."""

    name = "http-0-9"
    raw = b"<html>an old page</html>"
    expects = _REFUSED


@registered
class LineFeedsOnly(Raw):
    """Lines that end with a bare LF, which RFC 9112, 2.2 lets a client read."""

    name = "bare-lf"
    raw = whole(_OK).replace(b"\r\n", b"\n")
    expects = _READ


@registered
class CarriageReturnsOnly(Raw):
    """Lines that end with a bare CR, which RFC 9112, 2.2 forbids to read as line ends."""

    name = "bare-cr"
    raw = whole(_OK).replace(b"\r\n", b"\r")
    expects = _REFUSED


@registered
class CarriageReturnInHeader(Raw):
    """A bare CR in the middle of a header, behind which another one hides."""

    name = "cr-in-header"
    raw = whole(_OK + b"X-Note: one\rContent-Length: 3\r\n")
    expects = _REFUSED


@registered
class LongerThanPromised(Raw):
    """A body that goes on after its Content-Length, in the same packet."""

    name = "longer-body"
    raw = whole(_OK) + b"and more"
    expects = (
        Expectation(
            outcome=Outcome.OK,
            status=200,
            media_type="image/jpeg",
            body_bytes=len(JPEG),
            in_head=Outcome.OK,
        ),
    )


class Smuggler(Behaviour):
    """Answers well, and goes on talking on the connection that is kept alive."""

    plain = False
    extra: ClassVar[tuple[Step, ...]]
    expects = _AT_ONCE_AND_LATER

    def robots(self, request: Request) -> Answer:
        """Ask for time between requests, in which something unasked can come."""
        return plain_text("User-agent: *\nCrawl-delay: 0.5\n")

    def look(self, request: Request) -> Answer:
        """Answer, and at the first path add what nobody asked for."""
        steps: tuple[Step, ...] = (Send(whole(_OK)),)
        if request.method == "HEAD" or request.path == SECOND:
            return picture_reply(request)
        return Script(steps + self.extra, 200)


@registered
class SmugglesAtOnce(Smuggler):
    """Sends a second answer in the same packet as the first (RFC 9112, 9.3.2)."""

    name = "smuggles-at-once"
    extra = ()

    def look(self, request: Request) -> Answer:
        """Answer twice."""
        first = request.path == PICTURE and request.method != "HEAD"
        return Script((Send(whole(_OK) + FAKE),), 200) if first else picture_reply(request)


@registered
class SmugglesLater(Smuggler):
    """Sends a second answer when the first has been read, before the next request comes."""

    name = "smuggles-later"
    extra = (Wait(0.1), Send(FAKE))


@registered
class SmugglesHalf(Smuggler):
    """Sends the first half of a second answer, and the rest when the next request is there."""

    name = "smuggles-half"
    extra = (Wait(0.1), Send(FAKE[:30]))


@registered
class InterimFlood(Behaviour):
    """Sends 103 Early Hints without end, and never an answer."""

    name = "interim-flood"
    expects = expect(Outcome.PROTOCOL_ERROR)

    def look(self, request: Request) -> Answer:
        """Hint."""
        return Script(_hints())


def _hints() -> Iterator[Step]:
    while True:
        yield Send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 500)
        yield Wait(0.01)


@registered
class InterimAnswers(Raw):
    """Sends 100, 102 and 103 before the answer."""

    name = "interim-answers"
    raw = b"".join(b"HTTP/1.1 %d Soon\r\n\r\n" % status for status in (100, 102, 103)) + whole(_OK)
    ends = False
    expects = _READ


@registered
class Upgrades(Raw):
    """Answers 101 to a request that asked for no upgrade."""

    name = "upgrade-unasked"
    raw = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    expects = expect(Outcome.PROTOCOL_ERROR, 101)


@registered
class BodyUnderNoContent(Raw):
    """204 with a body all the same."""

    name = "no-content-with-body"
    raw = b"HTTP/1.1 204 No Content\r\n" + _LENGTH + b"\r\n" + JPEG
    expects = (Expectation(outcome=Outcome.OK, status=204, body_bytes=0),)
