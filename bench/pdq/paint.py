"""Pictures to fingerprint: photographs' share of detail, drawn by seed."""

import io
import random

from PIL import Image, ImageChops, ImageDraw

_QUALITY = 85


def paint(seed: int, size: tuple[int, int]) -> bytes:
    """Return a JPEG of discs and lines under some grain, the same for the same seed."""
    chance = random.Random(seed)
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(30):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        radius = chance.randrange(4, 8 + min(size) // 3)
        colour = tuple(chance.randrange(256) for _ in range(3))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        draw.line(
            (x, y, chance.randrange(size[0]), chance.randrange(size[1])), fill=colour, width=3
        )
    grain = Image.effect_noise(size, 12).convert("RGB")
    stream = io.BytesIO()
    ImageChops.add(image, grain, 2).save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
