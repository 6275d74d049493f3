"""Hosts whose connections fail: before the answer, instead of it, or in the middle of it.

Room: pure rules.
"""

from collections.abc import Iterator

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import (
    PICTURE,
    Behaviour,
    Expectation,
    expect,
    registered,
    unread,
)
from tests.internet.host import Listening, picture_reply
from tests.internet.messages import (
    Answer,
    Close,
    Request,
    Reset,
    Respond,
    Script,
    Send,
    Stall,
    Step,
    Wait,
)

HALF_AN_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 20000\r\n\r\n"
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(9_000)
)


@registered
class StallBeforeAnswer(Behaviour):
    """Takes the request and says nothing."""

    name = "stall-before-answer"
    expects = expect(Outcome.TIMEOUT)

    def look(self, request: Request) -> Answer:
        """Wait for the client to give up."""
        return Script((Stall(),))


@registered
class StallInBody(Behaviour):
    """Says half of the body and then nothing."""

    name = "stall-in-body"
    expects = unread(Outcome.TIMEOUT)

    def look(self, request: Request) -> Answer:
        """Send half, then wait for the client to give up."""
        return Script((Send(HALF_AN_ANSWER), Stall()), 200)


@registered
class Drip(Behaviour):
    """Sends a byte every tenth of a second, so that no single read ever takes long."""

    name = "drip"
    expects = unread(Outcome.TIMEOUT)

    def look(self, request: Request) -> Answer:
        """Drip."""
        return Script(_drops(), 200)


def _drops() -> Iterator[Step]:
    yield Send(HALF_AN_ANSWER[:-9_000])
    for _ in range(9_000):
        yield Wait(0.1)
        yield Send(b"\x00")


@registered
class ResetConnection(Behaviour):
    """Takes the request and resets the connection."""

    name = "reset"
    expects = expect(Outcome.PROTOCOL_ERROR)

    def look(self, request: Request) -> Answer:
        """Reset."""
        return Script((Reset(),))


@registered
class ResetInBody(Behaviour):
    """Resets the connection in the middle of the body."""

    name = "reset-in-body"
    expects = unread(Outcome.TRUNCATED)

    def look(self, request: Request) -> Answer:
        """Send half, give it time to arrive, reset."""
        return Script((Send(HALF_AN_ANSWER), Wait(0.2), Reset()), 200)


@registered
class HangUp(Behaviour):
    """Takes the request and closes the connection in order, without a word."""

    name = "hang-up"
    expects = expect(Outcome.PROTOCOL_ERROR)

    def look(self, request: Request) -> Answer:
        """Close."""
        return Script((Close(),))


@registered
class Garbage(Behaviour):
    """Answers with what is not HTTP."""

    name = "garbage"
    expects = expect(Outcome.PROTOCOL_ERROR)

    def look(self, request: Request) -> Answer:
        """Speak another language."""
        return Script((Send(b"220 mail.example ESMTP\r\n\x00\xff\xfe" * 20), Close()))


@registered
class ClosesSilently(Behaviour):
    """Answers well and closes the connection after each answer without having said so."""

    name = "closes-silently"
    expects = tuple(
        Expectation(outcome=Outcome.OK, status=200, path=path) for path in (PICTURE, "/second.jpg")
    )

    def look(self, request: Request) -> Answer:
        """Answer, then close."""
        return Script((Respond(picture_reply(request)), Close()), 200)


@registered
class Refused(Behaviour):
    """Nobody listens: connecting is refused."""

    name = "refused"
    listening = Listening.REFUSED
    expects = expect(Outcome.CONNECT_REFUSED)


@registered
class BlackHole(Behaviour):
    """Nobody answers: connecting takes forever."""

    name = "black-hole"
    listening = Listening.BLACK_HOLE
    expects = expect(Outcome.CONNECT_TIMEOUT)
