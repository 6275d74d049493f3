"""Text made comparable: lower case, without accents, and a space wherever two words part.

Room: pure rules. The same is done to a term and to what it is looked for in.
"""

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import unquote

_PARTING = re.compile(r"(?:[^\w\n]|_)+")
# Accents and apostrophes.
_VANISHING_SIGNS = re.compile(r"[\u0300-\u036f'`\u00b4\u2018\u2019\u02bc]+")
# Every byte of ASCII that is no letter and no digit parts words, except that apostrophes vanish.
_ASCII = bytes(
    ord(chr(at).lower()) if at == 10 or (at < 128 and chr(at).isalnum()) else 32
    for at in range(256)
)
_VANISHING = b"'`"
_LINE_END = "\n"
_SPACES = re.compile(r" {2,}")


def folded(text: str) -> str:
    """Return a text as its words with one space between them, and one at each end."""
    return folded_all([text])[0]


def folded_all(texts: Sequence[str]) -> list[str]:
    """Return texts as their words; those in ASCII, which most are, all at once."""
    plain = [text.replace(_LINE_END, " ") if text.isascii() else "" for text in texts]
    joined = " \n ".join(plain).encode().translate(_ASCII, _VANISHING).decode()
    found = _SPACES.sub(" ", f" {joined} ").split(_LINE_END)
    others = [row for row, text in enumerate(texts) if not text.isascii()]
    for row, text in zip(others, _unaccented([texts[row] for row in others]), strict=True):
        found[row] = text
    return found


def _unaccented(texts: Sequence[str]) -> list[str]:
    joined = " \n ".join([text.replace(_LINE_END, " ") for text in texts])
    plain = unicodedata.normalize("NFKD", joined).lower().replace("ß", "ss")
    spaced = _PARTING.sub(" ", _VANISHING_SIGNS.sub("", plain))
    return _SPACES.sub(" ", f" {spaced} ").split(_LINE_END) if texts else []


def folded_paths(urls: Sequence[str]) -> list[str]:
    """Return the words of the paths and queries of URLs; a host says nothing of a picture."""
    paths = [url.partition("://")[2].partition("/")[2] for url in urls]
    return folded_all([unquote(path) if "%" in path else path for path in paths])
