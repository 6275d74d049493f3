"""A labelled host: which of its links are still there, and what it says for those that are not.

Room: pure rules. A label is true by construction; nobody had to look.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.internet.host import Host, picture_reply
from tests.internet.messages import NOT_FOUND, Answer, Request, plain_text


class Label(StrEnum):
    """What a link is, whatever its host says."""

    ALIVE = "alive"
    CHANGED = "changed"
    SOFT_DEAD = "soft_dead"
    DEAD = "dead"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledLink:
    """A link of the list, with what the list promises of it, and what it really is."""

    url: str
    label: Label
    kind: str
    site: str
    width: int | None = None
    height: int | None = None
    sha256: str | None = None


Says = Callable[[Request], Answer]


def not_found(request: Request) -> Answer:
    """Say 404, as an honest host does."""
    return NOT_FOUND


def own_picture(request: Request) -> Answer:
    """Serve the path's own picture, of a size of its own."""
    number = sum(request.path.encode())
    return picture_reply(request, body_bytes=8_000 + number * 7919 % 40_000)


@dataclass(frozen=True, kw_only=True)
class Links:
    """Targets that are answered alike, and what they really are.

    `sizes` are the widths and heights that the list promises, one after the other; `sha256` is the
    digest that it promises of all of them.
    """

    label: Label
    targets: Sequence[str]
    says: Says
    sizes: Sequence[tuple[int, int]] = ()
    sha256: str | None = None


def alive(*targets: str, says: Says = own_picture, sizes: Sequence[tuple[int, int]] = ()) -> Links:
    """Return links whose picture is there."""
    return Links(label=Label.ALIVE, targets=targets, says=says, sizes=sizes)


def lost(*targets: str, says: Says, sizes: Sequence[tuple[int, int]] = ()) -> Links:
    """Return links whose picture is gone, though the host answers with a success."""
    return Links(label=Label.SOFT_DEAD, targets=targets, says=says, sizes=sizes)


def numbered(pattern: str, count: int, first: int = 1) -> list[str]:
    """Return `count` targets, the pattern's `{}` filled with numbers."""
    return [pattern.format(number) for number in range(first, first + count)]


class Site(Host):
    """A host of one kind, with labelled links."""

    def __init__(
        self,
        name: str,
        kind: str,
        *links: Links,
        nonsense: Says = not_found,
        more: Mapping[str, Says] | None = None,
        robots_text: str | None = None,
        scheme: str = "http",
    ) -> None:
        """Answer the targets of `links` and `more`, and everything else by `nonsense`."""
        super().__init__(name)
        self.kind = kind
        self.scheme = scheme
        self.robots_text = robots_text
        self._listed = links
        self._nonsense = nonsense
        self._says = dict(more or {}) | {
            target: listed.says for listed in links for target in listed.targets
        }

    @property
    def links(self) -> list[LabelledLink]:
        """Every labelled link of this host."""
        return [link for listed in self._listed for link in self._labelled(listed)]

    def robots(self, request: Request) -> Answer:
        """Answer with the text that was given, or 404."""
        return NOT_FOUND if self.robots_text is None else plain_text(self.robots_text)

    def look(self, request: Request) -> Answer:
        """Answer as this target is answered."""
        says = self._says.get(request.target) or self._says.get(request.path) or self._nonsense
        return says(request)

    def _labelled(self, listed: Links) -> list[LabelledLink]:
        sizes: Sequence[tuple[int | None, int | None]] = listed.sizes or [(None, None)]
        return [
            LabelledLink(
                url=f"{self.scheme}://{self.names[0]}{target}",
                label=listed.label,
                kind=self.kind,
                site=self.names[0],
                width=sizes[number % len(sizes)][0],
                height=sizes[number % len(sizes)][1],
                sha256=listed.sha256,
            )
            for number, target in enumerate(listed.targets)
        ]
