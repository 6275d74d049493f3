"""A hash list's text, whatever it is packed in, without ever holding more of it than a line.

Room: disk.
"""

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from crawler.records.errors import RunFailed, WrongUse
from crawler.records.shown import visible

LONGEST_LINE = 64 * 1024  # characters; a longer one is no entry of a hash list

_GZIP = b"\x1f\x8b"
_HEAD_BYTES = 64 * 1024
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a list's bytes, unpacked. Raises WrongUse where there is no file, RunFailed if torn."""
    shown = visible(str(path))
    try:
        with path.open("rb") as file:
            packed = file.peek(2).startswith(_GZIP)
            yield cast("BinaryIO", gzip.GzipFile(fileobj=file) if packed else file)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise WrongUse(f"{shown} is no hash list: {error.strerror}") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RunFailed(f"{shown} cannot be unpacked: {error}; fetch it again") from error


class _Lent(io.RawIOBase):
    """Bytes that are somebody else's to close."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        found = self._content.read(len(target))
        target[: len(found)] = found
        return len(found)


def text_of(content: BinaryIO) -> IO[str]:
    """Return the text of bytes; what is not in its encoding is replaced, and so refused later."""
    buffered = io.BufferedReader(_Lent(content))
    head = buffered.peek(4)
    encoding = next((name for mark, name in _MARKS.items() if head.startswith(mark)), "utf-8")
    return io.TextIOWrapper(buffered, encoding=encoding, errors="replace", newline=None)


def head_of(path: Path) -> str:
    """Return the first characters of a list."""
    with opened(path) as content:
        return text_of(content).read(_HEAD_BYTES)


def lines_of(text: IO[str]) -> Iterator[str | None]:
    """Yield a text's lines without their ends; None in the place of one that is too long."""
    while line := text.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith("\n"):
            yield line.rstrip("\n")
            continue
        while line and not line.endswith("\n"):
            line = text.readline(LONGEST_LINE)
        yield None


def content_digest(path: Path) -> str:
    """Return SHA-256 of a list's file, lower-case hex: what it is known by."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WrongUse(f"{visible(str(path))} is no hash list: {error.strerror}") from error
