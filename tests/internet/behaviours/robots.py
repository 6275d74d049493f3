"""Hosts with a robots.txt worth reading (RFC 9309).

Room: pure rules. The pictures of these hosts can all be had by whoever does not ask first.
"""

from typing import ClassVar

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import PICTURE, Behaviour, Expectation, expect, registered
from tests.internet.behaviours.redirects import redirect
from tests.internet.messages import Answer, Reply, Request, Script, Stall, page, plain_text

DENY_ALL = "User-agent: *\nDisallow: /\n"


class WithRobots(Behaviour):
    """Has a robots.txt of one text."""

    robots_text: ClassVar[str]

    def robots(self, request: Request) -> Answer:
        """Send the text."""
        return plain_text(self.robots_text)


@registered
class RobotsDenyAll(WithRobots):
    """Asks everybody to stay away."""

    name = "robots-deny-all"
    robots_text = DENY_ALL
    expects = expect(Outcome.ROBOTS_DENIED)


@registered
class RobotsDenyUs(WithRobots):
    """Asks us by name to stay away, and nobody else."""

    name = "robots-deny-us"
    robots_text = "User-agent: *\nAllow: /\n\nUser-agent: stillup\nDisallow: /\n"
    expects = expect(Outcome.ROBOTS_DENIED)


@registered
class RobotsDenyPath(WithRobots):
    """Asks everybody to stay out of one folder."""

    name = "robots-deny-path"
    robots_text = "User-agent: *\nDisallow: /private/\n"
    expects = (
        Expectation(outcome=Outcome.OK, status=200),
        Expectation(outcome=Outcome.ROBOTS_DENIED, path="/private/picture.jpg"),
    )


@registered
class RobotsCrawlDelay(WithRobots):
    """Asks for a second between requests."""

    name = "robots-crawl-delay"
    robots_text = "User-agent: *\nCrawl-delay: 1\n"
    expects = tuple(
        Expectation(outcome=Outcome.OK, status=200, path=f"/{number}.jpg") for number in range(3)
    )


@registered
class RobotsLarge(WithRobots):
    """600 KiB, with the rule that counts at 480 KiB: at least 500 KiB are to be read."""

    name = "robots-large"
    robots_text = (
        "User-agent: *\n"
        + ("# " + "-" * 61 + "\n") * 7680
        + "Disallow: /\n"
        + ("#" * 63 + "\n") * 1920
    )
    expects = expect(Outcome.ROBOTS_DENIED)


class RobotsStatus(Behaviour):
    """Answers robots.txt with one status and a body that forbids everything."""

    status: ClassVar[int]

    def robots(self, request: Request) -> Answer:
        """Send the status."""
        return plain_text(DENY_ALL, status=self.status)


@registered
class Robots404(RobotsStatus):
    """Has no robots.txt: everything is allowed (2.3.1.3)."""

    name = "robots-404"
    status = 404
    expects = expect(Outcome.OK, 200)


@registered
class Robots403(RobotsStatus):
    """Forbids the robots.txt itself: everything is allowed (2.3.1.3)."""

    name = "robots-403"
    status = 403
    expects = expect(Outcome.OK, 200)


@registered
class Robots500(RobotsStatus):
    """Fails at its robots.txt: nothing is allowed (2.3.1.4)."""

    name = "robots-500"
    status = 500
    expects = expect(Outcome.ROBOTS_UNREACHABLE)


@registered
class RobotsStall(Behaviour):
    """Never answers for its robots.txt: nothing is allowed (2.3.1.4)."""

    name = "robots-stall"
    expects = expect(Outcome.ROBOTS_UNREACHABLE)

    def robots(self, request: Request) -> Answer:
        """Wait for the client to give up."""
        return Script((Stall(),))


@registered
class RobotsHtml(Behaviour):
    """Answers robots.txt with its front page, in which there is no rule."""

    name = "robots-html"
    expects = expect(Outcome.OK, 200)

    def robots(self, request: Request) -> Answer:
        """Send the front page."""
        return page(200, "Welcome")


class RobotsElsewhere(Behaviour):
    """Redirects its robots.txt a number of times, to one that forbids everything."""

    hops: ClassVar[int]

    def owns(self, path: str) -> bool:
        """Every step of the way is ours."""
        return path == PICTURE or path.startswith("/rules/")

    def robots(self, request: Request) -> Answer:
        """Send to the first step."""
        return redirect(f"/rules/{self.hops - 1}")

    def look(self, request: Request) -> Answer:
        """Send on to the next step, or the rules at the last."""
        if request.path == PICTURE:
            return super().look(request)
        left = int(request.path.rpartition("/")[2])
        reply: Reply = redirect(f"/rules/{left - 1}") if left else plain_text(DENY_ALL)
        return reply


@registered
class RobotsMoved(RobotsElsewhere):
    """Redirects its robots.txt to another path, where it is to be obeyed."""

    name = "robots-moved"
    hops = 1
    expects = expect(Outcome.ROBOTS_DENIED)


@registered
class RobotsFiveHops(RobotsElsewhere):
    """Redirects its robots.txt five times, as many as are followed (2.3.1.2)."""

    name = "robots-5-hops"
    hops = 5
    expects = expect(Outcome.ROBOTS_DENIED)


@registered
class RobotsSevenHops(RobotsElsewhere):
    """Redirects its robots.txt seven times: it may be taken for missing (2.3.1.2)."""

    name = "robots-7-hops"
    hops = 7
    expects = expect(Outcome.OK, 200)
