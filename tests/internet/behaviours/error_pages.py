"""Hosts that refuse with a page which cannot be read: the status is the answer all the same.

Room: pure rules.
"""

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import PICTURE, Behaviour, Expectation, registered
from tests.internet.host import picture_reply
from tests.internet.messages import Answer, Close, Request, Script, Send, Wait

_PAGES = {
    "/cut.jpg": b"404 Not Found\r\nContent-Length: 9000\r\n\r\n<html>",
    "/coding.jpg": b"410 Gone\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\n<html>",
    "/unknown.jpg": b"403 Forbidden\r\nContent-Encoding: x-own\r\nContent-Length: 6\r\n\r\n<html>",
    "/huge.jpg": b"404 Not Found\r\nContent-Length: 99999999999\r\n\r\n<html>",
}


@registered
class BrokenErrorPages(Behaviour):
    """404, 410 and 403 whose pages are cut off, badly coded, or too large."""

    name = "broken-error-pages"
    plain = False
    expects = (
        Expectation(outcome=Outcome.GONE, status=404, path="/cut.jpg"),
        Expectation(outcome=Outcome.GONE, status=410, path="/coding.jpg"),
        Expectation(outcome=Outcome.DENIED, status=403, path="/unknown.jpg"),
        Expectation(outcome=Outcome.GONE, status=404, path="/huge.jpg"),
    )

    def look(self, request: Request) -> Answer:
        """Send the page of a path, and close when its head has arrived."""
        page = b"HTTP/1.1 " + _PAGES[request.path].replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        if request.method == "HEAD":
            page = page.removesuffix(b"<html>")
        return Script((Send(page), Wait(0.05), Close()), 404)


@registered
class LeavesAfterBadPage(Behaviour):
    """Keeps its connection after a badly coded page, and hangs up on it when it is asked again."""

    name = "leaves-after-bad-page"
    plain = False
    expects = (
        Expectation(outcome=Outcome.GONE, status=410, path="/coding.jpg"),
        *(
            Expectation(outcome=Outcome.OK, status=200, path=path, media_type="image/jpeg")
            for path in (PICTURE, "/first.jpg", "/third.jpg")  # one comes after the page at least
        ),
    )

    def __init__(self) -> None:
        """Remember no connection."""
        super().__init__()
        self._used: set[int] = set()

    def look(self, request: Request) -> Answer:
        """Send the bad page, and after it no picture over the same connection."""
        if request.path == "/coding.jpg":
            self._used.add(request.connection_id)
            page = b"HTTP/1.1 " + _PAGES["/coding.jpg"]
            return Script(
                (Send(page.removesuffix(b"<html>" if request.method == "HEAD" else b"")),)
            )
        if request.connection_id in self._used:
            return Script((Close(),))
        return picture_reply(request)
