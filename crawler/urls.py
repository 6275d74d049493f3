"""A cell of the URL column, taken apart as the WHATWG URL standard says, and its identity.

Room: pure rules. The cell is never corrected: `&amp;` stays, a missing scheme stays missing.
"""

import re
from enum import StrEnum

import ada_url
import can_ada
import xxhash

from crawler.records.link import Invalid, ParsedUrl

# Longer than any server is known to accept; RFC 9110, 4.1 asks for at least 8,000.
MAX_WIRE_URL_BYTES = 8192

_DEFAULT_PORTS = {"http:": 80, "https:": 443}
_HAS_SCHEME = re.compile(r"[\x00-\x20]*[a-zA-Z][a-zA-Z0-9+.-]*:")
_NO_HOST = re.compile(r"[\x00-\x20]*https?:[/\\]*(?:[?#].*)?", re.IGNORECASE | re.DOTALL)
_BLANK = "".join(map(chr, range(0x21)))
_NEW_SHARP_S = "\u1e9e"  # ss until Unicode 15.1, which can-ada does not have yet, and ß since

_Url = can_ada.URL | ada_url.URL


class Reason(StrEnum):
    """Why a cell cannot be asked for. Closed; `invalid_reason` of `links` holds one of these."""

    MISSING = "missing"  # null, empty, or nothing but blanks
    NOT_TEXT = "not_text"  # a number, list or object where a URL belongs
    NOT_UTF8 = "not_utf8"  # bytes or surrogates that no text holds
    UNREADABLE = "unreadable"  # the row itself: a broken JSON line, more cells than columns
    NO_SCHEME = "no_scheme"  # relative: nothing says where it is
    SCHEME = "scheme"  # neither http nor https: data:, file:, ftp:, …
    NO_HOST = "no_host"  # http and no host
    BAD_HOST = "bad_host"  # a name that DNS cannot hold (RFC 1035, 2.3.4)
    UNPARSABLE = "unparsable"  # refused by the URL standard for another reason
    TOO_LONG = "too_long"  # over `MAX_WIRE_URL_BYTES`


def parse_url(text: str) -> ParsedUrl | Invalid:
    """Parse a cell as an absolute http or https URL, or say why it cannot be asked for."""
    found = url_parts(text)
    return Invalid(found) if isinstance(found, Reason) else ParsedUrl(*found)


def url_parts(text: str) -> tuple[str, str, str, int] | Reason:
    """`parse_url` for batches: wire URL, scheme, host and port as a plain tuple, or the reason."""
    try:
        url: _Url = can_ada.parse(text) if _NEW_SHARP_S not in text else ada_url.URL(text)
    except ValueError:
        second = _second_opinion(text)
        if second is None:
            return _why_unparsable(text)
        url = second
    except (TypeError, UnicodeEncodeError):  # lone surrogates
        return Reason.NOT_UTF8
    protocol = url.protocol
    default_port = _DEFAULT_PORTS.get(protocol)
    if default_port is None:
        return Reason.SCHEME
    host = _one_spelling(url.hostname)
    if not _can_be_resolved(host):
        return Reason.BAD_HOST if host else Reason.NO_HOST
    wire_url = _wire_url(url)
    if len(wire_url) > MAX_WIRE_URL_BYTES:
        return Reason.TOO_LONG
    return wire_url, protocol[:-1], host, int(url.port or default_port)


def link_id(key: str) -> int:
    """Return xxh3_64 of a wire URL, or of `invalid_key` where there is none."""
    return xxhash.xxh3_64_intdigest(key.encode())


def invalid_key(reason: str, text: str) -> str:
    """Return what identifies an unusable cell; no wire URL begins like this."""
    return f"invalid:{reason}:{text}"


def as_text(text: str) -> str:
    """Return `text` as valid Unicode, with what is no character spelled out as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def _second_opinion(text: str) -> _Url | None:
    """Ask the newer parser of a host in IDNA: can-ada refuses A-labels that the standard takes."""
    if text.isascii() and "xn--" not in text.lower():
        return None
    try:
        return ada_url.URL(text)
    except ValueError:
        return None


def _wire_url(url: _Url) -> str:
    """Return the URL without fragment and credentials."""
    if url.username or url.password:
        url.username = ""
        url.password = ""
    return url.href.partition("#")[0]


def _one_spelling(hostname: str) -> str:
    """Drop IPv6's brackets and the root's dot; the URL standard has done the rest."""
    if hostname.startswith("["):
        return hostname[1:-1]
    return hostname.removesuffix(".")


def _can_be_resolved(host: str) -> bool:
    """Tell whether DNS could hold the name: labels of 1 to 63 octets, 253 in all."""
    if len(host) < 64 and ".." not in host:
        return host != "" and host[0] != "." and host[-1] != "."
    return len(host) <= 253 and all(1 <= len(label) <= 63 for label in host.split("."))


def _why_unparsable(text: str) -> Reason:
    if not text.strip(_BLANK):
        return Reason.MISSING
    if not _HAS_SCHEME.match(text):
        return Reason.NO_SCHEME
    return Reason.NO_HOST if _NO_HOST.fullmatch(text) else Reason.UNPARSABLE
