"""What the world is made of: a place with its links, and whether it leaks.

Room: records.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorldLink:
    """A link as the dataset lists it, and what a look at it would show.

    `is_bad` is the truth: the picture should not be there. `flags` is what its file carries.
    """

    url: str
    caption: str
    punsafe: float
    outcome: str = "ok"
    flags: tuple[str, ...] = ()
    media_type: str = "image/jpeg"
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A registered domain, or a tenant of one that many share. `name` is what findings call it."""

    name: str
    kind: str
    links: tuple[WorldLink, ...]

    @property
    def leaks(self) -> bool:
        """Tell whether any of its pictures should not be there."""
        return any(link.is_bad for link in self.links)
