"""exif_position, xmp_position: the file says where on Earth it was taken.

Room: pure rules. Strength: where it is real, it is often somebody's home. False positives: places
of note that a photographer wants found, and positions that were typed in. A GPS directory without a
position (a version, a date), 0/0 and 0° 0′ 0″ on both axes are what a camera without a fix writes.
Sources: EXIF 2.32, 4.6.6; XMP Specification Part 2, 2.4 (exif:GPSLatitude).
"""

import math
from collections.abc import Iterator
from typing import Any

from pictures.flags.evidence import Evidence, xmp_values

NAMES = ("exif_position", "xmp_position")

_LATITUDE, _LONGITUDE = 2, 4


def flags(evidence: Evidence) -> Iterator[str]:
    """Yield what says a position."""
    gps, xmp = evidence.metadata.gps, evidence.metadata.xmp
    axes = [_degrees(gps.get(tag)) for tag in (_LATITUDE, _LONGITUDE)]
    if all(axis is not None for axis in axes) and any(axes):
        yield "exif_position"
    names = ("exif:GPSLatitude", "exif:GPSLongitude")
    if xmp and all(any(xmp_values(xmp, name)) for name in names):
        yield "xmp_position"


def _degrees(value: Any) -> float | None:
    """Return degrees, minutes and seconds as degrees, or None where they are no numbers."""
    parts = value if isinstance(value, tuple | list) else (value,)
    try:
        total = sum(float(part) / 60**place for place, part in enumerate(parts))
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return total if math.isfinite(total) else None
