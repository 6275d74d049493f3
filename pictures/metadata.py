"""What a file says beside its pixels: EXIF, XMP, IPTC and the texts of a PNG.

Room: decoders. Knows Pillow. What is gathered here holds people's names and places; it goes to
`flags/` and no further.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from PIL import ExifTags, Image, ImageFile, IptcImagePlugin

T = TypeVar("T")
Tags = Mapping[int, Any]

_EXIF_MARK = b"Exif\0\0"
_XMP_BEGIN, _XMP_END = b"<x:xmpmeta", b"</x:xmpmeta>"
_MOST_XMP = 1 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Everything that flags are made of, as it was written by whoever made the file.

    `exif` is the first directory of EXIF, `camera` its Exif and `gps` its GPS directory, by tag
    number; `xmp` is an RDF/XML text; `iptc` is by record and number; `texts` is by keyword.
    """

    exif: Tags = field(default_factory=dict)
    camera: Tags = field(default_factory=dict)
    gps: Tags = field(default_factory=dict)
    xmp: bytes = b""
    iptc: Mapping[tuple[int, int], Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def metadata_of(body: bytes, image: Image.Image | None) -> Metadata:
    """Gather what the file says; `image` is None where Pillow could not open it.

    Never fails: what cannot be read is as good as absent.
    """
    if image is not None and image.format == "TIFF":
        # Its directories are read from the file when they are asked for, which decoding closes.
        image = _tried(lambda: Image.open(io.BytesIO(body), formats=("TIFF",)), image)
    exif = _exif(body, image)
    return Metadata(
        exif=dict(exif),
        camera=_or_empty(lambda: dict(exif.get_ifd(ExifTags.IFD.Exif))),
        gps=_or_empty(lambda: dict(exif.get_ifd(ExifTags.IFD.GPSInfo))),
        xmp=_xmp(body, image),
        iptc=_or_empty(lambda: _iptc(image)),
        texts=_or_empty(lambda: _texts(image)),
    )


def _exif(body: bytes, image: Image.Image | None) -> Image.Exif:
    """Return the EXIF that Pillow finds; of a file that it cannot read, what follows the mark."""
    empty = Image.Exif()
    found = empty
    if image is not None:
        found = _tried(image.getexif, empty)
    if not found and (at := body.find(_EXIF_MARK)) >= 0:
        found = Image.Exif()
        _tried(lambda: found.load(body[at : at + (1 << 16)]), None)
    return found


def _xmp(body: bytes, image: Image.Image | None) -> bytes:
    """Return an XMP packet from wherever it is; it lies plainly in most formats."""
    begin = body.find(_XMP_BEGIN)
    if begin >= 0:
        end = body.find(_XMP_END, begin)
        return body[begin : min(end, begin + _MOST_XMP) if end >= 0 else begin + _MOST_XMP]
    packed = image.info.get("xmp", b"") if image is not None else b""
    packed = packed.encode() if isinstance(packed, str) else packed
    return bytes(packed[:_MOST_XMP]) if isinstance(packed, bytes) else b""


def _iptc(image: Image.Image | None) -> dict[tuple[int, int], Any]:
    if not isinstance(image, ImageFile.ImageFile):
        return {}
    return dict(IptcImagePlugin.getiptcinfo(image) or {})


def _texts(image: Image.Image | None) -> dict[str, str]:
    """Return the text chunks of a PNG, by keyword."""
    found = getattr(image, "text", None) if image is not None and image.format == "PNG" else None
    return {str(key): str(text) for key, text in (found or {}).items()}


def _or_empty(read: Callable[[], dict[Any, Any]]) -> dict[Any, Any]:
    return _tried(read, {})


def _tried(read: Callable[[], T], otherwise: T) -> T:
    try:
        return read()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  (a broken file makes Pillow raise nearly anything)
        return otherwise
