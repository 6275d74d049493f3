"""The response vectors of llhttp's own tests, taken out of their Markdown.

A section has a title, the bytes that are sent and the log of the parser's events; an `error` in the
log says that the bytes are no valid response.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "vectors" / "llhttp"

_SECTION = re.compile(
    r"^#+ (?P<title>[^\n]+)\n(?P<between>(?:(?!^#|^```).)*?)^```http\n(?P<sent>.*?)^```\n"
    r".*?^```log\n(?P<log>.*?)^```",
    re.MULTILINE | re.DOTALL,
)
_META = re.compile(r"<!-- meta=(\{.*?\}) -->")
_ESCAPE = re.compile(r"\\(?:([rntf\"])|x([0-9a-fA-F]{2}))")
_SIGNS = {"r": "\r", "n": "\n", "t": "\t", "f": "\f", '"': '"'}


@dataclass(frozen=True, slots=True)
class Vector:
    """Bytes that a server sends. `valid` is llhttp's word on them, as strict as it can be."""

    name: str
    sent: bytes
    valid: bool


def vectors() -> list[Vector]:
    """Return every vector that is for a strict parser of responses, each once."""
    by_bytes: dict[bytes, Vector] = {}
    for path in sorted(FOLDER.glob("*.md")):
        for vector in _of(path):
            by_bytes.setdefault(vector.sent, vector)
    return list(by_bytes.values())


def _of(path: Path) -> Iterator[Vector]:
    for found in _SECTION.finditer(path.read_text(encoding="utf-8") + "\n"):
        meta = _META.search(found["between"])
        if meta is None or json.loads(meta[1])["type"] == "response":
            name = f"{path.stem}: {found['title']}"
            yield Vector(name, _bytes(found["sent"]), "error code=" not in found["log"])


def _bytes(text: str) -> bytes:
    """Undo the spelling of llhttp's tests: lines end with CRLF, unless a backslash joins them."""
    joined = text.removesuffix("\n").replace("\\\n", "").replace("\n", "\r\n")
    plain = _ESCAPE.sub(lambda m: _SIGNS[m[1]] if m[1] else chr(int(m[2], 16)), joined)
    return plain.encode("utf-8")
