"""Hosts → small numbers, by a keyed hash of 128 bits, so that rows need no text to be counted.

Room: disk. A host's code is the place of its key among all keys; two hosts that share the first
half of it are noticed by the second. Holds 16 bytes a host.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from crawler.plan.staged import Numbers, StagedFile, distinct, read_hosts
from crawler.records.errors import RunFailed

_KEYS_AT_ONCE = 1 << 24


class HostCodes:
    """The codes of all hosts in files of staged rows, from 0 to `count`."""

    def __init__(self, files: Sequence[StagedFile]) -> None:
        """Read the keys of all hosts."""
        self._files = files
        self._keys = _all_keys(files)
        self.count = len(self._keys)

    def first_seen(self) -> Iterator[tuple[Numbers, pa.Array]]:
        """Yield every host once, codes and names a file at a time; keep each file's codes.

        Raises RunFailed where two hosts share half a key, which is chance: another plan has other
        keys.
        """
        checks = np.zeros(self.count, np.uint64)
        seen = np.zeros(self.count, np.bool_)
        for file in self._files:
            hosts = read_hosts(file)
            codes = self._codes(hosts.keys)
            codes.astype(np.uint32).tofile(file.path("codes"))
            new = ~seen[codes]
            seen[codes] = True
            checks[codes[new]] = hosts.checks[new]
            if (checks[codes] != hosts.checks).any():
                raise RunFailed("two hosts share a key by chance; plan again")
            yield codes[new], hosts.names.filter(pa.array(new))

    def _codes(self, keys: Numbers) -> Numbers:
        order = np.argsort(keys)  # in order, they are found several times as fast
        codes = np.empty(len(keys), np.int64)
        codes[order] = np.searchsorted(self._keys, keys[order])
        return codes


def _all_keys(files: Sequence[StagedFile]) -> Numbers:
    """Return the keys of all hosts, sorted."""
    known = np.zeros(0, np.uint64)
    waiting: list[Numbers] = []
    size = 0
    for file in files:
        waiting.append(read_hosts(file).keys)
        size += len(waiting[-1])
        if size > _KEYS_AT_ONCE:
            known = distinct(np.sort(np.concatenate([known, *waiting])))
            waiting, size = [], 0
    return distinct(np.sort(np.concatenate([known, *waiting])))


def codes_of(file: StagedFile) -> Numbers:
    """Return the code of each host of a file, in the order of its hosts."""
    return np.fromfile(file.path("codes"), np.uint32)
