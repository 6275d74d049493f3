"""What a body is, by its first bytes: the media type that nobody has to be believed for.

Room: pure rules. Sources: the signatures of the `filetype` library, and for text and markup the
table of the WHATWG MIME Sniffing standard, section 7.1.
"""

import re

import filetype

SNIFF_BYTES = 1445  # what the WHATWG MIME Sniffing standard reads

_HTML = re.compile(
    rb"<(?:!DOCTYPE HTML|HTML|HEAD|SCRIPT|IFRAME|H1|DIV|FONT|TABLE|A|STYLE|TITLE|B|BODY|BR|P)[\s>]",
    re.IGNORECASE,
)
_COMMENT = re.compile(rb"<!--.*?-->\s*", re.DOTALL)
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_UTF16 = (b"\xfe\xff", b"\xff\xfe")


def media_type(head: bytes) -> str | None:
    """Return the media type of a body that begins with `head`, or None for an empty one."""
    if not head:
        return None
    head = head[:SNIFF_BYTES]
    return _markup(head) or _by_signature(head) or _text_or_binary(head)


def _by_signature(head: bytes) -> str | None:
    found = filetype.image_match(head) or filetype.guess(head)
    return str(found.mime) if found is not None else None


def _markup(head: bytes) -> str | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\t\n\x0c\r ")
    if not text.startswith(b"<"):
        return None
    if text.startswith(b"<?xml"):
        return "image/svg+xml" if _SVG.search(text) else _xhtml_or_xml(text)
    text = _COMMENT.sub(b"", text, count=8)
    if _SVG.match(text) or (text[:9].upper() == b"<!DOCTYPE" and b"svg" in text[9:15].lower()):
        return "image/svg+xml"
    return "text/html" if _HTML.match(text) or text.startswith(b"<!--") else None


def _xhtml_or_xml(text: bytes) -> str:
    return "text/html" if re.search(rb"<html[\s>]", text, re.IGNORECASE) else "text/xml"


def _text_or_binary(head: bytes) -> str:
    if head.startswith(_UTF16) or not _BINARY.search(head):
        return "application/json" if head.lstrip()[:1] in (b"{", b"[") else "text/plain"
    return "application/octet-stream"
