"""Marks of one person's file in a caption, other than words: a full date, a number, a name; and of old things.

Room: pure rules. They are looked for only where a term has been found, and kept without what they say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# 27.03.1981, 3/27/1981, 1981-03-27, 1981年3月27日
_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}|(?:19|20)\d\d年\d{1,2}月\d{1,2}日)(?!\d)"
)
# A number of a file: no. 4711, №4711, #4711, Pat. 4711; or three digits and more after a word alone.
_NUMBER = re.compile(
    r"(?:\b(?:no|nr|num|id|ref|pat|pt|case|chart|file|row|page)\b[.:]?\s*|[#№]\s*|号|番号)\d{3,}",
    re.IGNORECASE,
)
# Two words that begin with a capital, where not every word of the caption does; or a title.
_NAME = re.compile(
    r"(?<![.\w])(?:[A-ZÀ-ÞА-Я][a-zß-ÿа-яё]{1,20}\s(?:[A-ZÀ-ÞА-Я][a-zß-ÿа-яё]{1,20}|[A-ZА-Я]\.)"
    r"|[A-ZА-Я]\.\s?[A-ZÀ-ÞА-Я][a-zß-ÿа-яё]{1,20}|(?:[Mm]rs?|[Mm]s|Frau|Herr|Mme|Sra?)\.?\s[A-ZÀ-Þ]\w+)"
)
_LOWER_WORD = re.compile(r"(?<!\w)[a-zß-ÿа-яё]{2,}|[\u3040-\u9fff]")
_OLD_YEAR = re.compile(r"(?<![\d./-])1[5-9]\d\d(?![\d./年-])")
_NEWER = 1950  # a year alone before this one is of something that is history


@dataclass(frozen=True, slots=True)
class Mark:
    """What a caption has besides words: `category` is record or calm, `name` what it is."""

    category: str
    name: str
    position: int
    length: int


def without_marks(caption: str) -> str:
    """Return a caption without its dates, and with "person" where there is a name."""
    return _NAME.sub(" person ", _DATE.sub(" ", caption))


def find_marks(caption: str) -> Iterator[Mark]:
    """Yield the marks of a caption, one of each sort."""
    for name, shape in (("a date", _DATE), ("a number", _NUMBER)):
        if found := shape.search(caption):
            yield Mark("record", name, found.start(), found.end() - found.start())
    if (found := _NAME.search(caption)) and _LOWER_WORD.search(caption):
        yield Mark("record", "a name", found.start(), found.end() - found.start())
    for found in _OLD_YEAR.finditer(caption):
        if int(found[0]) < _NEWER:
            yield Mark("calm", "an old year", found.start(), 4)
            return
