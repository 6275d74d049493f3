"""The table of address ranges and who announces them: CSV in, one compact Parquet file out.

Room: disk. `python -m crawler.offline.networks V4.csv.gz V6.csv.gz --as-of DATE` writes data/asn
anew; `stillup refresh` makes the same file of the same CSV. Both families are one column of sixteen
bytes, IPv4 as ::ffff:a.b.c.d, so that one range join serves both and bytes compare as addresses do.
"""

import csv
import io
import sys
import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.offline.kept import DATA
from crawler.records.errors import RunFailed

TABLE_NAME = "networks.parquet"
SHIPPED = DATA / "asn" / TABLE_NAME

# One row per range, in the order of `first`. Ranges may overlap, and which one counts is the reader's;
# `overlaps` is true for one that another begins in, so that a reader need look back for no others.
NETWORKS_SCHEMA = pa.schema(
    [
        pa.field("first", pa.binary(), nullable=False),
        pa.field("last", pa.binary(), nullable=False),
        pa.field("asn", pa.uint32(), nullable=False),
        pa.field("organisation", pa.string(), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),
        pa.field("overlaps", pa.bool_(), nullable=False),
    ]
)

_MAPPED = bytes(10) + b"\xff\xff"
_LEAST_RANGES = 1000  # a page of HTML has none
_LONGEST_NAME = 200
_MOST_BYTES = 256 * 1024 * 1024  # ten times what the tables have
_PLAIN = {"first": "DELTA_BYTE_ARRAY", "last": "DELTA_BYTE_ARRAY", "asn": "PLAIN"}

Range = tuple[bytes, bytes, int, str]


def networks_table(files: Iterable[bytes], as_of: date) -> bytes:
    """Return the Parquet file made of CSV files (start, end, ASN, organisation; gzip or not).

    Raises RunFailed where that is not what they hold.
    """
    rows = sorted(row for content in files for row in _rows(content))
    if len(rows) < _LEAST_RANGES:
        raise RunFailed(f"{len(rows)} address ranges are no table of networks")
    first, last, asn, organisation = zip(*rows, strict=True)
    columns = [first, last, asn, organisation, [as_of] * len(rows), _overlaps(rows)]
    table = pa.table(dict(zip(NETWORKS_SCHEMA.names, columns, strict=True)), schema=NETWORKS_SCHEMA)
    written = io.BytesIO()
    pq.write_table(
        table,
        written,
        compression="zstd",
        compression_level=19,
        use_dictionary=["organisation", "as_of"],
        column_encoding=_PLAIN,
    )
    return written.getvalue()


def _overlaps(rows: list[Range]) -> list[bool]:
    """Tell of each range, in their order, whether another begins in it."""
    following = [*(row[0] for row in rows[1:]), None]
    before = [None, *(row[0] for row in rows[:-1])]
    return [
        (after is not None and after <= last) or ahead == first
        for (first, last, *_), after, ahead in zip(rows, following, before, strict=True)
    ]


def packed(address: IPv4Address | IPv6Address) -> bytes:
    """Return an address as sixteen bytes that compare as addresses do."""
    return _MAPPED + address.packed if address.version == 4 else address.packed


def _rows(content: bytes) -> Iterator[Range]:
    text = _unpacked(content) if content[:2] == b"\x1f\x8b" else content
    rows = csv.reader(io.StringIO(text.decode("utf-8", "replace"), newline=""))
    try:
        for row in rows:
            yield _range(row)
    except (ValueError, csv.Error) as error:
        what = f"line {rows.line_num} is no range of addresses, ASN and organisation ({error})"
        raise RunFailed(what) from error


def _unpacked(content: bytes) -> bytes:
    """Return what a gzip file holds. Raises RunFailed for one that is broken, cut or too large."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(content, _MOST_BYTES)
    except zlib.error as error:
        raise RunFailed(f"a broken gzip file is no table of networks ({error})") from error
    if not unpacker.eof:
        raise RunFailed(f"a gzip file that is cut, or larger than {_MOST_BYTES:,} bytes unpacked")
    return text


def _range(row: list[str]) -> Range:
    """Return a row of the CSV as one of the table. Raises ValueError."""
    start, end, asn, organisation = row
    ends, number = (ip_address(start), ip_address(end)), int(asn)
    first, last = map(packed, ends)
    if first > last or ends[0].version != ends[1].version or not 0 <= number < 2**32:
        raise ValueError(f"{start} to {end}")
    return first, last, number, organisation[:_LONGEST_NAME]


def main(arguments: list[str]) -> None:
    """Write data/asn anew from CSV files."""
    *files, option, as_of = arguments
    if option != "--as-of" or not files:
        raise SystemExit("usage: python -m crawler.offline.networks FILE... --as-of YYYY-MM-DD")
    contents = [Path(file).read_bytes() for file in files]
    SHIPPED.write_bytes(networks_table(contents, date.fromisoformat(as_of)))


if __name__ == "__main__":
    main(sys.argv[1:])
