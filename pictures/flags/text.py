"""text_layer: the file carries words about what it shows, or words within its pixels.

Room: pure rules. What is told without reading the pixels: a caption, description or comment of some
length (EXIF, XMP, IPTC, PNG), and DICOM that says an annotation is burned in. False positives:
captioned press and stock pictures. Missed: every text that is only in the pixels. A comment that a
program or a camera writes by itself is not taken for one, nor is a JPEG's comment segment, which
holds little else. Sources: EXIF 2.32, 4.6.4; IPTC Photo Metadata Standard; PNG 1.2, 11.3.4; DICOM
PS3.3, C.7.6.1.1.5 (Burned In Annotation).
"""

import re
from collections.abc import Iterator

from pictures.flags.evidence import Evidence, says, xmp_values

NAMES = ("text_layer",)

_LEAST_LETTERS = 12  # shorter ones are file names and labels

_EXIF = (0x010E, 0x9C9B, 0x9C9C, 0x9C9F)  # ImageDescription, XPTitle, XPComment, XPSubject
_COMMENT = 0x9286  # UserComment: eight bytes name its character set
_IPTC = ((2, 120), (2, 105), (2, 40))  # caption, headline, special instructions
_PNG = ("Description", "Comment", "Title", "Disclaimer", "Warning")
_XMP = ("dc:description", "photoshop:Headline", "photoshop:Instructions", "exif:UserComment")

# What cameras and programs say of themselves.
_FACTORY = re.compile(
    r"\W*(?:(?:\w+ ){0,2}digital (?:still )?camera|.{0,40}(?:digimax|dsc).{0,20}"
    r"|(?:file )?(?:created|made|edited|written|generated|optimi[sz]ed|resized) (?:with|by|using|in) .*"
    r"|(?:adobe|gimp|imagemagick|libgd|gd-jpeg|lavc|google|screenshot|software:|creator:).*)\W*",
    re.IGNORECASE | re.DOTALL,
)


def flags(evidence: Evidence) -> Iterator[str]:
    """Yield whether there is text."""
    if evidence.dicom is not None:
        if says(evidence.dicom.get("BurnedInAnnotation")).upper() == "YES":
            yield "text_layer"
        return
    if any(_is_text(said) for said in _said(evidence)):
        yield "text_layer"


def _said(evidence: Evidence) -> Iterator[str]:
    metadata = evidence.metadata
    for tags in (metadata.exif, metadata.camera):
        yield from (says(tags.get(tag)) for tag in _EXIF)
    comment = metadata.camera.get(_COMMENT)
    yield says(comment[8:] if isinstance(comment, bytes) else comment)
    yield from (says(metadata.iptc.get(number)) for number in _IPTC)
    yield from (says(metadata.texts.get(keyword)) for keyword in _PNG)
    for name in _XMP:
        yield from xmp_values(metadata.xmp, name)


def _is_text(said: str) -> bool:
    """Tell words from labels: one word of ASCII alone is a name, a number or a digest."""
    text = said[:2000]
    if text.isascii() and len(text.split()) < 2:
        return False
    return sum(map(str.isalpha, text)) >= _LEAST_LETTERS and not _FACTORY.fullmatch(text)
