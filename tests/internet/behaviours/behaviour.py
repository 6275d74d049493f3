"""What a misbehaving host is: a name under `.test`, one way to misbehave, what must come of it.

Room: pure rules.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

from crawler.records import Outcome
from tests.internet.host import Host, picture_reply
from tests.internet.messages import NOT_FOUND, Answer, Request

PICTURE = "/picture.jpg"
# What the expectations assume of a crawl: bodies up to 8 MB, a look given up after a few seconds.
EXPECTED_UNDER = ("--max-bytes", "8000000", "--timeout", "5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the observation of one link must say. None where it is left open.

    `mode` is the crawl mode it holds for; `in_sniff` and `in_head` are what comes of a `body` one in
    the others, where that is something else. `attempts` is given where only a later look is final.
    """

    outcome: Outcome
    status: int | None = None
    path: str = PICTURE
    hops: int = 0
    media_type: str | None = None
    body_bytes: int | None = None
    tls_problem: bool = False
    attempts: int | None = None
    mode: Literal["body", "head", "sniff"] = "body"
    in_sniff: Outcome | None = None
    in_head: Outcome | None = None

    def outcome_in(self, mode: str) -> Outcome | None:
        """Return what must come of it in a crawl mode; None where it is left open."""
        if mode == self.mode:
            return self.outcome
        others = {"sniff": self.in_sniff, "head": self.in_head}
        return (others.get(mode) or self.outcome) if self.mode == "body" else None


class Behaviour(Host):
    """One way to behave; subclasses give it a name, a docstring, what it expects, and `look`.

    Only the expected paths (and `more_paths`) misbehave: any other is a 404, as at a sane host.
    """

    name: ClassVar[str]
    scheme: ClassVar[str] = "http"
    expects: ClassVar[tuple[Expectation, ...]]
    again: ClassVar[tuple[Expectation, ...]] = ()  # of a later round, which asks what has changed
    more_paths: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[str, ...]] = ()  # names of behaviours that must be there as well
    # Whether Python's http.client and Pillow make of it what is expected. If not, only ours does.
    plain: ClassVar[bool] = True

    def __init__(self) -> None:
        """Answer to the behaviour's own name."""
        super().__init__(f"{self.name}.test")

    @classmethod
    def expectations(cls) -> list[tuple[str, Expectation]]:
        """Return the URLs to look at, each with what must come of it."""
        return [(f"{cls.scheme}://{cls.name}.test{wanted.path}", wanted) for wanted in cls.expects]

    @classmethod
    def later_expectations(cls) -> list[tuple[str, Expectation]]:
        """Return the URLs to look at in a later round, each with what must come of it then."""
        return [(f"{cls.scheme}://{cls.name}.test{wanted.path}", wanted) for wanted in cls.again]

    def answer(self, request: Request) -> Answer:
        """Answer robots.txt, the paths of this behaviour, and 404 to the rest."""
        if request.path == "/robots.txt":
            return self.robots(request)
        return self.look(request) if self.owns(request.path) else NOT_FOUND

    def owns(self, path: str) -> bool:
        """Tell whether a path is one of this behaviour's."""
        return path in self.more_paths or path in {wanted.path for wanted in self.expects}

    def look(self, request: Request) -> Answer:
        """Return what a path of this behaviour is answered with: a picture, if nothing else."""
        return picture_reply(request)


BEHAVIOURS: dict[str, type[Behaviour]] = {}
Kind = TypeVar("Kind", bound=type[Behaviour])


def registered(behaviour: Kind) -> Kind:
    """Put a behaviour into the registry, under its name."""
    assert behaviour.name not in BEHAVIOURS, behaviour.name
    BEHAVIOURS[behaviour.name] = behaviour
    return behaviour


def expect(outcome: Outcome, status: int | None = None) -> tuple[Expectation, ...]:
    """Return the one expectation that most behaviours have, for their picture."""
    return (Expectation(outcome=outcome, status=status),)


def unread(outcome: Outcome, status: int | None = None) -> tuple[Expectation, ...]:
    """Return what comes of a body that is not what it should be, of which a HEAD knows nothing."""
    return (Expectation(outcome=outcome, status=status, in_head=Outcome.OK),)
