"""Hosts with a status line or headers that nobody expects.

Room: pure rules.
"""

from collections.abc import Iterator
from typing import ClassVar

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import Behaviour, Expectation, expect, registered, unread
from tests.internet.behaviours.framings import JPEG, Raw, whole
from tests.internet.behaviours.statuses import Refusing
from tests.internet.messages import Answer, Request, Script, Send, Step, Wait

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n"
_READ = (Expectation(outcome=Outcome.OK, status=200, media_type="image/jpeg"),)
_REFUSED = expect(Outcome.PROTOCOL_ERROR)


@registered
class Status000(Raw):
    """Status 000."""

    name = "status-000"
    raw = whole(b"HTTP/1.1 000 Nothing\r\n")
    expects = expect(Outcome.PROTOCOL_ERROR, 0)


@registered
class Status099(Raw):
    """Status 099."""

    name = "status-099"
    raw = whole(b"HTTP/1.1 099 Less than nothing\r\n")
    expects = expect(Outcome.PROTOCOL_ERROR, 99)


@registered
class Status1000(Raw):
    """A status of four digits."""

    name = "status-1000"
    raw = whole(b"HTTP/1.1 1000 Many\r\n")
    expects = _REFUSED


@registered
class Status205(Raw):
    """205 Reset Content, which has no body."""

    name = "status-205"
    raw = b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"
    expects = (Expectation(outcome=Outcome.OK, status=205, body_bytes=0),)


@registered
class Status299(Refusing):
    """299, which means nothing but that it is well."""

    name = "status-299"
    status = 299
    expects = expect(Outcome.OK, 299)


@registered
class Status300(Refusing):
    """300: several choices, and none of them in a Location."""

    name = "status-300"
    status = 300
    expects = expect(Outcome.PROTOCOL_ERROR, 300)


@registered
class Status304(Raw):
    """304 to a request that named nothing to compare with."""

    name = "not-modified-unasked"
    raw = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    expects = expect(Outcome.NOT_MODIFIED, 304)


@registered
class Status407(Refusing):
    """407: takes us for a proxy's client."""

    name = "status-407"
    status = 407
    expects = expect(Outcome.DENIED, 407)


@registered
class Status599(Refusing):
    """599, as some gateways say that they timed out."""

    name = "status-599"
    status = 599
    expects = expect(Outcome.SERVER_ERROR, 599)


@registered
class Status600(Raw):
    """Status 600."""

    name = "status-600"
    raw = whole(b"HTTP/1.1 600 Beyond\r\n")
    expects = expect(Outcome.PROTOCOL_ERROR, 600)


@registered
class ReasonUtf8(Raw):
    """A reason phrase in UTF-8."""

    name = "reason-utf-8"
    raw = whole("HTTP/1.1 200 Schön ✓\r\nContent-Type: image/jpeg\r\n".encode())
    expects = _READ


@registered
class ReasonLatin1(Raw):
    """A reason phrase in Latin-1."""

    name = "reason-latin-1"
    raw = whole("HTTP/1.1 200 Trouvé\r\nContent-Type: image/jpeg\r\n".encode("latin-1"))
    expects = _READ


@registered
class ReasonEmpty(Raw):
    """No reason phrase, nor the space before it."""

    name = "reason-empty"
    raw = whole(b"HTTP/1.1 200\r\nContent-Type: image/jpeg\r\n")
    expects = _READ


@registered
class ManyHeaders(Raw):
    """900 headers, which is many and can be read."""

    name = "900-headers"
    raw = whole(_OK + b"".join(b"X-%d: y\r\n" % number for number in range(900)))
    expects = _READ


@registered
class TooManyHeaders(Raw):
    """2,000 headers, more than are read."""

    name = "2000-headers"
    raw = whole(_OK + b"".join(b"X-%d: y\r\n" % number for number in range(2_000)))
    expects = _REFUSED


@registered
class LongHeader(Raw):
    """One header of 60 kB, which can be read."""

    name = "60-kb-header"
    raw = whole(_OK + b"X-Long: " + b"y" * 60_000 + b"\r\n")
    expects = _READ


@registered
class TooLongHeader(Raw):
    """One header of 70 kB, more than is read."""

    name = "70-kb-header"
    raw = whole(_OK + b"X-Long: " + b"y" * 70_000 + b"\r\n")
    expects = _REFUSED


@registered
class NulInHeader(Raw):
    """A NUL in a header (RFC 9110, 5.5: refused or replaced)."""

    name = "nul-in-header"
    raw = whole(_OK + b"X-Note: a\x00b\r\n")
    expects = _REFUSED


@registered
class NamelessHeader(Raw):
    """A header without a name."""

    name = "nameless-header"
    raw = whole(_OK + b": nobody\r\n")
    expects = _REFUSED


@registered
class HostileHeaders(Raw):
    """Headers that would like to be a terminal's, a spreadsheet's or a browser's command."""

    name = "hostile-headers"
    raw = (
        b'HTTP/1.1 200 \xff\xfe\r\nContent-Type: =HYPERLINK("http://evil.test")\r\n'
        b'Server: <script>alert(1)</script>\xe2\x80\xae\xf0\x9f\r\nETag: "\'; drop table links; --"\r\n'
        b"Last-Modified: \xc2\x9b31m\xff\xff ../../etc/passwd\r\n" + whole(b"")
    )
    expects = _READ


class Endless(Behaviour):
    """Never comes to the end of its head."""

    line: ClassVar[bytes]
    pause_s: ClassVar[float]

    def look(self, request: Request) -> Answer:
        """Go on."""
        return Script(self._lines(), 200)

    def _lines(self) -> Iterator[Step]:
        yield Send(_OK)
        while True:
            yield Send(self.line)
            yield Wait(self.pause_s)


@registered
class EndlessHeaders(Endless):
    """One header after the other, as fast as they are read."""

    name = "endless-headers"
    line = b"X-More: and more\r\n" * 100
    pause_s = 0.001
    expects = _REFUSED


@registered
class DripInHead(Endless):
    """A byte of its head every tenth of a second."""

    name = "drip-in-head"
    line = b"x"
    pause_s = 0.1
    expects = expect(Outcome.TIMEOUT)


@registered
class EndlessChunkExtension(Behaviour):
    """A chunk whose extension never ends, so that there is much on the wire and no body."""

    name = "endless-chunk-extension"
    expects = unread(Outcome.TIMEOUT)

    def look(self, request: Request) -> Answer:
        """Extend."""
        return Script(_extension(), 200)


def _extension() -> Iterator[Step]:
    yield Send(_OK + b"Transfer-Encoding: chunked\r\n\r\n%x;a=" % len(JPEG))
    while True:
        yield Send(b"b" * 1000)
        yield Wait(0.01)
