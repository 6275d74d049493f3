"""What is known of a picture when its bytes are gone.

Room: records. The only thing that leaves the process in which a picture is decoded, as one line of
JSON: what has read hostile bytes is parsed, never unpickled.
"""

import json
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any


class PictureError(StrEnum):
    """Why a picture has no PDQ. Closed."""

    UNDECODABLE = "undecodable"  # broken, cut short, or of a format that is not read
    TOO_MANY_PIXELS = "too_many_pixels"  # more than `luma.MAX_PIXELS`
    TOO_MUCH_MEMORY = "too_much_memory"
    TOO_SLOW = "too_slow"
    CRASHED = "crashed"  # the decoder, not stillup
    NOT_KEPT = "not_kept"  # more pictures were in flight than may be held in memory
    STOPPED = "stopped"  # the crawl ended first
    UNREADABLE = "unreadable"  # a file that is not there, or that nobody may read


# The names of the reference implementation, in its order (pdq/cpp, pdqhashing.h).
ORIENTATIONS = (
    "original",
    "rotate_90",
    "rotate_180",
    "rotate_270",
    "flip_x",
    "flip_y",
    "flip_plus_1",
    "flip_minus_1",
)


@dataclass(frozen=True, slots=True)
class Part:
    """A picture with some of its sides cut off: its PDQ in each orientation, and the quality."""

    pdq_quality: int
    turned: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """One picture. `width` and `height` are of the stored pixels, before any EXIF orientation.

    `pdq` is 32 bytes, most significant first as in the reference's hexadecimal text; it is None
    where `error` says why, and for a DICOM file or a picture under 5 pixels, which have none.
    `flags` are names of what the file carries, in alphabetical order. `turned` is the PDQ in each
    of ORIENTATIONS, and `parts` are of the picture cropped, where they were asked for.
    """

    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    sha256: bytes | None = None
    md5: bytes | None = None
    pdq: bytes | None = None
    pdq_quality: int | None = None
    flags: tuple[str, ...] = ()
    turned: tuple[bytes, ...] = ()
    parts: tuple[Part, ...] = ()
    error: PictureError | None = None

    def failed(self, error: PictureError) -> "Fingerprint":
        """Return the same without what could not be found out."""
        return replace(self, pdq=None, pdq_quality=None, turned=(), parts=(), error=error)

    def to_json(self) -> bytes:
        """Return the fingerprint as one JSON object, bytes as hexadecimal."""
        return json.dumps(
            {field.name: _plain(getattr(self, field.name)) for field in _FIELDS}
        ).encode()


_FIELDS = fields(Fingerprint)
_BYTES = ("sha256", "md5", "pdq")


def from_json(text: bytes) -> Fingerprint:
    """Return what `to_json` wrote. Raises ValueError, TypeError or KeyError for anything else."""
    found: dict[str, Any] = json.loads(text)
    for name in _BYTES:
        found[name] = None if found[name] is None else bytes.fromhex(found[name])
    found["turned"] = _hashes(found["turned"])
    found["parts"] = tuple(Part(int(quality), _hashes(pdqs)) for quality, pdqs in found["parts"])
    found["flags"] = tuple(map(str, found["flags"]))
    found["error"] = None if found["error"] is None else PictureError(found["error"])
    return Fingerprint(**found)


def _hashes(said: list[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(pdq) for pdq in said)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Part):
        return [value.pdq_quality, _plain(value.turned)]
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
