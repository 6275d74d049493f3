"""One picture → one Fingerprint.

Room: decoders. Runs in a process that may die of it (`process.py`). Fails in no other way than by an
`error` in the Fingerprint, and MemoryError.
"""

import hashlib
import io
import warnings
from contextlib import suppress
from dataclasses import replace

from PIL import Image

from pictures import pdq
from pictures.dicom import MEDIA_TYPE, may_be_dicom, number, read_dicom
from pictures.fingerprint import Fingerprint, PictureError
from pictures.flags import flags_of
from pictures.flags.evidence import Evidence
from pictures.luma import FORMATS, TooManyPixelsError, brightness
from pictures.metadata import metadata_of
from pictures.parts import parts


def fingerprint(body: bytes, *, turned: bool = False, cropped: bool = False) -> Fingerprint:
    """Return what a picture tells.

    With `turned`, its PDQ in all eight orientations as well; with `cropped`, those of its parts.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote what the file says
        seen = _look(body, turned=turned)
        if cropped and seen.pdq is not None:
            seen = _with_parts(seen, body)
        return _with_digests(seen, body)


def undeveloped(body: bytes, error: PictureError) -> Fingerprint:
    """Return what can be told of a picture that could not be looked at."""
    return _with_digests(Fingerprint(error=error), body)


def _look(body: bytes, *, turned: bool) -> Fingerprint:
    if may_be_dicom(body) and (dataset := read_dicom(body)) is not None:
        return Fingerprint(
            media_type=MEDIA_TYPE,
            width=number(dataset, "Columns"),
            height=number(dataset, "Rows"),
            flags=flags_of(Evidence(dicom=dataset)),
        )
    image: Image.Image | None = None
    seen = Fingerprint()
    try:
        image = Image.open(io.BytesIO(body), formats=FORMATS)
        seen = replace(seen, media_type=_media_type(image), width=image.width, height=image.height)
        seen = _hashed(seen, image, turned=turned)
    except MemoryError:
        raise
    except (TooManyPixelsError, Image.DecompressionBombError):
        seen = seen.failed(PictureError.TOO_MANY_PIXELS)
    except Exception:  # noqa: BLE001  (a broken picture makes Pillow raise nearly anything)
        seen = seen.failed(PictureError.UNDECODABLE)
    return replace(seen, flags=flags_of(Evidence(metadata_of(body, image))))


def _hashed(seen: Fingerprint, image: Image.Image, *, turned: bool) -> Fingerprint:
    width, height = image.size
    if min(width, height) < pdq.MIN_SIDE:
        image.load()  # broken ones are said to be
        return seen
    luma, scale = brightness(image)
    samples = pdq.sampled(luma, height, width, scale)
    found = pdq.frequencies(samples)
    return replace(
        seen,
        pdq=pdq.bits(found),
        pdq_quality=pdq.quality(samples),
        turned=pdq.turned(found) if turned else (),
    )


def _with_parts(seen: Fingerprint, body: bytes) -> Fingerprint:
    try:
        return replace(seen, parts=tuple(parts(body)))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  (its brightness could be decoded, its colours cannot)
        return seen


def _media_type(image: Image.Image) -> str | None:
    """Return the media type; the multi-picture format of cameras is a JPEG to everybody else."""
    if image.format == "MPO":
        return "image/jpeg"
    with suppress(AttributeError):
        return str(image.get_format_mimetype())  # type: ignore[attr-defined]
    return Image.MIME.get(image.format or "")


def _with_digests(seen: Fingerprint, body: bytes) -> Fingerprint:
    md5 = hashlib.md5(body, usedforsecurity=False)
    return replace(seen, sha256=hashlib.sha256(body).digest(), md5=md5.digest())
