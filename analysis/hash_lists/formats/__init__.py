"""The formats of hash lists: add one by adding its file here and its line below.

Room: disk. A format tells from the first characters whether a list is its own, and reads it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from analysis.hash_lists.entry import Raw, Unreadable
from analysis.hash_lists.formats import delimited, jsons, plain, xml


@dataclass(frozen=True, slots=True)
class Format:
    """A format: whether a list's head is of it, and the entries of such a list."""

    name: str
    is_it: Callable[[str], bool]
    read: Callable[[BinaryIO], Iterator[Raw | Unreadable]]


# Asked in this order; the last one takes anything.
FORMATS = (
    Format("JSON Lines", jsons.is_json_lines, jsons.read_lines),
    Format("JSON", jsons.is_json, jsons.read),
    Format("XML", xml.is_xml, xml.read),
    Format("CSV", delimited.is_delimited, delimited.read),
    Format("plain", plain.is_plain, plain.read),
)


def format_of(head: str) -> Format:
    """Return the format of a list that begins like this."""
    return next(form for form in FORMATS if form.is_it(head))
