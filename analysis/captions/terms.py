"""The terms of data/terms, each as the text that is looked for.

Room: disk.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from analysis.captions.folding import folded

FOLDER = Path(__file__).parents[2] / "data" / "terms"
LANGUAGES = ("en", "de", "fr", "es", "pt", "ru", "zh", "ja")
_UNSPACED = ("zh", "ja")


@dataclass(frozen=True, slots=True)
class Term:
    """A term as its list spells it, and `pattern`, which stands in folded text where it is meant.

    The spaces of a pattern are its word boundaries; scripts without spaces have none.
    """

    text: str
    category: str
    language: str
    pattern: str


@cache
def terms() -> tuple[Term, ...]:
    """Return every term of every category."""
    return tuple(term for path in sorted(FOLDER.glob("*.toml")) for term in _terms(path))


@cache
def terms_digest() -> str:
    """Return what changes when a list does."""
    digest = sha256()
    for path in sorted(FOLDER.glob("*.toml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _terms(path: Path) -> Iterator[Term]:
    lists = tomllib.loads(path.read_text(encoding="utf-8"))["terms"]
    for language, texts in lists.items():
        for text in texts:
            yield Term(text, path.stem, language, _pattern(text, language))


def _pattern(text: str, language: str) -> str:
    words = folded(text).strip()
    if language in _UNSPACED and not words.isascii():
        return words
    left = "" if text.startswith("*") else " "
    right = "" if text.endswith("*") else " "
    return f"{left}{words}{right}"
