"""Pictures for tests: those in `data/`, and some that are made here."""

import csv
import io
import random
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from PIL.TiffImagePlugin import ImageFileDirectory_v2

DATA = Path(__file__).parent / "data"
PLACE = (51.0, 12.0, 34.567)  # degrees, minutes, seconds
PATIENT, PATIENT_ID = "Muster^Erika", "PAT-4711-X"


def expected() -> list[dict[str, str]]:
    """Return the rows of `expected.csv`."""
    with (DATA / "expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def distance(one: bytes, other: bytes) -> int:
    """Return the Hamming distance of two hashes."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def drawn(seed: int, size: tuple[int, int]) -> Image.Image:
    """Return a picture with something to see: discs and lines on a gradient."""
    chance = random.Random(seed)
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        radius = chance.randrange(4, 8 + min(size) // 3)
        colour = tuple(chance.randrange(256) for _ in range(3))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        draw.line((x, y, chance.randrange(size[0]), chance.randrange(size[1])), fill=colour)
    return image


def encoded(image: Image.Image, format_name: str, **options: Any) -> bytes:
    """Return a picture in a format."""
    stream = io.BytesIO()
    image.save(stream, format_name, **options)
    return stream.getvalue()


def placed_exif() -> Image.Exif:
    """Return EXIF that says where, who, and with which camera."""
    exif = Image.Exif()
    exif[0x013B] = "Erika Muster"
    exif.get_ifd(0x8769)[0xA431] = "SN-0815-99"
    exif.get_ifd(0x8825).update({1: "N", 2: PLACE, 3: "E", 4: PLACE})
    return exif


def placed_tags() -> ImageFileDirectory_v2:
    """Return the same for a TIFF, whose tags they are."""
    tags = ImageFileDirectory_v2()
    tags[0x013B] = "Erika Muster"
    tags[0x8769] = {0xA431: "SN-0815-99"}
    tags[0x8825] = {1: "N", 2: PLACE, 3: "E", 4: PLACE}
    return tags


def patient_dicom() -> bytes:
    """Return a DICOM file that says whose it is."""
    body = (DATA / "pydicom/MR_small_implicit.dcm").read_bytes()
    return body.replace(b"CompressedSamples^MR1", PATIENT.ljust(21).encode())
