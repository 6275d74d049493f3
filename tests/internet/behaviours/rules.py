"""Hosts whose robots.txt is large, odd, coded, or somewhere else.

Room: pure rules. `robots.py` has the plain ones.
"""

import gzip
from typing import ClassVar

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import Behaviour, Expectation, expect, registered
from tests.internet.behaviours.redirects import redirect
from tests.internet.behaviours.robots import DENY_ALL, RobotsStatus, WithRobots
from tests.internet.messages import Answer, Close, Headers, Reply, Request, Script, Send, plain_text

_DENIED = expect(Outcome.ROBOTS_DENIED)
_ALLOWED = expect(Outcome.OK, 200)
_UNREACHABLE = expect(Outcome.ROBOTS_UNREACHABLE)


class RobotsBytes(Behaviour):
    """Has a robots.txt of some bytes."""

    robots_bytes: ClassVar[bytes]
    coding: ClassVar[str | None] = None

    def robots(self, request: Request) -> Answer:
        """Send the bytes."""
        headers: Headers = (("Content-Type", "text/plain"),)
        if self.coding is not None:
            headers += (("Content-Encoding", self.coding),)
        return Reply(headers=headers, body=self.robots_bytes)


@registered
class RobotsUtf16(RobotsBytes):
    """Forbids everything in UTF-16, which RFC 9309 does not want, but which is meant."""

    name = "robots-utf-16"
    robots_bytes = DENY_ALL.encode("utf-16")
    expects = _DENIED


@registered
class RobotsMarked(RobotsBytes):
    """Forbids everything after a byte order mark."""

    name = "robots-bom"
    robots_bytes = b"\xef\xbb\xbf" + DENY_ALL.encode()
    expects = _DENIED


@registered
class RobotsOldMac(RobotsBytes):
    """Forbids everything in lines that end with CR (RFC 9309, 2.2: they may)."""

    name = "robots-cr"
    robots_bytes = DENY_ALL.replace("\n", "\r").encode()
    expects = _DENIED


@registered
class RobotsNul(RobotsBytes):
    """Forbids everything, with NULs in between."""

    name = "robots-nul"
    robots_bytes = b"\x00User-agent: *\x00\nDisallow: \x00/\n\x00"
    expects = _DENIED


@registered
class RobotsGzip(RobotsBytes):
    """Forbids everything under a content coding."""

    name = "robots-gzip"
    robots_bytes = gzip.compress(DENY_ALL.encode())
    coding = "gzip"
    expects = _DENIED


@registered
class RobotsBomb(RobotsBytes):
    """Forbids everything, and goes on for twenty megabytes that came as twenty kilobytes."""

    name = "robots-bomb"
    robots_bytes = gzip.compress(DENY_ALL.encode() + b"#" * 20_000_000)
    coding = "gzip"
    expects = _DENIED


@registered
class RobotsEmpty(RobotsBytes):
    """An empty robots.txt: everything is allowed."""

    name = "robots-empty"
    robots_bytes = b""
    expects = _ALLOWED


@registered
class RobotsTenMegabytes(RobotsBytes):
    """Ten megabytes; what counts is at the beginning, and its opposite at the end."""

    name = "robots-10-mb"
    robots_bytes = DENY_ALL.encode() + b"# nothing\n" * 1_000_000 + b"Allow: /picture.jpg\n"
    expects = _DENIED


@registered
class RobotsOneLine(RobotsBytes):
    """One line of 500 KiB, then the rule."""

    name = "robots-one-line"
    robots_bytes = b"User-agent: *\nAllow: /" + b"a" * 500 * 1024 + b"\nDisallow: /\n"
    expects = _DENIED


@registered
class RobotsManyAgents(RobotsBytes):
    """Names ten thousand crawlers, then as many rules for all of them."""

    name = "robots-many-agents"
    robots_bytes = (
        b"".join(b"User-agent: bot%d\n" % number for number in range(10_000))
        + b"User-agent: *\n"
        + b"".join(b"Disallow: /%d\n" % number for number in range(10_000))
        + b"Disallow: /picture\n"
    )
    expects = _DENIED


@registered
class RobotsWildcards(RobotsBytes):
    """Rules that would take a careless matcher forever."""

    name = "robots-wildcards"
    robots_bytes = b"User-agent: *\n" + (b"Disallow: /" + b"*a" * 500 + b"b$\n") * 100
    expects = _ALLOWED


@registered
class RobotsAbsurdDelay(WithRobots):
    """Asks for delays that no clock can keep; they are not heeded."""

    name = "robots-absurd-delay"
    robots_text = (
        "User-agent: *\nCrawl-delay: nan\nCrawl-delay: -5\nCrawl-delay: inf\nCrawl-delay: soon\n"
        f"Request-rate: {10**400}/1s\n"
    )
    expects = tuple(
        Expectation(outcome=Outcome.OK, status=200, path=f"/{number}.jpg") for number in range(3)
    )


@registered
class Robots429(RobotsStatus):
    """Too busy for its robots.txt: nothing is asked (decision 0035)."""

    name = "robots-429"
    status = 429
    expects = _UNREACHABLE


@registered
class Robots999(RobotsStatus):
    """A bot wall before its robots.txt: nothing is allowed."""

    name = "robots-999"
    status = 999
    expects = _UNREACHABLE


@registered
class RobotsCut(Behaviour):
    """Closes the connection in the middle of its robots.txt."""

    name = "robots-cut"
    expects = _UNREACHABLE

    def robots(self, request: Request) -> Answer:
        """Promise more than is sent."""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\n"
        return Script((Send(head + b"User-agent: *\nAllow: /\n"), Close()), 200)


class RobotsSent(Behaviour):
    """Redirects its robots.txt to one location."""

    location: ClassVar[str]

    def robots(self, request: Request) -> Answer:
        """Send on."""
        return redirect(self.location)


@registered
class RobotsAtAnotherHost(RobotsSent):
    """Redirects its robots.txt to another host's, which forbids everything."""

    name = "robots-at-another-host"
    location = "http://robots-deny-all.test/robots.txt"
    needs = ("robots-deny-all",)
    expects = _DENIED


@registered
class RobotsAtNobody(RobotsSent):
    """Redirects its robots.txt to a name that does not exist: the host itself is well."""

    name = "robots-at-nobody"
    location = "http://nxdomain.test/robots.txt"
    needs = ("nxdomain",)
    expects = _UNREACHABLE


@registered
class RobotsAtPrivateAddress(RobotsSent):
    """Redirects its robots.txt into the network behind whoever asks."""

    name = "robots-at-private-address"
    location = "http://10.0.0.1/robots.txt"
    expects = _UNREACHABLE


@registered
class RobotsInCircles(RobotsSent):
    """Redirects its robots.txt to itself: more than five redirects, so it may count as missing."""

    name = "robots-in-circles"
    location = "/robots.txt"
    expects = _ALLOWED


@registered
class RobotsPage(Behaviour):
    """Answers robots.txt with a page of HTML that quotes a robots.txt in its text."""

    name = "robots-quoted"
    expects = _ALLOWED

    def robots(self, request: Request) -> Answer:
        """Send the page."""
        return plain_text("<html><body><pre>Disallow: /\nUser-agent</pre>\n: *\n</body></html>")
