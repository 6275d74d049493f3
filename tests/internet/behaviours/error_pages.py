"""Hosts that refuse with a page which cannot be read: the status is the answer all the same.

Room: pure rules.
"""

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import Behaviour, Expectation, registered
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
