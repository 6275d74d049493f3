"""A picture with some of its sides cut off, so that copies that were cropped are found as well.

Room: decoders. PDQ forgives some 3 % of width or height, so that these reach some 12 %; how much is
found and missed is in docs/guide/find.md.
"""

import io
from collections.abc import Iterator

from PIL import Image

from pictures import pdq
from pictures.fingerprint import Part
from pictures.luma import FORMATS, brightness, check_size

# Shares that are cut off: left, top, right, bottom.
_CUTS = (
    *((share / 2,) * 4 for share in (0.04, 0.08, 0.12)),
    *(
        tuple(share if side == cut else 0.0 for side in range(4))
        for share in (0.05, 0.10)
        for cut in range(4)
    ),
)
_SIDE = 512  # pixels; PDQ looks at 64


def parts(body: bytes) -> Iterator[Part]:
    """Yield the parts of a picture. Raises whatever Pillow raises for a broken one."""
    image = Image.open(io.BytesIO(body), formats=FORMATS)
    check_size(*image.size)
    small = image.convert("RGB")
    small.thumbnail((_SIDE, _SIDE))
    width, height = small.size
    for left, top, right, bottom in _CUTS:
        box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
        part = small.crop(tuple(map(round, box)))  # type: ignore[arg-type] # four of them
        if min(part.size) >= pdq.MIN_SIDE:
            yield _hashed(part)


def _hashed(part: Image.Image) -> Part:
    luma, scale = brightness(part)
    samples = pdq.sampled(luma, part.height, part.width, scale)
    return Part(pdq.quality(samples), pdq.turned(pdq.frequencies(samples)))
