"""Hosts that answer properly, with one status or another.

Room: pure rules.
"""

from email.utils import formatdate
from typing import ClassVar

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import Behaviour, Expectation, expect, registered
from tests.internet.host import picture_reply
from tests.internet.messages import Answer, Headers, Reply, Request, page


class Pictured(Behaviour):
    """Serves a picture of one media type."""

    media_type: ClassVar[str]

    def look(self, request: Request) -> Answer:
        """Answer with the picture."""
        return picture_reply(request, self.media_type)


def _picture(path: str, media_type: str) -> tuple[Expectation, ...]:
    return (Expectation(outcome=Outcome.OK, status=200, path=path, media_type=media_type),)


@registered
class OkJpeg(Pictured):
    """A JPEG, as it should be."""

    name = "ok-jpeg"
    media_type = "image/jpeg"
    expects = _picture("/picture.jpg", "image/jpeg")


@registered
class OkPng(Pictured):
    """A PNG, as it should be."""

    name = "ok-png"
    media_type = "image/png"
    expects = _picture("/picture.png", "image/png")


@registered
class OkGif(Pictured):
    """A GIF, as it should be."""

    name = "ok-gif"
    media_type = "image/gif"
    expects = _picture("/picture.gif", "image/gif")


@registered
class OkWebp(Pictured):
    """A WebP, as it should be."""

    name = "ok-webp"
    media_type = "image/webp"
    expects = _picture("/picture.webp", "image/webp")


class Refusing(Behaviour):
    """Answers every look with one status and a page."""

    status: ClassVar[int]
    headers: ClassVar[Headers] = ()
    reason: ClassVar[str | None] = None

    def look(self, request: Request) -> Answer:
        """Answer with the status."""
        text = f"{self.status} {self.__doc__}"
        return page(self.status, text, headers=self.headers, reason=self.reason)


@registered
class NoContent(Refusing):
    """204: there is nothing, and that is fine."""

    name = "no-content"
    status = 204
    expects = expect(Outcome.OK, 204)


@registered
class NotFound(Refusing):
    """404: the plain dead link."""

    name = "not-found"
    status = 404
    expects = expect(Outcome.GONE, 404)


@registered
class Gone(Refusing):
    """410: taken down, and it says so."""

    name = "gone"
    status = 410
    expects = expect(Outcome.GONE, 410)


@registered
class Unauthorized(Refusing):
    """401: asks for a password."""

    name = "unauthorized"
    status = 401
    headers = (("WWW-Authenticate", 'Basic realm="pictures"'),)
    expects = expect(Outcome.DENIED, 401)


@registered
class Forbidden(Refusing):
    """403: somebody answers, but not to us."""

    name = "forbidden"
    status = 403
    expects = expect(Outcome.DENIED, 403)


@registered
class LegalReasons(Refusing):
    """451: blocked by law where we are."""

    name = "legal-reasons"
    status = 451
    expects = expect(Outcome.DENIED, 451)


@registered
class BotWall(Refusing):
    """999: the bot wall of LinkedIn and Yahoo, outside RFC 9110."""

    name = "bot-wall"
    status = 999
    reason = "Request denied"
    expects = expect(Outcome.DENIED, 999)


@registered
class BadRequest(Refusing):
    """400: our fault, it says."""

    name = "bad-request"
    status = 400
    expects = expect(Outcome.CLIENT_ERROR, 400)


@registered
class ServerError(Refusing):
    """500: its own fault, always."""

    name = "server-error"
    status = 500
    expects = expect(Outcome.SERVER_ERROR, 500)


@registered
class Unavailable(Refusing):
    """503 without a Retry-After: a server error like any other."""

    name = "unavailable"
    status = 503
    expects = expect(Outcome.SERVER_ERROR, 503)


@registered
class TooManyAlways(Refusing):
    """429 whenever it is asked, and never a word of when to come back."""

    name = "too-many-always"
    status = 429
    expects = expect(Outcome.RATE_LIMITED, 429)


class FirstBusy(Behaviour):
    """Answers the first look at each target with a status and a Retry-After, later ones with 200."""

    status: ClassVar[int]
    expects = (Expectation(outcome=Outcome.OK, status=200, attempts=2),)

    def __init__(self) -> None:
        """Nobody has asked yet."""
        super().__init__()
        self._asked: set[str] = set()

    def retry_after(self, request: Request) -> str:
        """Return the header's value: seconds, unless overridden."""
        return "1"

    def look(self, request: Request) -> Answer:
        """Answer the first look with the status; a query makes another target."""
        if request.target in self._asked:
            return picture_reply(request)
        self._asked.add(request.target)
        return Reply(status=self.status, headers=(("Retry-After", self.retry_after(request)),))


@registered
class TooManyForAMoment(FirstBusy):
    """429 with a Retry-After of one second, then fine."""

    name = "too-many-for-a-moment"
    status = 429


@registered
class TooManyUntilADate(FirstBusy):
    """429 with a Retry-After that is a date two seconds away, then fine."""

    name = "too-many-until-a-date"
    status = 429

    def retry_after(self, request: Request) -> str:
        """Return a date two seconds from now."""
        return formatdate(request.wall_s + 2, usegmt=True)


@registered
class BusyForAMoment(FirstBusy):
    """503 with a Retry-After of one second, then fine."""

    name = "busy-for-a-moment"
    status = 503
