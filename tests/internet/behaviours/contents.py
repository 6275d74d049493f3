"""Hosts whose bodies are something else than their type, their name or their first bytes say.

Room: pure rules.
"""

from typing import ClassVar

from crawler.records import Outcome
from tests.internet.behaviours.behaviour import Behaviour, Expectation, registered
from tests.internet.messages import Answer, Reply, Request
from tests.internet.pictures import picture

_GIF_BYTES = 2_000


def _seen_as(media_type: str) -> tuple[Expectation, ...]:
    return (Expectation(outcome=Outcome.OK, status=200, media_type=media_type),)


class Contents(Behaviour):
    """Serves one body under one type."""

    declared: ClassVar[str]

    def body(self) -> bytes:
        """Return what is served."""
        raise NotImplementedError

    def look(self, request: Request) -> Answer:
        """Serve it."""
        return Reply(headers=(("Content-Type", self.declared),), body=self.body())


@registered
class PictureAsHtml(Contents):
    """A picture that is called text/html, as some museums' servers do."""

    name = "picture-as-html"
    declared = "text/html; charset=utf-8"
    expects = _seen_as("image/jpeg")

    def body(self) -> bytes:
        """Return a JPEG."""
        return picture("image/jpeg", "http://picture-as-html.test", 14_000)


@registered
class GifAsPng(Contents):
    """A GIF that is called image/png."""

    name = "gif-as-png"
    declared = "image/png"
    expects = _seen_as("image/gif")

    def body(self) -> bytes:
        """Return a GIF."""
        return picture("image/gif", "http://gif-as-png.test", _GIF_BYTES)


@registered
class HtmlAsJpeg(Contents):
    """An error page that is called image/jpeg."""

    name = "html-as-jpeg"
    declared = "image/jpeg"
    expects = _seen_as("text/html")

    def body(self) -> bytes:
        """Return a page with a BOM before it."""
        return b"\xef\xbb\xbf\n <!-- moved --><!DOCTYPE html><title>Gone</title>"


@registered
class NoType(Contents):
    """A picture without a type."""

    name = "no-type"
    declared = ""
    expects = _seen_as("image/png")

    def body(self) -> bytes:
        """Return a PNG."""
        return picture("image/png", "http://no-type.test", 14_000)


@registered
class GifAndScript(Contents):
    """A polyglot: a GIF that is a script as well. Its first bytes decide."""

    name = "polyglot-gif-script"
    plain = False
    declared = "image/gif"
    expects = _seen_as("image/gif")

    def body(self) -> bytes:
        """Return a GIF whose size is the beginning of a comment."""
        return b"GIF89a/*" + bytes(40) + b"*/=1;alert(1)//\x3b"


@registered
class JpegAndHtml(Contents):
    """A polyglot: a JPEG with a page of HTML in its comment."""

    name = "polyglot-jpeg-html"
    declared = "image/jpeg"
    expects = _seen_as("image/jpeg")

    def body(self) -> bytes:
        """Return a JPEG that begins with a comment."""
        page = b"<html><script>alert(1)</script></html>"
        comment = b"\xff\xfe" + (len(page) + 2).to_bytes(2, "big") + page
        plain = picture("image/jpeg", "http://polyglot.test", 14_000)
        return plain[:2] + comment + plain[2:]


@registered
class PdfAndZip(Contents):
    """A polyglot: a PDF with a ZIP archive behind it, called a picture."""

    name = "polyglot-pdf-zip"
    declared = "image/jpeg"
    expects = _seen_as("application/pdf")

    def body(self) -> bytes:
        """Return a PDF's beginning and a ZIP's end."""
        return b"%PDF-1.7\n%%EOF\nPK\x05\x06" + bytes(18)


@registered
class CutPicture(Contents):
    """A JPEG of which the server itself has only the first half."""

    name = "half-picture"
    plain = False
    declared = "image/jpeg"
    expects = _seen_as("image/jpeg")

    def body(self) -> bytes:
        """Return half a JPEG, with the length of half a JPEG."""
        return picture("image/jpeg", "http://half-picture.test", 14_000)[:7_000]


@registered
class SvgWithScript(Contents):
    """An SVG drawing with a script in it, called a PNG."""

    name = "svg-script"
    declared = "image/png"
    expects = _seen_as("image/svg+xml")

    def body(self) -> bytes:
        """Return a drawing."""
        return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'
