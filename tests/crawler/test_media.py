"""What a body is, by its first bytes."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crawler.media import SNIFF_BYTES, media_type

TEXTS = {
    b"<!DOCTYPE html><html>": "text/html",
    b"\xef\xbb\xbf \n<HTML lang=de>": "text/html",
    b"<!-- a comment --><html><body>": "text/html",
    b"<!-- a comment that does not end": "text/html",
    b"<head><title>Not found</title>": "text/html",
    b"<p>gone</p>": "text/html",
    b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">': "text/html",
    b'<?xml version="1.0"?><rss>': "text/xml",
    b'<svg xmlns="http://www.w3.org/2000/svg">': "image/svg+xml",
    b'<?xml version="1.0"?>\n<!DOCTYPE svg><svg width="1">': "image/svg+xml",
    b'{"error": "gone"}': "application/json",
    b"Not found": "text/plain",
    b"\xff\xfeN\x00o\x00": "text/plain",
    b"%PDF-1.7": "application/pdf",
    b"\x00\x01\x02\x03 nothing known": "application/octet-stream",
}


@pytest.mark.parametrize(("head", "expected"), TEXTS.items())
def test_text_and_markup(head: bytes, expected: str) -> None:
    """Pages, drawings and texts are told apart by how they begin."""
    assert media_type(head) == expected


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
def test_pictures(kind: str) -> None:
    """A picture is known by its signature."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16), "teal").save(file, kind)
    assert media_type(file.getvalue()) == f"image/{kind.lower()}"


def test_nothing_is_nothing() -> None:
    """An empty body has no media type."""
    assert media_type(b"") is None


@given(st.binary(max_size=3000))
def test_any_bytes_have_a_type_that_the_first_bytes_decide(body: bytes) -> None:
    """No body raises, and what follows the first 1,445 bytes changes nothing."""
    assert media_type(body) == media_type(body[:SNIFF_BYTES])
