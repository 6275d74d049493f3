"""What a server may write into a header, as an exchange hands it on: UTF-8 with surrogates."""

import contextlib
import math
from datetime import UTC, datetime

from crawler.politeness import retry_after_s
from crawler.records import Invalid
from crawler.redirects import leads_on, redirect_target
from crawler.urls import Reason
from crawler.visit.body import BodyReader
from crawler.visit.failures import UnknownCodingError
from crawler.visit.observe import _number, _text
from tests.fuzz.targets.urls import check_parsed

NOW = datetime(2031, 1, 2, tzinfo=UTC)
BASES = (
    "http://example.com/",
    "https://example.com:8443/a/b;c?d=e",
    "http://127.0.0.1/x",
    "http://[2001:db8::1]/",
)


def header(data: bytes) -> str:
    """Return a header's value as `crawler/visit/wire.py` decodes it."""
    return data.decode("utf-8", "surrogateescape")


def redirect(data: bytes) -> None:
    """Any Location is a link or a reason, whatever URL it came from."""
    location = header(data[1:])
    target = redirect_target(BASES[data[0] % len(BASES)] if data else BASES[0], location)
    assert leads_on(301, location)
    if isinstance(target, Invalid):
        assert target.reason in set(Reason)
    else:
        check_parsed(target)


def headers(data: bytes) -> None:
    """No header that a look reads raises anything but the errors that it documents."""
    text = header(data)
    pause_s = retry_after_s(text, NOW)
    assert pause_s is None or (pause_s >= 0 and math.isfinite(pause_s))
    number = _number(text)
    assert number is None or 0 <= number < 2**64
    kept = _text(text)
    assert kept is not None
    assert len(kept.encode()) <= 3000
    with contextlib.suppress(UnknownCodingError):
        BodyReader(text, 1000)
