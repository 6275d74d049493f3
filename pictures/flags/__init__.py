"""The kinds of flags, one small file each: what a file carries, by name, and never a value.

Room: pure rules. A kind is a function from what a file says to the names of what is there; adding
one is adding a file and a line here.
"""

from collections.abc import Callable, Iterator

from pictures.flags import camera, clinical, dicom, person, position, text
from pictures.flags.evidence import Evidence

Kind = Callable[[Evidence], Iterator[str]]

KINDS: dict[str, tuple[Kind, tuple[str, ...]]] = {
    kind.__name__.rpartition(".")[2]: (kind.flags, kind.NAMES)
    for kind in (position, camera, person, dicom, clinical, text)
}
# Every flag there is. Closed: `docs/guide/fingerprint.md` has each with its meaning.
FLAGS = tuple(sorted(name for _, names in KINDS.values() for name in names))


def flags_of(evidence: Evidence) -> tuple[str, ...]:
    """Return the flags of a file, in alphabetical order."""
    return tuple(sorted({flag for kind, _ in KINDS.values() for flag in kind(evidence)}))
