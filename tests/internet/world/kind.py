"""What a kind of place is made from.

Room: records.
"""

from dataclasses import dataclass

USUAL = (0.4, 12.0)  # of punsafe, as a Beta: the mean is 0.03


@dataclass(frozen=True, slots=True)
class Leak:
    """A kind of leaking site. `words` is kind and language of the captions; paths are drawn.

    `shares` is how much of a site is bad, `bad_links` how many links that are, `punsafe` is drawn
    from this Beta, `flags` are what its files carry, each with its chance.
    """

    words: str
    sites: int
    paths: tuple[str, ...]
    punsafe: tuple[float, float] = USUAL
    flags: tuple[tuple[str, float], ...] = (("exif_position", 0.1), ("camera_serial", 0.2))
    host: str = "www.{name}.test"
    shares: tuple[float, ...] = (1.0, 0.7, 0.3, 0.08)
    bad_links: tuple[int, int] = (4, 60)
    media_type: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A kind of site that looks guilty: the names of its sites, and about how many links each has."""

    words: str
    names: tuple[str, ...]
    links: int
    punsafe: tuple[float, float] = USUAL
