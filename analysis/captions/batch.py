"""A batch of links → what their captions and URLs say.

Room: pure rules. One hit a link, category and field: the first, and how many there are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from analysis.captions.folding import folded_all, folded_paths
from analysis.captions.marks import Mark, find_marks
from analysis.captions.numbers import LOOKS_PERSONAL, Personal, find_mails, find_personal
from analysis.captions.words import find_terms

TOPICS = frozenset({"clinical", "identity", "finance", "intimate", "minors", "letters"})

_LOOKS_PERSONAL = re.compile(LOOKS_PERSONAL)
_LONGEST = 4000  # characters of a text that are looked at; a caption is not a book
# Words of a sentence: in a URL they are the names of parameters and of folders.
_ONLY_IN_CAPTIONS = frozenset({"record"})
_GENERIC = {"com": "US", "us": "US", "uk": "GB"}


@dataclass(frozen=True, slots=True)
class Hit:
    """The first of `hits` hits of a category in a field of the link at `row` of the batch.

    `term` and `language` are None for personal data, of which only the place is kept: `position`
    is the character that it begins at (of the folded text, for a term), and `length` how long it is.
    """

    row: int
    category: str
    field: str
    term: str | None
    language: str | None
    position: int
    length: int
    hits: int = 1


def search(all_captions: Sequence[str | None], all_urls: Sequence[str | None]) -> list[Hit]:
    """Return the hits of a batch of links, given their captions and their URLs."""
    captions = [caption[:_LONGEST] if caption else "" for caption in all_captions]
    urls = [url[:_LONGEST] if url else "" for url in all_urls]
    told = list(_terms(captions, urls))
    rows = sorted({hit.row for hit in told if hit.category in TOPICS})
    marked = (_marked(row, mark) for row in rows for mark in find_marks(captions[row]))
    return list(_once(chain(told, marked, _personals(captions, urls))))


def _terms(captions: Sequence[str], urls: Sequence[str]) -> Iterator[Hit]:
    texts = {"caption": folded_all(captions), "url": folded_paths(urls)}
    for field, folded_texts in texts.items():
        for found in find_terms(folded_texts):
            term = found.term
            if field == "caption" or term.category not in _ONLY_IN_CAPTIONS:
                where = (found.at, len(term.pattern.strip()))
                yield Hit(
                    found.row, term.category, field, term.text, term.language, *where, found.count
                )


def _personals(captions: Sequence[str], urls: Sequence[str]) -> Iterator[Hit]:
    for row, (caption, url) in enumerate(zip(captions, urls, strict=True)):
        if _LOOKS_PERSONAL.search(caption):
            for found in find_personal(caption, _region(url)):
                yield _personal(row, "caption", found)
        if "@" in url or "%40" in url:
            for found in find_mails(url.replace("%40", "@")):
                yield _personal(row, "url", found)


def _once(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Yield the first hit of each link, category and field, with how many there are."""
    kept: dict[tuple[int, str, str], Hit] = {}
    for hit in hits:
        key = (hit.row, hit.category, hit.field)
        known = kept.get(key)
        kept[key] = hit if known is None else replace(known, hits=known.hits + hit.hits)
    yield from kept.values()


def _marked(row: int, mark: Mark) -> Hit:
    return Hit(row, mark.category, "caption", mark.name, None, mark.position, mark.length)


def _personal(row: int, field: str, found: Personal) -> Hit:
    return Hit(row, found.kind, field, None, None, found.position, found.length)


def _region(url: str) -> str | None:
    """Return the country that a URL's host is in, by its top-level domain."""
    top = url.partition("://")[2].partition("/")[0].partition(":")[0].rpartition(".")[2].lower()
    return _GENERIC.get(top) or (top.upper() if len(top) == 2 and top.isalpha() else None)
