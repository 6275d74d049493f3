"""What a host is asked that cannot exist: a path beside a link's own.

Room: pure rules. The random token comes in as an argument. See docs/decisions/0030.
"""

import re
from dataclasses import replace
from urllib.parse import unquote

from crawler.records import ParsedUrl

_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_BETWEEN_WORDS = re.compile(r"[-_ +,~]+")
_SIZE = re.compile(r"[a-z]{0,2}\d{1,4}x\d{0,4}[a-z]?")


def nonsense_beside(url: ParsedUrl, token: str) -> ParsedUrl:
    """Return a sibling of `url` whose name is `token`: same origin, directory and extension.

    A directory that looks like one picture's own (`/comp/D4E22C/sunset.jpg`) is replaced as well:
    many hosts go by it alone and take any name behind it. The query is left out, as it may be all
    that a host goes by.
    """
    scheme, _, rest = url.wire_url.partition("://")
    authority, _, target = rest.partition("/")
    *directories, name = target.partition("?")[0].split("/")
    kept = [token if looks_like_one_thing(directory) else directory for directory in directories]
    extension = _EXTENSION.search(name)
    path = "/".join((*kept, token + (extension[0] if extension else "")))
    return replace(url, wire_url=f"{scheme}://{authority}/{path}")


def looks_like_one_thing(directory: str) -> bool:
    """Tell a directory that names one thing (an id, a slug) from one that holds many.

    >>> [looks_like_one_thing(name) for name in ("wp-content", "2014", "640x480", "v1")]
    [False, False, False, False]
    >>> [looks_like_one_thing(name) for name in ("D4E22C", "1234567", "red-door-in-old-wall")]
    [True, True, True]
    """
    text = unquote(directory)
    digits = sum(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text)
    if _SIZE.fullmatch(text):
        return False
    return (
        digits >= 5
        or (len(text) >= 6 and digits >= 1 and letters >= 2)
        or (len(text) >= 8 and not text[1:].islower() and text[1:] != text[1:].lower())
        or len(text) >= 24
        or len(_BETWEEN_WORDS.split(text)) >= 4
    )
