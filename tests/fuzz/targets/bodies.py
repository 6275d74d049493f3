"""Bodies: decoded in any pieces, sniffed, and read as robots.txt."""

import math
import re
from collections.abc import Iterator

from crawler.media import SNIFF_BYTES, media_type
from crawler.records import Outcome, ParsedUrl
from crawler.robots import RobotsAnswer, parse_robots
from crawler.urls import parse_url
from crawler.visit.body import Body, BodyReader
from crawler.visit.failures import outcome_of_error

LIMIT = 300_000
CODINGS = (
    "gzip",
    "deflate",
    "br",
    "zstd",
    "gzip, br",
    "deflate, gzip",
    "zstd, deflate",
    "identity",
)
_MEDIA = re.compile(r"[a-z]+/[a-z0-9.+-]+")


def body(data: bytes) -> None:
    """A coded body comes to the same in one piece and in many, and never grows past its limit.

    The first byte chooses the coding, the second the size of the pieces.
    """
    if len(data) < 2:
        return
    coding, step, wire = CODINGS[data[0] % len(CODINGS)], data[1] % 64 + 1, data[2:]
    whole = _read(coding, iter((wire,)))
    cut = _read(coding, (wire[at : at + step] for at in range(0, len(wire), step)))
    if (
        isinstance(whole, Outcome)
        and isinstance(cut, Outcome)
        and Outcome.TOO_LARGE in (whole, cut)
    ):
        return  # of a body that is too large and broken, whichever comes first
    assert whole == cut


def _read(coding: str, pieces: Iterator[bytes]) -> Body | Outcome:
    """Return what a body comes to, or the outcome of the documented error that it ends in."""
    reader = BodyReader(coding, LIMIT)
    try:
        for piece in pieces:
            reader.feed(piece)
        read = reader.result(whole=True)
    except Exception as error:  # noqa: BLE001  (the table of errors says which are documented)
        assert reader.body_bytes <= LIMIT + 2 * 64 * 1024
        return outcome_of_error(error)
    assert len(read.head) <= SNIFF_BYTES
    assert read.body_bytes <= LIMIT
    return read


def media(data: bytes) -> None:
    """Any bytes have a media type that the first of them decide."""
    found = media_type(data)
    assert (found is None) == (not data)
    assert found is None or _MEDIA.fullmatch(found), found
    assert found == media_type(data[:SNIFF_BYTES])


def robots(data: bytes) -> None:
    """Any bytes are rules for any URL; the first line is the URL's path."""
    path, _, content = data.partition(b"\n")
    asked = parse_url("http://example.com/" + path.decode("utf-8", "surrogateescape"))
    rules = parse_robots(content)
    assert rules.answer is RobotsAnswer.PARSED
    delay_s = rules.crawl_delay_s
    assert delay_s is None or (delay_s >= 0 and math.isfinite(delay_s))
    if isinstance(asked, ParsedUrl):
        assert rules.allows(asked.wire_url) in (True, False)
