"""Hosts that are there to judge our pace from the other side, by the log.

Room: pure rules.
"""

from collections import Counter

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import Behaviour, Expectation, registered
from tests.internet.host import picture_reply
from tests.internet.messages import Answer, Request, Respond, Script, Wait


def _pictures(count: int) -> tuple[Expectation, ...]:
    paths = (f"/{number}.jpg" for number in range(count))
    return tuple(Expectation(outcome=Outcome.OK, status=200, path=path) for path in paths)


@registered
class Pace(Behaviour):
    """Twenty pictures, answered at once."""

    name = "pace"
    expects = _pictures(20)


@registered
class SlowsDown(Behaviour):
    """Takes 50 ms longer for each picture that it has served on a connection, up to a second."""

    name = "slows-down"
    expects = _pictures(6)

    def __init__(self) -> None:
        """Nothing has been served yet."""
        super().__init__()
        self._served: Counter[int] = Counter()

    def look(self, request: Request) -> Answer:
        """Wait, then answer."""
        delay_s = min(1.0, 0.05 * self._served[request.connection_id])
        self._served[request.connection_id] += 1
        return Script((Wait(delay_s), Respond(picture_reply(request))), 200)


@registered
class SharedAddressOne(Behaviour):
    """One of two hosts of different domains that live on one address."""

    name = "shared-address-one"
    shares_address_with = "shared-address"
    expects = _pictures(3)


@registered
class SharedAddressTwo(Behaviour):
    """The other of the two hosts on one address."""

    name = "shared-address-two"
    shares_address_with = "shared-address"
    expects = _pictures(3)
