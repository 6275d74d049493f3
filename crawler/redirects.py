"""Where a redirect leads: the Location header, resolved as a browser would.

Room: pure rules. Whether one may go there is decided elsewhere.
"""

from urllib.parse import quote

import ada_url

from crawler.outcomes import is_redirect
from crawler.records import Invalid, ParsedUrl
from crawler.urls import parse_url


def leads_on(status: int | None, location: str | None) -> bool:
    """Tell whether an answer is a redirect that says where to."""
    return status is not None and location is not None and is_redirect(status)


def redirect_target(base: str, location: str) -> ParsedUrl | Invalid:
    """Resolve a Location (RFC 9110, 10.2.2) against the URL that answered with it.

    Bytes outside ASCII, which arrive as surrogates, go on as the bytes that they were.
    """
    ascii_location = quote(location.encode("utf-8", "surrogateescape"), safe=_ASCII)
    try:
        return parse_url(ada_url.join_url(base, ascii_location))
    except ValueError:
        return Invalid("unparsable")


_ASCII = "".join(map(chr, range(0x20, 0x7F)))
