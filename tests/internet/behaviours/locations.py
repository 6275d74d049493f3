"""Hosts whose redirects lead in circles, nowhere, or to what is no address.

Room: pure rules.
"""

from typing import ClassVar

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import PICTURE, Behaviour, Expectation, expect, registered
from tests.internet.behaviours.framings import Raw
from tests.internet.behaviours.redirects import RedirectChain, Redirecting, redirect
from tests.internet.messages import Answer, Request


@registered
class RedirectThirtyHops(RedirectChain):
    """Thirty redirects, far more than are followed."""

    name = "redirect-30-hops"
    hops = 30
    expects = (Expectation(outcome=Outcome.TOO_MANY_REDIRECTS, hops=11),)


class Partner(Behaviour):
    """One of two hosts that redirect to each other."""

    partner: ClassVar[str]
    expects = (Expectation(outcome=Outcome.TOO_MANY_REDIRECTS, hops=11),)

    def look(self, request: Request) -> Answer:
        """Send to the other."""
        return redirect(f"http://{self.partner}.test{PICTURE}")


@registered
class LoopOne(Partner):
    """302 to a host that sends back."""

    name = "loop-of-two-one"
    partner = "loop-of-two-other"
    needs = (partner,)


@registered
class LoopOther(Partner):
    """302 back to the host that sent here."""

    name = "loop-of-two-other"
    partner = "loop-of-two-one"
    needs = (partner,)


@registered
class LocationEmpty(Redirecting):
    """302 with an empty Location, which is the same URL again (RFC 3986, 5.2.2)."""

    name = "location-empty"
    location = ""
    expects = (Expectation(outcome=Outcome.TOO_MANY_REDIRECTS, hops=11),)


@registered
class LocationScript(Redirecting):
    """302 to a script."""

    name = "location-javascript"
    location = "javascript:alert(document.domain)"
    expects = (Expectation(outcome=Outcome.ADDRESS_BLOCKED, hops=1),)


@registered
class LocationData(Redirecting):
    """302 to a picture in the Location itself."""

    name = "location-data"
    location = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
    expects = (Expectation(outcome=Outcome.ADDRESS_BLOCKED, hops=1),)


@registered
class LocationNoUrl(Redirecting):
    """302 to what is no URL."""

    name = "location-no-url"
    location = "http://[::1"
    expects = (Expectation(outcome=Outcome.PROTOCOL_ERROR, hops=1),)


@registered
class LocationNowhere(Redirecting):
    """302 to a name that does not exist."""

    name = "location-nxdomain"
    location = "http://nxdomain.test/picture.jpg"
    needs = ("nxdomain",)
    expects = (Expectation(outcome=Outcome.DNS_NOT_FOUND, hops=1),)


@registered
class LocationWithPassword(Redirecting):
    """302 to a URL with a user and a password, which are not sent on."""

    name = "location-with-password"
    location = "http://user:secret@ok-jpeg.test/picture.jpg#part"
    needs = ("ok-jpeg",)
    expects = (Expectation(outcome=Outcome.OK, status=200, hops=1),)


@registered
class LocationUnicode(Raw):
    """302 to a path in bare UTF-8, which a browser would escape."""

    name = "location-utf-8"
    raw = (
        "HTTP/1.1 302 Found\r\nLocation: http://location-target.test/bücher.jpg\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()
    needs = ("location-target",)
    expects = (Expectation(outcome=Outcome.OK, status=200, hops=1),)


@registered
class LocationTarget(Behaviour):
    """Serves a picture at a path that is not ASCII."""

    name = "location-target"
    expects = (
        Expectation(outcome=Outcome.OK, status=200, path="/b%C3%BCcher.jpg"),
        Expectation(outcome=Outcome.GONE, status=404, path="/books.jpg"),
    )

    def owns(self, path: str) -> bool:
        """Only the first is there."""
        return path == "/b%C3%BCcher.jpg"


@registered
class LocationTwice(Raw):
    """302 with two Locations; the first is followed."""

    name = "location-twice"
    raw = (
        b"HTTP/1.1 302 Found\r\nLocation: http://ok-jpeg.test/picture.jpg\r\n"
        b"Location: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n"
    )
    needs = ("ok-jpeg",)
    expects = (Expectation(outcome=Outcome.OK, status=200, hops=1),)


@registered
class LocationEndless(Redirecting):
    """302 to a URL of 60 kB, longer than is asked for."""

    name = "location-60-kb"
    location = "/" + "a" * 60_000
    expects = (Expectation(outcome=Outcome.PROTOCOL_ERROR, hops=1),)


@registered
class LocationUnderOk(Redirecting):
    """200 with a Location, which is no redirect."""

    name = "location-under-200"
    status = 200
    location = "http://10.0.0.1/"
    expects = expect(Outcome.OK, 200)
