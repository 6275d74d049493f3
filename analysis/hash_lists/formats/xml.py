"""XML as NCMEC's hash sharing answers: items with `fingerprints` and a `classification`.

Room: disk. No entity, document type or network is followed; an item is forgotten once it is read.
Deleted items have no fingerprints, and so no entries.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from analysis.hash_lists.entry import Raw, Unreadable
from analysis.hash_lists.fields import raw_entries

_HASHES = "{*}fingerprints"


def is_xml(head: str) -> bool:
    """Tell whether a list begins as XML does."""
    return head.lstrip("\ufeff \t\r\n").startswith(("<?xml", "<queryResult"))


def read(content: BinaryIO) -> Iterator[Raw | Unreadable]:
    """Yield the hashes of every item. What follows a fault cannot be read, and says so."""
    items = etree.iterparse(
        content, tag=_HASHES, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        for _, hashes in items:
            item = hashes.getparent()
            yield from raw_entries(_texts(hashes), {} if item is None else _texts(item))
            _forget(item)
    except etree.XMLSyntaxError:
        yield Unreadable("text that is no XML, and whatever follows it")


def _texts(element: Any) -> dict[str, str]:
    return {
        etree.QName(child).localname: child.text
        for child in element
        if isinstance(child.tag, str) and child.text
    }


def _forget(item: Any) -> None:
    """Let go of the items before this one; it may still say more of itself."""
    if item is not None:
        while item.getprevious() is not None:
            del item.getparent()[0]
