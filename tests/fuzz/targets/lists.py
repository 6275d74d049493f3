"""Lists of links in every format, packed or not: each row is accounted for, or one line says why."""

import gzip
import io
from typing import Any

from crawler.plan.formats import READERS
from crawler.plan.formats.batch import ReadOptions
from crawler.plan.formats.delimited import _records
from crawler.plan.rows import staged
from crawler.plan.sources import SourceFile, reading
from crawler.records.errors import RunFailed
from crawler.urls import Reason
from crawler.visit.codings import zstd

FORMATS = ("text", "tsv", "csv", "jsonl", "parquet")
_PACKINGS = (None, None, None, "gzip", "zstd")


class _OneFile:
    """A file system with one file in it, whatever it is called."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def open(self, path: str, mode: str) -> io.BytesIO:
        return io.BytesIO(self._content)


def rows(data: bytes) -> None:
    """Any bytes as a list: the first byte chooses the format, the second how it is packed.

    An odd second byte packs the rest; an even one says that it is packed already.
    """
    if len(data) < 2:
        return
    kind = FORMATS[data[0] % (len(FORMATS) - 1)]
    packing, content = _PACKINGS[data[1] % len(_PACKINGS)], data[2:]
    given = _packed(content, packing) if data[0] & 0x80 else content
    count = check_list(given, kind, packing)
    if count is None or (packing and not data[0] & 0x80):
        return
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    lines = lines[:-1] if not lines[-1] else lines
    if kind in ("text", "jsonl"):
        assert count == len(lines)
    if kind == "tsv":
        assert count in (len(lines), len(lines) - 1)
    if kind == "csv":
        _check_csv([line.removesuffix(b"\r") for line in lines], count)


def parquet(data: bytes) -> None:
    """Any bytes as a Parquet file, packed or not."""
    if data:
        check_list(data[1:], "parquet", _PACKINGS[data[0] % len(_PACKINGS)])


def check_list(content: bytes, kind: str, packing: str | None) -> int | None:
    """Read a list and stage its rows; return how many there are, None where it cannot be read."""
    file: Any = SourceFile("list", "list", _OneFile(content), kind, packing)
    count = 0
    try:
        with reading(file):
            found = READERS[kind](file, ReadOptions())
            for batch in (batch for some in found for batch in some.read()):
                table = staged(batch)
                assert table.num_rows == len(batch.urls)
                table.validate(full=True)
                for row in table.select(["host", "invalid_reason"]).to_pylist():
                    reason = row["invalid_reason"]
                    assert (row["host"] is None) == (reason is not None)
                    assert reason is None or reason in set(Reason)
                count += table.num_rows
    except RunFailed as error:
        refusal = str(error)
    else:
        return count
    assert "\n" not in refusal
    assert len(refusal) < 5000
    return None


def _check_csv(lines: list[bytes], count: int) -> None:
    """Every line of a CSV is in exactly one record, in order."""
    texts = [line.decode("utf-8", "surrogateescape") for line in lines]
    delimiter = max(",;\t|", key=texts[0].count) if texts else ","
    found = [text for _, text in _records(iter(texts), delimiter)]
    assert "\n".join(found) == "\n".join(texts)
    assert count in (len(found), len(found) - 1)


def _packed(content: bytes, packing: str | None) -> bytes:
    if packing is None:
        return content
    return gzip.compress(content, 1) if packing == "gzip" else zstd.compress(content)
