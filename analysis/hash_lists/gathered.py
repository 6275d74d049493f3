"""A hash list as it is matched: its digests packed by kind, its labels, and a count of the rest.

Room: pure rules. A million entries take some 40 MB: 32 bytes each and the number of a label.
"""

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analysis.hash_lists.entry import DIGEST_BYTES, Entry, Kind

DUPLICATE = "said before in the same list"
_MOST_LABELS = 100_000


@dataclass(frozen=True, slots=True)
class Label:
    """Which list an entry is of, and what the list calls it."""

    list_name: str
    category: str | None


@dataclass(frozen=True, slots=True)
class Packed:
    """Entries of one kind: row i of `digests` (n, bytes) has the label numbered `labels[i]`."""

    digests: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class HashList:
    """A list that was read. `digest` is SHA-256 of its file; `refused` counts by reason."""

    name: str
    digest: str
    form: str
    labels: tuple[Label, ...]
    packed: Mapping[Kind, Packed]
    refused: Mapping[str, int]

    @property
    def usable(self) -> int:
        """How many entries can be matched."""
        return sum(len(of_kind) for of_kind in self.packed.values())


@dataclass(slots=True)
class Gathering:
    """Takes entries and refusals in; `done` returns the list."""

    name: str
    _numbers: dict[Label, int] = field(default_factory=dict)
    _digests: dict[Kind, bytearray] = field(
        default_factory=lambda: {kind: bytearray() for kind in Kind}
    )
    _labels: dict[Kind, "array[int]"] = field(
        default_factory=lambda: {kind: array("I") for kind in Kind}
    )
    _refused: Counter[str] = field(default_factory=Counter)

    def take(self, entry: Entry) -> None:
        """Add an entry that can be matched."""
        label = Label(entry.list_name or self.name, entry.category)
        if label not in self._numbers and len(self._numbers) >= _MOST_LABELS:
            label = Label(self.name, None)  # a list that labels each entry apart says nothing
        number = self._numbers.setdefault(label, len(self._numbers))
        self._digests[entry.kind] += entry.digest
        self._labels[entry.kind].append(number)

    def refuse(self, why: str) -> None:
        """Count an entry that cannot be matched."""
        self._refused[why] += 1

    def done(self, digest: str, form: str) -> HashList:
        """Return the list, each entry once."""
        packed = {}
        for kind in Kind:
            packed[kind], twice = self._once(kind)
            if twice:
                self._refused[DUPLICATE] += twice
        refused = dict(self._refused.most_common())
        return HashList(self.name, digest, form, tuple(self._numbers), packed, refused)

    def _once(self, kind: Kind) -> tuple[Packed, int]:
        size = DIGEST_BYTES[kind]
        digests = np.frombuffer(bytes(self._digests[kind]), dtype=np.uint8).reshape(-1, size)
        labels = np.array(self._labels[kind], dtype=np.uint32)
        rows = np.concatenate([digests, labels.astype(">u4").view(np.uint8).reshape(-1, 4)], axis=1)
        alike = np.ascontiguousarray(rows).view(np.dtype((np.void, size + 4))).reshape(-1)
        _, first = np.unique(alike, return_index=True)
        first.sort()
        return Packed(digests[first], labels[first]), len(labels) - len(first)
