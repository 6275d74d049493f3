"""A cell of the URL column, held against other parsers, and against our requests."""

import re
from urllib.parse import urlsplit

import ada_url

from crawler.domains import registered_domain
from crawler.records import Invalid, ParsedUrl
from crawler.urls import MAX_WIRE_URL_BYTES, Reason, as_text, parse_url
from crawler.visit.fetch import taken_apart

_WIRE = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"[^\x00-\x20/?#@\\%<>\[\]^|A-Z\x7f-\U0010ffff]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def url(data: bytes) -> None:
    """Any text is a link or a reason; what is a link means the same to everybody who reads it."""
    check_url(data.decode("utf-8", "surrogateescape"))


def check_url(text: str) -> None:
    """Parse one cell and hold the answer to its promises."""
    parsed = parse_url(text)
    if isinstance(parsed, Invalid):
        assert parsed.reason in set(Reason)
        assert as_text(text).encode() is not None
        return
    check_parsed(parsed)


def check_parsed(parsed: ParsedUrl) -> None:
    """A URL that goes on the wire is plain ASCII, itself again, and read alike by three parsers."""
    assert _WIRE.fullmatch(parsed.wire_url), ascii(parsed.wire_url)
    assert len(parsed.wire_url) <= MAX_WIRE_URL_BYTES
    assert parse_url(parsed.wire_url) == parsed
    assert _HOST.fullmatch(parsed.host), ascii(parsed.host)
    assert registered_domain(parsed.host)
    assert parsed.host.endswith(registered_domain(parsed.host))
    place = (parsed.scheme, parsed.host, parsed.port)
    assert _by_request(parsed.wire_url) == place
    assert _by_urllib(parsed.wire_url) == place
    assert _by_ada(parsed.wire_url) == place


def _by_request(wire_url: str) -> tuple[str, str, int]:
    """What a request takes the URL for: that is who is connected to and what is asked for."""
    place, authority, target = taken_apart(wire_url)
    scheme = "https" if place.tls else "http"
    assert wire_url == f"{scheme}://{authority}{target}"
    assert "@" not in authority
    return scheme, place.host.removesuffix("."), place.port


def _by_urllib(wire_url: str) -> tuple[str, str, int]:
    found = urlsplit(wire_url)
    assert found.username is None
    assert not found.fragment
    host = (found.hostname or "").removesuffix(".")
    return found.scheme, host, _DEFAULT_PORTS[found.scheme] if found.port is None else found.port


def _by_ada(wire_url: str) -> tuple[str, str, int]:
    found = ada_url.URL(wire_url)
    scheme = found.protocol[:-1]
    host = found.hostname.strip("[]").removesuffix(".")
    return scheme, host, int(found.port or _DEFAULT_PORTS[scheme])
