"""How a host that nobody has asked yet will likely answer, and how links are spread over domains.

Room: pure rules. A host's fate hangs on its name and the seed, so it is the same in every scenario.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import xxhash

from crawler.simulation.host import Fate, Kind

_STEPS = 400  # size classes of the domains below the measured ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """The likely internet: `data/simulation.toml` explains every field."""

    no_name_share: float
    refusing_share: float
    silent_share: float
    hanging_share: float
    limiting_share: float
    limit_s: float
    served_share: float
    connect_s: float
    lookup_s: float
    ttfb_s: float
    ttfb_sigma: float
    body_bytes: float
    https_share: float

    def __post_init__(self) -> None:
        """Refuse shares that are none, and times and sizes below zero."""
        for name in self.__slots__:
            value = getattr(self, name)
            if value < 0 or (name.endswith("_share") and value > 1) or not math.isfinite(value):
                text = f"{name} cannot be {value:g}"
                raise ValueError(text)
        if self.no_name_share + self.refusing_share + self.silent_share > 1:
            raise ValueError("more than all hosts cannot be reached")

    def fates(self) -> list[tuple[float, Fate]]:
        """Return how hosts may answer, each with its share of hosts."""
        answers = self.answering()
        gone = (
            (self.no_name_share, Kind.NO_NAME),
            (self.refusing_share, Kind.REFUSES),
            (self.silent_share, Kind.SILENT),
        )
        rest = 1 - sum(share for share, _ in gone)
        limits = rest * self.limiting_share
        return [
            *((share, self._fate(kind, 0.0)) for share, kind in gone),
            (limits, self._fate(Kind.ANSWERS, self.limit_s)),
            (rest - limits, answers),
        ]

    def answering(self) -> Fate:
        """Return the fate of a host that is there."""
        return self._fate(Kind.ANSWERS, 0.0)

    def fate_of(self, host: str, seed: int) -> Fate:
        """Return the fate of one host."""
        at = xxhash.xxh3_64_intdigest(host.encode(), seed) / 2**64
        for share, fate in self.fates():
            if at < share:
                return fate
            at -= share
        return self.answering()

    def _fate(self, kind: Kind, tolerates_s: float) -> Fate:
        return Fate(
            kind=kind,
            lookup_s=self.lookup_s,
            connect_s=self.connect_s,
            ttfb_s=self.ttfb_s,
            body_bytes=int(self.body_bytes),
            served_share=self.served_share,
            hanging_share=self.hanging_share,
            tolerates_s=tolerates_s,
        )


@dataclass(frozen=True, slots=True)
class SizeClass:
    """So many registered domains of the same size, and the links of the largest host of each."""

    domains: float
    links: float
    largest_host: float


@dataclass(frozen=True, slots=True)
class Skew:
    """How a sample of so many links was spread: links and those of the largest host, by domain."""

    links: int
    head: tuple[tuple[int, int], ...]

    def classes(self, links: int, at_least: int) -> Iterator[SizeClass]:
        """Spread links over domains, the largest first; at least so many of them are classes alone."""
        for size, largest in self.head:
            yield SizeClass(1, links * size / self.links, links * largest / self.links)
        first, last_share = len(self.head), self.head[-1][0] / self.links
        rest = 1 - sum(size for size, _ in self.head) / self.links
        slope = _slope(rest / (first * last_share), links * last_share)
        end = first * (links * last_share) ** (1 / slope)
        edges = [*range(first, min(at_least, int(end)))]
        begin = edges[-1] + 1 if edges else first
        growth = (end / begin) ** (1 / _STEPS) if end > begin else 1.0
        edges += [begin * growth**step for step in range(_STEPS + 1)]
        for low, high in pairwise(edges):
            if high > low:
                mass = _mass(low / first, high / first, slope) * first * last_share
                size = links * mass / (high - low)
                yield SizeClass(high - low, size, size)


def _mass(low: float, high: float, slope: float) -> float:
    """Return the integral of x^-slope."""
    return float((low ** (1 - slope) - high ** (1 - slope)) / (slope - 1))


def _slope(rest: float, last: float) -> float:
    """Return the slope by which `rest` is spread until a domain that had `last` links has one."""
    low, high = 1.0001, 20.0
    for _ in range(100):
        slope = (low + high) / 2
        if _mass(1.0, max(1.0, last) ** (1 / slope), slope) > rest:
            low = slope
        else:
            high = slope
    return (low + high) / 2
