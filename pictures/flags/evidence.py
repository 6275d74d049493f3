"""What flags are made of, and how to tell that a field says something.

Room: pure rules. Cameras and programs fill fields that nobody filled in: with spaces, NULs, zeros,
or the maker's own words. Those are not said by anybody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pictures.metadata import Metadata

# What stands where nothing is known, after everything but letters and digits is taken away.
_EMPTY_WORDS = re.compile(
    r"0*|x+|none|null|nil|na|unknown|undefined|unspecified|default|empty|notspecified|notavailable"
    r"|anon[a-z]*|deident[a-z]*|redacted|removed|deleted|user|owner|admin|test|artist|author|camera",
    re.IGNORECASE,
)
_MOST_OF_A_NAME = 64  # occurrences of a field in an XMP packet that are looked at


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a file says: its metadata, and the data set where it is DICOM (a pydicom Dataset)."""

    metadata: Metadata = field(default_factory=Metadata)
    dicom: Any = None


def says(value: Any) -> str:
    """Return what a field says, trimmed; "" where it is empty or filled in by a program."""
    text = _text(value).replace("\0", " ").strip()
    return "" if _EMPTY_WORDS.fullmatch(re.sub(r"[\W_]+", "", text)) else text


def xmp_values(xmp: bytes, name: str) -> Iterator[str]:
    """Yield what an XMP packet says of a property, as an attribute or as an element's text.

    Reads the text as it stands rather than as XML: packets are often cut short or badly closed.
    """
    tag = re.escape(name.encode())
    for found in _first(re.finditer(rb"\s" + tag + rb"\s*=\s*(\"[^\"]*\"|'[^']*')", xmp)):
        if said := says(found[1][1:-1]):
            yield said
    for found in _first(re.finditer(rb"<" + tag + rb"[\s>]", xmp)):
        end = xmp.find(b"</" + name.encode(), found.end())
        inner = re.sub(rb"<[^<>]*>", b" ", xmp[found.end() - 1 : end].partition(b">")[2])
        if end >= 0 and (said := says(inner)):
            yield said


def _first(found: Iterator[re.Match[bytes]]) -> Iterator[re.Match[bytes]]:
    return (match for _, match in zip(range(_MOST_OF_A_NAME), found, strict=False))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode(_encoding(value), "replace")
    if isinstance(value, list | tuple):
        return " ".join(map(_text, value))
    return str(value)


def _encoding(text: bytes) -> str:
    """Tell UTF-16, as the XP fields of EXIF have it, by where its zeros are."""
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if len(text) > 3 and text[1::2].count(0) * 4 > len(text) > 4 * text[::2].count(0):
        return "utf-16-le"
    if len(text) > 3 and text[::2].count(0) * 4 > len(text) > 4 * text[1::2].count(0):
        return "utf-16-be"
    return "utf-8"
