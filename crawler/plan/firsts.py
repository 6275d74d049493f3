"""The links of the run among staged rows: each is told by its first row.

Room: disk. A row is one of them if it was drawn, if no row before it names the same link, and if
its domain was not capped before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from crawler.plan.host_codes import codes_of
from crawler.plan.repeats import Moved, link_ids, row_counts
from crawler.plan.rows import HTTPS
from crawler.plan.sample import Draw
from crawler.plan.staged import NO_HOST, Numbers, StagedFile, read_keys
from crawler.plan.threads import at_once

_HTTP, _HTTPS = 80, HTTPS + 443  # what nearly all origins are
_HTTP_SEEN, _HTTPS_SEEN = 1, 2
_ORIGIN_BITS = 17


@dataclass(frozen=True, slots=True)
class Firsts:
    """Links of the run in one file. `rows` are positions there; `hosts` are places in `codes`."""

    rows: Numbers
    link_ids: Numbers
    row_counts: Numbers
    hosts: Numbers
    origins: Numbers
    codes: Numbers

    def row_codes(self) -> tuple[Numbers, Numbers]:
        """Return the code of each link's host, and whether it has one; else the code is any."""
        has_host = self.hosts != NO_HOST
        codes = np.append(self.codes, np.uint32(0))  # which is where `NO_HOST` points
        return codes[self.hosts], has_host


@dataclass(frozen=True, slots=True)
class Chosen:
    """What decides which rows are links of the run."""

    draw: Draw
    moved: Moved
    capped: bool = False

    def drawn(self, file: StagedFile) -> Numbers:
        """Tell which rows of a file were drawn."""
        if self.draw.fraction >= 1:
            return np.ones(file.rows, np.bool_)
        return np.asarray(self.draw.takes(pa.array(read_keys(file).link_ids)))

    def firsts(self, file: StagedFile) -> Firsts:
        """Return the links of the run whose first row is in a file."""
        keys, counts = read_keys(file), row_counts(file)
        wanted = self.drawn(file) & (counts > 0)
        if self.capped:
            kept = np.zeros(file.rows, np.bool_)
            kept[np.fromfile(file.path("kept"), np.int64)] = True
            wanted &= kept
        rows = np.flatnonzero(wanted)
        return Firsts(
            rows, link_ids(file, self.moved)[rows], counts[rows], keys.hosts[rows],
            keys.origins[rows], codes_of(file),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """How many links and origins each host has, by its code; and the links without a host."""

    links: Numbers
    origins: Numbers
    invalid_links: int


def count(files: Sequence[StagedFile], chosen: Chosen, hosts: int) -> Counts:
    """Count the links of the run. Holds 9 bytes a host, and 8 for each origin on a rare port."""
    links = np.zeros(hosts, np.uint64)
    seen = np.zeros(hosts, np.uint8)
    rare: list[Numbers] = []
    invalid = 0
    for firsts in at_once(chosen.firsts, files):
        valid = firsts.hosts != NO_HOST
        invalid += len(valid) - int(np.count_nonzero(valid))
        at, origins = firsts.hosts[valid], firsts.origins[valid]
        is_https, is_http = origins == _HTTPS, origins == _HTTP
        places = len(firsts.codes)
        links[firsts.codes] += np.bincount(at, minlength=places).astype(np.uint64)
        for which, bit in ((is_http, _HTTP_SEEN), (is_https, _HTTPS_SEEN)):
            has = np.zeros(places, np.bool_)
            has[at[which]] = True
            seen[firsts.codes] |= (has * bit).astype(np.uint8)
        other = ~(is_http | is_https)
        of_host = firsts.codes[at[other]].astype(np.uint64) << np.uint64(_ORIGIN_BITS)
        rare.append(np.unique(of_host | origins[other].astype(np.uint64)))
    origins = (seen & 1) + (seen >> 1).astype(np.uint64)
    rare_hosts = np.unique(np.concatenate(rare)) >> np.uint64(_ORIGIN_BITS)
    origins += np.bincount(rare_hosts.astype(np.int64), minlength=hosts).astype(np.uint64)
    return Counts(links, origins, invalid)
