"""Pictures of a wanted size: the same bytes for the same URL, and every one can be decoded.

Room: pure rules. A few real pictures a format are encoded once; each body is one of them, made as
large as wanted with what its format allows for it (a comment segment, a private chunk) and filled
with noise that starts with the URL's own hash, so that no two URLs serve the same bytes.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import cache
from hashlib import sha256

from PIL import Image, ImageDraw

from tests.internet.draw import fraction

# From the largest: the first whose encoding fits into the wanted size is taken.
_DIMENSIONS = ((640, 480), (320, 240), (64, 48))
_VARIANTS = 8
_NOISE = random.Random(2019).randbytes(1 << 20)
_SEGMENT_BYTES = 65_533  # JPEG, ITU-T T.81, B.1.1.4: two length bytes count themselves
_GIF_NOISE = b"".join(b"\xff" + _NOISE[i : i + 255] for i in range(0, 255 * 2048, 255))


def picture(media_type: str, url: str, size_bytes: int) -> bytes:
    """Return a picture for `url` of about `size_bytes` (never less than a whole small picture).

    `media_type` is one of `MEDIA_TYPES`; KeyError for any other.
    """
    format_name, padded = _FORMATS[media_type]
    variant = int(fraction("picture", url) * _VARIANTS)
    plain = _fitting(format_name, variant, size_bytes)
    return padded(plain, sha256(url.encode()).digest(), max(0, size_bytes - len(plain)))


def filler(seed: bytes, size_bytes: int) -> bytes:
    """Return `size_bytes` bytes that start with the seed and go on with noise."""
    start = int.from_bytes(seed[:2])
    repeats = 1 + size_bytes // (len(_NOISE) - 65_536)
    noise = memoryview(_NOISE if repeats == 1 else _NOISE * repeats)
    return b"".join((seed[:size_bytes], noise[start : start + max(0, size_bytes - len(seed))]))


def _fitting(format_name: str, variant: int, size_bytes: int) -> bytes:
    for dimensions in _DIMENSIONS:
        plain = _encoded(format_name, dimensions, variant)
        if len(plain) + 64 <= size_bytes:
            return plain
    return _encoded(format_name, _DIMENSIONS[-1], variant)


@cache
def _encoded(format_name: str, dimensions: tuple[int, int], variant: int) -> bytes:
    """Draw some discs on a gradient and encode them."""
    chance = random.Random(variant)
    image = Image.linear_gradient("L").resize(dimensions).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(4 + variant):
        x, y = chance.randrange(dimensions[0]), chance.randrange(dimensions[1])
        radius = chance.randrange(4, 1 + dimensions[1] // 3)
        colour = tuple(chance.randrange(256) for _ in range(3))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    encoded = io.BytesIO()
    image.save(encoded, format_name)
    return encoded.getvalue()


def _padded_jpeg(plain: bytes, seed: bytes, missing_bytes: int) -> bytes:
    """Insert comment segments (COM) after the start of the image."""
    parts: list[bytes | memoryview] = [plain[:2]]
    segments = 1 + missing_bytes // (_SEGMENT_BYTES + 4)
    noise = memoryview(filler(seed, max(missing_bytes - 4 * segments, len(seed))))
    for start in range(0, len(noise), _SEGMENT_BYTES):
        piece = noise[start : start + _SEGMENT_BYTES]
        parts += [b"\xff\xfe", struct.pack(">H", len(piece) + 2), piece]
    return b"".join([*parts, plain[2:]])


def _padded_png(plain: bytes, seed: bytes, missing_bytes: int) -> bytes:
    """Insert a private ancillary chunk before IEND."""
    chunk = b"stUp" + filler(seed, max(missing_bytes - 12, len(seed)))
    whole = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return plain[:-12] + whole + plain[-12:]


def _padded_gif(plain: bytes, seed: bytes, missing_bytes: int) -> bytes:
    """Insert a comment extension, in sub-blocks of 255 bytes, before the trailer."""
    blocks = max(0, missing_bytes - len(seed) - 4) // 256
    noise = (_GIF_NOISE * (1 + blocks // 2048))[: blocks * 256]
    comment = b"\x21\xfe" + bytes([len(seed)]) + seed + noise + b"\x00"
    return b"GIF89a" + plain[6:-1] + comment + plain[-1:]


def _padded_webp(plain: bytes, seed: bytes, missing_bytes: int) -> bytes:
    """Append a chunk of a name of our own, which readers skip."""
    noise = filler(seed, max(missing_bytes - 8, len(seed)) & ~1)
    riff = plain[8:] + b"stUp" + struct.pack("<I", len(noise)) + noise
    return b"RIFF" + struct.pack("<I", len(riff)) + riff


Padding = Callable[[bytes, bytes, int], bytes]
_FORMATS: dict[str, tuple[str, Padding]] = {
    "image/jpeg": ("JPEG", _padded_jpeg),
    "image/png": ("PNG", _padded_png),
    "image/gif": ("GIF", _padded_gif),
    "image/webp": ("WEBP", _padded_webp),
}
MEDIA_TYPES = tuple(_FORMATS)
