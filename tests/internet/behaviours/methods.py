"""Hosts that treat HEAD, Range or a plain GET in a way of their own.

Room: pure rules.
"""

from dataclasses import replace

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import Behaviour, Expectation, registered
from tests.internet.host import picture_reply
from tests.internet.messages import NOT_FOUND, Answer, Close, Reply, Request, Script, page

# Whoever falls back to GET may ask for a part only: 200 and 206 are both well.
_OK_BY_HEAD = (Expectation(outcome=Outcome.OK, mode="head"),)
_OK_BY_SNIFF = (Expectation(outcome=Outcome.OK, media_type="image/jpeg", mode="sniff"),)
LARGE_BYTES = 300_000


@registered
class HeadHonest(Behaviour):
    """Answers HEAD as it would answer GET."""

    name = "head-honest"
    expects = _OK_BY_HEAD


@registered
class HeadNotAllowed(Behaviour):
    """Answers HEAD with 405 and GET with the picture."""

    name = "head-405"
    expects = _OK_BY_HEAD

    def look(self, request: Request) -> Answer:
        """Allow GET."""
        if request.method != "HEAD":
            return picture_reply(request)
        return page(405, "Method not allowed", headers=(("Allow", "GET"),))


@registered
class HeadLies(Behaviour):
    """Answers HEAD with 404 and GET with the picture."""

    name = "head-lies"
    expects = _OK_BY_HEAD

    def look(self, request: Request) -> Answer:
        """Lie to HEAD."""
        return NOT_FOUND if request.method == "HEAD" else picture_reply(request)


@registered
class HeadHangsUp(Behaviour):
    """Hangs up on HEAD and answers GET with the picture."""

    name = "head-hangs-up"
    expects = _OK_BY_HEAD

    def look(self, request: Request) -> Answer:
        """Hang up on HEAD."""
        return Script((Close(),)) if request.method == "HEAD" else picture_reply(request)


@registered
class RangeHonoured(Behaviour):
    """Answers a Range with that part and 206."""

    name = "range-honoured"
    expects = _OK_BY_SNIFF

    def look(self, request: Request) -> Answer:
        """Send what was asked for."""
        reply = picture_reply(request, body_bytes=LARGE_BYTES)
        return replace(reply, headers=(*reply.headers, ("Accept-Ranges", "bytes")))


@registered
class RangeIgnored(Behaviour):
    """Answers a Range with everything and 200."""

    name = "range-ignored"
    expects = _OK_BY_SNIFF

    def look(self, request: Request) -> Answer:
        """Send everything."""
        return replace(picture_reply(request, body_bytes=LARGE_BYTES), ranges=False)


@registered
class PartUnasked(Behaviour):
    """Answers a GET that named no Range with 206 and the first thousand bytes."""

    name = "part-unasked"
    expects = (Expectation(outcome=Outcome.OK, status=206, body_bytes=1_000),)

    def look(self, request: Request) -> Answer:
        """Send a part."""
        whole = picture_reply(request)
        span = ("Content-Range", f"bytes 0-999/{len(whole.body)}")
        return Reply(status=206, headers=(*whole.headers, span), body=whole.body[:1_000])
