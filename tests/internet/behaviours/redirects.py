"""Hosts that send a look elsewhere.

Room: pure rules.
"""

from typing import ClassVar

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import PICTURE, Behaviour, Expectation, expect, registered
from tests.internet.host import picture_reply
from tests.internet.messages import Answer, Reply, Request


def redirect(location: str, status: int = 302) -> Reply:
    """Return a redirect to `location`."""
    return Reply(status=status, headers=(("Location", location),))


class Redirecting(Behaviour):
    """Sends its picture's path to one location."""

    location: ClassVar[str]
    status: ClassVar[int] = 302

    def look(self, request: Request) -> Answer:
        """Redirect the picture; serve one at the other paths of this behaviour."""
        if request.path != PICTURE:
            return picture_reply(request)
        return redirect(self.location, self.status)


def _ok_after(hops: int) -> tuple[Expectation, ...]:
    return (Expectation(outcome=Outcome.OK, status=200, hops=hops),)


@registered
class RedirectRelative(Redirecting):
    """301 with a relative Location (RFC 9110, 10.2.2)."""

    name = "redirect-relative"
    status = 301
    location = "moved/picture.jpg?size=large"
    more_paths = ("/moved/picture.jpg",)
    expects = _ok_after(1)


@registered
class RedirectToAnotherHost(Redirecting):
    """302 to a host that serves the picture."""

    name = "redirect-to-another-host"
    location = "http://ok-jpeg.test/picture.jpg"
    needs = ("ok-jpeg",)
    expects = _ok_after(1)


@registered
class RedirectToHttps(Redirecting):
    """308 to the same host, encrypted."""

    name = "redirect-to-https"
    status = 308
    location = f"https://{name}.test/secure.jpg"
    more_paths = ("/secure.jpg",)
    expects = _ok_after(1)


@registered
class RedirectToForbiddenByRobots(Redirecting):
    """302 to a host whose robots.txt forbids everything."""

    name = "redirect-to-robots-denied"
    location = "http://robots-deny-all.test/picture.jpg"
    needs = ("robots-deny-all",)
    expects = (Expectation(outcome=Outcome.ROBOTS_DENIED, hops=1),)


@registered
class RedirectLoop(Redirecting):
    """302 to itself."""

    name = "redirect-loop"
    location = PICTURE
    expects = (Expectation(outcome=Outcome.TOO_MANY_REDIRECTS, hops=11),)  # ten were followed


class RedirectChain(Behaviour):
    """Counts down from its number of hops to the picture."""

    hops: ClassVar[int]

    def owns(self, path: str) -> bool:
        """Every step of the way is ours."""
        return path == PICTURE or path.startswith("/hop/")

    def look(self, request: Request) -> Answer:
        """Send on to the next step, or serve the picture at the last."""
        left = self.hops if request.path == PICTURE else int(request.path.rpartition("/")[2])
        return redirect(f"/hop/{left - 1}") if left else picture_reply(request)


@registered
class RedirectTenHops(RedirectChain):
    """Ten redirects, as many as are followed."""

    name = "redirect-10-hops"
    hops = 10
    expects = _ok_after(10)


@registered
class RedirectTwelveHops(RedirectChain):
    """Twelve redirects, more than are followed."""

    name = "redirect-12-hops"
    hops = 12
    expects = (Expectation(outcome=Outcome.TOO_MANY_REDIRECTS, hops=11),)  # ten were followed


@registered
class RedirectNowhere(Behaviour):
    """302 without a Location."""

    name = "redirect-nowhere"
    expects = expect(Outcome.PROTOCOL_ERROR, 302)

    def look(self, request: Request) -> Answer:
        """Forget where to."""
        return Reply(status=302)


@registered
class RedirectToFile(Redirecting):
    """302 to a file of the machine that asks."""

    name = "redirect-to-file"
    location = "file:///etc/hostname"
    expects = (Expectation(outcome=Outcome.ADDRESS_BLOCKED, hops=1),)


@registered
class RedirectToPrivateAddress(Redirecting):
    """302 to an address of the network behind whoever asks."""

    name = "redirect-to-private-address"
    location = "http://10.0.0.1/picture.jpg"
    expects = (Expectation(outcome=Outcome.ADDRESS_BLOCKED, hops=1),)


@registered
class RedirectToMetadata(Redirecting):
    """302 to a cloud's metadata service, its link-local address written as one number."""

    name = "redirect-to-metadata"
    location = "http://2852039166/latest/meta-data/"
    expects = (Expectation(outcome=Outcome.ADDRESS_BLOCKED, hops=1),)
