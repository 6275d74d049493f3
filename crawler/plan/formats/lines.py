"""A file of lines → blocks of lines, as bytes without their ends.

Room: disk. Lines end with LF or CRLF; the last one may have no end. A byte order mark is dropped.
"""

from collections.abc import Iterator
from typing import BinaryIO

from crawler.plan.formats.batch import BATCH_BYTES
from crawler.plan.sources import Unreadable

_CHUNK_BYTES = 8 << 20
# A line this long is no line of a list: the file is something else. The longest URL has 1 MiB.
MAX_LINE_BYTES = 16 << 20


def blocks(stream: BinaryIO, rows: int) -> Iterator[list[bytes]]:
    """Yield the lines of a stream in order, up to `rows` or about `BATCH_BYTES` at a time."""
    block: list[bytes] = []
    block_bytes = 0
    for line in _lines(stream):
        block.append(line)
        block_bytes += len(line)
        if len(block) >= rows or block_bytes >= BATCH_BYTES:
            yield block
            block, block_bytes = [], 0
    if block:
        yield block


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    rest = _without_mark(stream.read(_CHUNK_BYTES))
    passed = 0
    while True:
        *whole, rest = rest.split(b"\n")
        for number, line in enumerate(whole, passed + 1):
            _refuse_endless(line, number)
            yield line[:-1] if line.endswith(b"\r") else line
        passed += len(whole)
        _refuse_endless(rest, passed + 1)
        chunk = stream.read(_CHUNK_BYTES)
        if not chunk:
            break
        rest += chunk
    if rest:
        yield rest[:-1] if rest.endswith(b"\r") else rest


def _refuse_endless(line: bytes, number: int) -> None:
    if len(line) > MAX_LINE_BYTES:
        text = f"line {number:,} is longer than {MAX_LINE_BYTES >> 20} MiB"
        raise Unreadable(f"{text}, which no row of a list is")


def _without_mark(start: bytes) -> bytes:
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable("it is UTF-16; convert it to UTF-8 first: iconv -f UTF-16 -t UTF-8")
    return start.removeprefix(b"\xef\xbb\xbf")
