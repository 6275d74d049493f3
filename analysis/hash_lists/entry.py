"""What a hash list says, before and after it is judged.

Room: records.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A kind of hash that can be matched."""

    SHA256 = "sha256"
    MD5 = "md5"
    PDQ = "pdq"


DIGEST_BYTES = {Kind.SHA256: 32, Kind.MD5: 16, Kind.PDQ: 32}


@dataclass(frozen=True, slots=True)
class Raw:
    """One hash as a list has it. `kind` is the list's own word, None where it says none."""

    text: str
    kind: str | None = None
    quality: str | None = None
    category: str | None = None
    list_name: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A hash that can be matched. The note of a list, which may be personal, is not kept."""

    kind: Kind
    digest: bytes
    category: str | None = None
    list_name: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that holds no hash at all, and why."""

    why: str
