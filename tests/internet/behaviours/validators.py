"""Hosts that say what their pictures are known by, and what they make of it when they are asked again.

Room: pure rules. Those that must not be asked with what they said answer 304 if they are, as a trap.
"""

from dataclasses import replace
from typing import ClassVar

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import Behaviour, Expectation, registered
from tests.internet.framing import frame
from tests.internet.host import picture_reply
from tests.internet.messages import NOT_FOUND, Answer, Headers, Reply, Request, Script, Send

_SERVED = (Expectation(outcome=Outcome.OK, status=200, media_type="image/jpeg", body_bytes=14_000),)
_UNCHANGED = (Expectation(outcome=Outcome.NOT_MODIFIED, status=304),)
_ANSWERED_304 = Reply(status=304)


def asks_what_changed(request: Request) -> bool:
    """Tell whether a request is conditional."""
    named = ("if-none-match", "if-modified-since", "if-match", "if-unmodified-since")
    return any(request.header(name) is not None for name in named)


class Known(Behaviour):
    """Serves a picture with validators, and 304 to whoever has it (`framing.py` does that)."""

    validators: ClassVar[Headers]
    expects = _SERVED
    again = _UNCHANGED

    def look(self, request: Request) -> Answer:
        """Answer with the picture and what it is known by."""
        reply = picture_reply(request)
        return replace(reply, headers=(*reply.headers, *self.validators))


class Trapped(Known):
    """Says something that must not be said back, and 304 to whoever does."""

    again = _SERVED

    def look(self, request: Request) -> Answer:
        """Spring the trap at any condition."""
        return _ANSWERED_304 if asks_what_changed(request) else super().look(request)


@registered
class StrongTag(Known):
    """A strong entity tag."""

    name = "etag-strong"
    validators = (("ETag", '"5f3-16a"'),)


@registered
class WeakTag(Known):
    """A weak entity tag, which vouches for the picture and not for its bytes."""

    name = "etag-weak"
    validators = (("ETag", 'W/"5f3-16a"'),)


@registered
class ModifiedLongAgo(Known):
    """A Last-Modified and no entity tag."""

    name = "last-modified"
    validators = (("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"),)


@registered
class TagAndDate(Known):
    """Both; the tag decides (RFC 9110, 13.1.3)."""

    name = "etag-and-date"
    validators = (("ETag", '"a!#$~"'), ("Last-Modified", "Tue, 01 Feb 2022 00:00:00 GMT"))


@registered
class NewTag(Known):
    """Another entity tag at every look, and the picture each time."""

    name = "etag-never-twice"
    validators = ()
    again = _SERVED

    def look(self, request: Request) -> Answer:
        """Answer with a tag of this moment."""
        reply = picture_reply(request)
        return replace(reply, headers=(*reply.headers, ("ETag", f'"{request.monotonic_s}"')))


@registered
class TagNotHeeded(Known):
    """An entity tag that stands, and all of the picture to whoever asks whether it does."""

    name = "etag-not-heeded"
    validators = (("ETag", '"same"'),)
    again = _SERVED

    def look(self, request: Request) -> Answer:
        """Answer as if nothing had been asked."""
        reply = super().look(request)
        assert isinstance(reply, Reply)
        unasked = replace(request, head=request.head.partition(b"\r\n")[0])
        return Script((Send(frame(reply, unasked)),), reply.status)


@registered
class StarTag(Trapped):
    """A star where a tag should be: sent back it asks for anything at all."""

    name = "etag-star"
    validators = (("ETag", "*"),)


@registered
class EmptyTag(Trapped):
    """An entity tag with nothing in it, as if every picture had the same."""

    name = "etag-empty"
    validators = (("ETag", '""'),)


@registered
class BareTag(Trapped):
    """An entity tag without its quotes."""

    name = "etag-bare"
    validators = (("ETag", "5f3-16a"),)


@registered
class UnprintableTag(Trapped):
    """An entity tag with a tab, a control character and bytes that are no ASCII."""

    name = "etag-unprintable"
    plain = False
    validators = (("ETag", '"a\tb\x7f\xe9"'),)


@registered
class ModifiedInFuture(Trapped):
    """A Last-Modified that is years away, so that nothing is ever newer."""

    name = "last-modified-2099"
    validators = (("Last-Modified", "Thu, 01 Jan 2099 00:00:00 GMT"),)


@registered
class ModifiedAtEpoch(Trapped):
    """A Last-Modified of a server that knows no date."""

    name = "last-modified-1970"
    validators = (("Last-Modified", "Thu, 01 Jan 1970 00:00:00 GMT"),)


@registered
class ModifiedSometime(Trapped):
    """A Last-Modified that is no date."""

    name = "last-modified-absurd"
    validators = (("Last-Modified", "yesterday, or the day before"),)


@registered
class TagBehindRedirect(Known):
    """The tag is of where a redirect leads; whoever names it to the redirect itself gets a 404."""

    name = "etag-behind-redirect"
    validators = (("ETag", '"behind"'),)
    more_paths = ("/behind.jpg",)
    expects = (replace(_SERVED[0], hops=1),)
    again = (replace(_UNCHANGED[0], hops=1),)

    def look(self, request: Request) -> Answer:
        """Lead on, or answer with the picture."""
        if request.path == "/behind.jpg":
            return super().look(request)
        if asks_what_changed(request):
            return NOT_FOUND
        return Reply(status=302, headers=(("Location", "/behind.jpg"),))


@registered
class BodyIn304(Known):
    """304 with a body behind it, which it cannot have (RFC 9112, 6.3)."""

    name = "not-modified-with-body"
    plain = False
    validators = (("ETag", '"same"'),)
    again = (Expectation(outcome=Outcome.NOT_MODIFIED, status=304),)

    def look(self, request: Request) -> Answer:
        """Answer the question with a 304 and five bytes."""
        if not asks_what_changed(request):
            return super().look(request)
        return Script((Send(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello"),), 304)


@registered
class Parrot(Known):
    """Once somebody has asked what changed: 304 to everything, nonsense as well."""

    name = "not-modified-to-all"
    validators = (("ETag", '"same"'),)

    def __init__(self) -> None:
        """Nobody has asked yet."""
        super().__init__()
        self._says_304 = False

    def owns(self, path: str) -> bool:
        """Own every path once it has begun."""
        return self._says_304 or super().owns(path)

    def look(self, request: Request) -> Answer:
        """Answer with the picture, or with 304 for good."""
        self._says_304 |= asks_what_changed(request)
        return _ANSWERED_304 if self._says_304 else super().look(request)
