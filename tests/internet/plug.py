"""The plug of the fake internet: what of it is cut off from the world right now; and what changes in it.

Room: pure rules. Set by the server's process when its owner pulls the plug or puts it back.
"""

from dataclasses import dataclass
from enum import Enum

from tests.internet.host import Host


class Cut(Enum):
    """What a client notices."""

    NAMES = "questions to the name server get no answer"
    ANSWERS = "connections are made, and nothing ever comes back over them or over those there are"
    SERVERS = "connecting is refused, and every connection there was is reset"


@dataclass(slots=True)
class Plug:
    """What is cut off: of every host, or of some registered domains (`.` and the name after it)."""

    cuts: frozenset[Cut] = frozenset()
    suffixes: tuple[str, ...] = ("",)

    def cuts_off(self, cut: Cut, name: str) -> bool:
        """Tell whether a host is cut off in a way."""
        return cut in self.cuts and name.endswith(self.suffixes)


@dataclass(frozen=True, slots=True)
class Change:
    """Hosts that take the place of those that had their names."""

    hosts: tuple[Host, ...]
