"""A picture's brightness, decoded no larger than PDQ needs.

Room: decoders. Knows Pillow. Looks at how many pixels there are before it decodes any.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Image,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PcxImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    PsdImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

# What is found on the web. Pillow's other formats are left out: EPS starts Ghostscript, and nobody
# checks the rest against hostile files.
_PLUGINS: tuple[type[ImageFile.ImageFile], ...] = (
    JpegImagePlugin.JpegImageFile,
    PngImagePlugin.PngImageFile,
    GifImagePlugin.GifImageFile,
    WebPImagePlugin.WebPImageFile,
    AvifImagePlugin.AvifImageFile,
    BmpImagePlugin.BmpImageFile,
    BmpImagePlugin.DibImageFile,
    TiffImagePlugin.TiffImageFile,
    Jpeg2KImagePlugin.Jpeg2KImageFile,
    IcoImagePlugin.IcoImageFile,
    PsdImagePlugin.PsdImageFile,
    PpmImagePlugin.PpmImageFile,
    PcxImagePlugin.PcxImageFile,
    TgaImagePlugin.TgaImageFile,
)
FORMATS = tuple(plugin.format for plugin in _PLUGINS if plugin.format is not None)
MAX_PIXELS = 1 << 26  # 67 million: 270 MB when decoded; a decompression bomb has more

# How many blocks the shorter side must have left to be reduced by so much. A JPEG is not even decoded
# at more, so that 640 × 480 is decoded at a half. Measured in docs/decisions/0050.
_LEAST_BLOCKS_JPEG = {8: 384, 4: 384, 2: 240}
_LEAST_BLOCKS = {8: 512, 4: 512, 2: 512}


class TooManyPixelsError(ValueError):
    """A picture that would take more memory than it is worth."""


def brightness(image: Image.Image) -> tuple[NDArray[Any], int]:
    """Decode a picture; return its brightness (rows × columns, 0 to 255) and its scale.

    Each value stands for scale × scale stored pixels; the EXIF orientation is not applied, as the
    reference does not. Of an animation it is the first frame. Raises TooManyPixelsError, and
    whatever Pillow raises for a broken picture.
    """
    width, height = image.size
    check_size(width, height)
    is_jpeg = isinstance(image, JpegImagePlugin.JpegImageFile)
    least = _LEAST_BLOCKS_JPEG if is_jpeg else _LEAST_BLOCKS
    scale = next((by for by, blocks in least.items() if min(width, height) >= by * blocks), 1)
    # JPEG: only the brightness is decoded, and of each block of 8 × 8 only so many frequencies.
    image.draft("L", (width // scale, height // scale))
    image.load()
    reduced = image.size == (-(-width // scale), -(-height // scale))
    grey = _grey(image)
    return np.asarray(grey if reduced else grey.reduce(scale)), scale


def check_size(width: int, height: int) -> None:
    """Raise TooManyPixelsError for a picture that is not to be decoded."""
    if width * height > MAX_PIXELS:
        raise TooManyPixelsError(f"{width} × {height} pixels")


def _grey(image: Image.Image) -> Image.Image:
    """Return a picture in grey, as 8 bits a pixel. What is transparent has its stored colour."""
    if image.mode == "L":
        return image
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("RGB", "RGBA", "LA", "P", "1", "I", "F"):
        return image.convert("L")
    return image.convert("RGB").convert("L")
