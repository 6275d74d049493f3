"""Plain lists: a hash a line, or a kind and a hash as ThreatExchange's file exchange has them.

Room: disk. Lines that begin with # are left out.
"""

from collections.abc import Iterator
from typing import BinaryIO

from analysis.hash_lists.entry import Raw, Unreadable
from analysis.hash_lists.judge import kind_of
from analysis.hash_lists.opened import lines_of, text_of


def is_plain(head: str) -> bool:  # noqa: ARG001 - every format is asked alike
    """Take whatever no other format takes."""
    return True


def read(content: BinaryIO) -> Iterator[Raw | Unreadable]:
    """Yield an entry a line."""
    for line in lines_of(text_of(content)):
        if line is None:
            yield Unreadable("a line too long for a hash")
        elif line.strip() and not line.lstrip().startswith("#"):
            yield _entry(line.split())


def _entry(words: list[str]) -> Raw:
    """`md5 d41d…` and what sha256sum writes, `d41d…  name`, which names no kind."""
    if len(words) > 1 and (kind_of(words[0]) is not None or len(words[1]) > len(words[0])):
        return Raw(words[1], words[0])
    return Raw(words[0])
