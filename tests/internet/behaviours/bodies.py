"""Hosts whose bodies are not what their headers, or their URL, promise.

Room: pure rules.
"""

from collections.abc import Iterator

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import (
    PICTURE,
    Behaviour,
    Expectation,
    registered,
    unread,
)
from tests.internet.behaviours.connections import HALF_AN_ANSWER
from tests.internet.host import picture_reply
from tests.internet.messages import Answer, Close, Reply, Request, Script, Send, Stall, Step, page

_CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n"


@registered
class EndlessBody(Behaviour):
    """Sends a body that has no length and no end."""

    name = "endless-body"
    expects = (Expectation(outcome=Outcome.TOO_LARGE, in_sniff=Outcome.OK, in_head=Outcome.OK),)

    def look(self, request: Request) -> Answer:
        """Go on for as long as the client reads."""
        return Script(_endless(), 200)


def _endless() -> Iterator[Step]:
    yield Send(
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nConnection: close\r\n\r\n\xff\xd8\xff"
    )
    while True:
        yield Send(bytes(65_536))


@registered
class HugeDeclaredBody(Behaviour):
    """Declares ten gigabytes, sends a little, and waits."""

    name = "huge-declared-body"
    expects = (
        Expectation(outcome=Outcome.TOO_LARGE, in_sniff=Outcome.TIMEOUT, in_head=Outcome.OK),
    )

    def look(self, request: Request) -> Answer:
        """Promise."""
        head = HALF_AN_ANSWER.replace(b"Content-Length: 20000", b"Content-Length: 10000000000")
        return Script((Send(head), Stall()), 200)


@registered
class ShortBody(Behaviour):
    """Sends less than its Content-Length and closes."""

    name = "short-body"
    expects = unread(Outcome.TRUNCATED)

    def look(self, request: Request) -> Answer:
        """Send half, then close."""
        return Script((Send(HALF_AN_ANSWER), Close()), 200)


@registered
class ChunkedCut(Behaviour):
    """Closes in the middle of a chunked body."""

    name = "chunked-cut"
    expects = unread(Outcome.TRUNCATED)

    def look(self, request: Request) -> Answer:
        """Send a chunk and never the last one."""
        return Script((Send(_CHUNKED + b"4\r\n\xff\xd8\xff\xe0\r\n"), Close()), 200)


@registered
class ChunkedBroken(Behaviour):
    """Gives a chunk a size that is no number."""

    name = "chunked-broken"
    expects = unread(Outcome.PROTOCOL_ERROR)

    def look(self, request: Request) -> Answer:
        """Send a chunk, then nonsense."""
        return Script((Send(_CHUNKED + b"4\r\n\xff\xd8\xff\xe0\r\nmuch\r\nmore\r\n"), Close()), 200)


@registered
class EmptyBody(Behaviour):
    """200, image/jpeg, and not a byte."""

    name = "empty-body"
    expects = (Expectation(outcome=Outcome.OK, status=200, body_bytes=0),)

    def look(self, request: Request) -> Answer:
        """Send nothing."""
        return Reply(headers=(("Content-Type", "image/jpeg"),))


@registered
class HtmlForPicture(Behaviour):
    """200 and a page of HTML where a picture was."""

    name = "html-for-picture"
    expects = (Expectation(outcome=Outcome.OK, status=200, media_type="text/html"),)

    def look(self, request: Request) -> Answer:
        """Send the front page."""
        return page(200, "Welcome to our new site")


@registered
class Soft404(Behaviour):
    """200 and the same page for every path there is."""

    name = "soft-404"
    expects = tuple(
        Expectation(outcome=Outcome.OK, status=200, path=path, media_type="text/html")
        for path in (PICTURE, "/another.jpg", "/third.png")
    )

    def owns(self, path: str) -> bool:
        """There is nothing that is not here."""
        return True

    def look(self, request: Request) -> Answer:
        """Be glad to see you."""
        return page(200, "Oh! We could not find that. Here is our front page")


@registered
class Cookies(Behaviour):
    """Sets cookies with each answer, and refuses whoever brings one back."""

    name = "cookies"
    expects = tuple(
        Expectation(outcome=Outcome.OK, status=200, path=path) for path in (PICTURE, "/second.jpg")
    )

    def look(self, request: Request) -> Answer:
        """Set two cookies, unless there is one."""
        if request.header("cookie") is not None:
            return page(400, "You brought a cookie back")
        reply = picture_reply(request)
        cookies = (("Set-Cookie", "id=1; Path=/"), ("Set-Cookie", "seen=yes; Max-Age=86400"))
        return Reply(headers=(*reply.headers, *cookies), body=reply.body)
