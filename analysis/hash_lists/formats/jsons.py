"""JSON and JSON Lines: the exchanges' answers, HMA's and ours, read element by element.

Room: disk. An element is a line of JSON Lines, or an object of the document's lists, or the whole
where there are none. What hashes it holds at any depth are its entries, and what it says of itself
holds for them; so a document of millions of elements takes the memory of one.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import ijson

from analysis.hash_lists.entry import Raw, Unreadable
from analysis.hash_lists.fields import names_a_hash, raw_entries
from analysis.hash_lists.opened import lines_of, text_of

_MOST_EVENTS = 200_000  # of one element; a list's own object is some dozens
_DEEPEST = 40
# Keys of lists whose texts are hashes though the key does not name a kind.
_HASH_LISTS = frozenset(("", "hashes", "signals", "entries", "data", "items"))


class _TooLargeError(ValueError):
    """An element of more than a list's entry can be."""


def is_json(head: str) -> bool:
    """Tell whether a list begins as JSON does."""
    return head.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def is_json_lines(head: str) -> bool:
    """Tell whether the first line is a whole object and another line follows."""
    first, end, rest = head.strip().partition("\n")
    try:
        return bool(end and rest.strip()) and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def read_lines(content: BinaryIO) -> Iterator[Raw | Unreadable]:
    """Yield the hashes of every line."""
    for line in lines_of(text_of(content)):
        if line is None:
            yield Unreadable("a line too long for a hash")
        elif line.strip():
            try:
                yield from _found(json.loads(line), {})
            except (ValueError, RecursionError):
                yield Unreadable("a line that is no JSON")


def read(content: BinaryIO) -> Iterator[Raw | Unreadable]:
    """Yield the hashes of every element. What follows a fault cannot be read, and says so."""
    try:
        for element, outer in _elements(ijson.basic_parse(_Utf8(content))):
            yield from _found(element, outer)
    except _TooLargeError:
        yield Unreadable("an object too large for an entry, and whatever follows it")
    except (ijson.JSONError, UnicodeError):
        yield Unreadable("text that is no JSON, and whatever follows it")


class _Utf8:
    """The text of a list, as UTF-8, for ijson."""

    def __init__(self, content: BinaryIO) -> None:
        self._text = text_of(content)

    def read(self, size: int) -> bytes:
        return self._text.read(size).encode()


def _found(element: Any, outer: Mapping[str, str]) -> Iterator[Raw | Unreadable]:
    found: list[Raw | Unreadable] = [*_entries(element, outer, 0)]
    yield from found or [Unreadable("an object without a hash")]


def _elements(events: Iterator[tuple[str, Any]]) -> Iterator[tuple[Any, dict[str, str]]]:
    """Yield each object of the document's lists, with what the document said of itself before."""
    whole: dict[str, Any] = {}
    key = ""
    for event, value in events:
        if event == "map_key":
            key = value
        elif event == "start_array":
            yield from ((item, _said(whole)) for item in _items(events, key))
        elif event == "start_map" and not key:
            continue
        elif event == "end_map":
            break
        else:
            whole[key] = _built(events, event, value, [0])
    if any(True for _ in _entries(whole, {}, 0)):
        yield whole, {}


def _items(events: Iterator[tuple[str, Any]], key: str) -> Iterator[Any]:
    """Yield the items of a list; a text is the hash that the list's key says."""
    for event, value in events:
        if event == "end_array":
            return
        item = _built(events, event, value, [0])
        if isinstance(item, dict | list):
            yield item
        elif names_a_hash([key]):
            yield {key: item}
        elif key in _HASH_LISTS:
            yield {"hash": item}


def _built(
    events: Iterator[tuple[str, Any]], event: str, value: Any, spent: list[int], depth: int = 0
) -> Any:
    """Return the value that begins with an event. Raises _TooLargeError, also for its depth."""
    spent[0] += 1
    if spent[0] > _MOST_EVENTS or depth > 2 * _DEEPEST:
        raise _TooLargeError
    if event == "start_map":
        found: dict[str, Any] = {}
        for inner, key in events:
            if inner == "end_map":
                break
            found[key] = _built(events, *next(events), spent, depth + 1)
        return found
    if event == "start_array":
        items = []
        for inner, content in events:
            if inner == "end_array":
                break
            items.append(_built(events, inner, content, spent, depth + 1))
        return items
    return value


def _entries(element: Any, outer: Mapping[str, str], depth: int) -> Iterator[Raw]:
    if depth > _DEEPEST:
        return
    if isinstance(element, list):
        for item in element:
            yield from _entries(item, outer, depth + 1)
    elif isinstance(element, dict):
        own = _said(element)
        found = list(raw_entries(own, outer))
        yield from found
        for key, value in element.items():
            # ThreatExchange wraps a hash in an object that repeats it.
            if isinstance(value, dict | list) and not (found and key == "indicator"):
                yield from _entries(_named(key, value), {**outer, **own}, depth + 1)


def _named(key: str, value: Any) -> Any:
    """Return a list of texts as objects of the key that holds them, if it is one of hashes."""
    if isinstance(value, list) and names_a_hash([key]):
        return [{key: item} if isinstance(item, str) else item for item in value]
    return value


def _said(element: Mapping[str, Any]) -> dict[str, str]:
    """Return what an object says in so many words: its texts and numbers, and lists of words."""
    return {key: text for key, value in element.items() if (text := _text(key, value)) is not None}


def _text(key: str, value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not names_a_hash([key]):
        words = [item for item in value if isinstance(item, str)]
        return ", ".join(words) if words else None
    return None if value is None or isinstance(value, dict | list) else str(value)
