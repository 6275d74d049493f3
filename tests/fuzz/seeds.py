"""Where fuzzing begins: for each target, inputs that already reach deep into its parser."""

import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import dnslib
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from crawler.dns_message import Kind
from crawler.visit.codings import zstd
from tests.fuzz.targets.bodies import CODINGS
from tests.fuzz.targets.dns import ASKED
from tests.fuzz.targets.lists import FORMATS

_VECTORS = Path(__file__).parents[1] / "crawler" / "vectors"
_TEXT = b"a body that is worth packing, packing, packing " * 20
_LIST = {
    "text": b"http://a.example/1\r\nhttps://b.example/2\n",
    "tsv": b"url\tcaption\nhttp://a.example/1\tone\nhttp://a.example/2\t\"two\n",
    "csv": b'url,caption,width\nhttp://a.example/1,"one\n, ""two""",5\nhttp://a.example/2,x,-1\n',
    "jsonl": b'{"url": "http://a.example/1", "caption": null, "width": 1e3}\n[]\n{"url": 5}\n',
}  # fmt: skip
_HEADERS = (
    b"120", b"Wed, 21 Oct 2032 07:28:00 GMT", b"Wednesday, 21-Oct-32 07:28:00 +2500", b"-1", b"1e9",
    b"bytes 0-99/100", b"bytes 0-*/*", b"gzip, br", b"aws-chunked", b"text/html; charset=utf-8",
)  # fmt: skip
_ANSWERS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"HTTP/1.1 206 Part\r\nContent-Range: bytes 0-2/3\r\nContent-Length: 3\r\n\r\nabc",
    b"HTTP/1.1 301 Moved\r\nLocation: /b.jpg\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.0 404 \r\nConnection: keep-alive\r\nETag: \xff\r\n\r\nUser-agent: *\nDisallow: /\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"abc"),
)  # fmt: skip
_DNS_ANSWERS = (
    (Kind.A, ("a.test. 60 CNAME b.test.", "b.test. 5 A 192.0.2.1", "b.test. 9 A 192.0.2.2")),
    (Kind.AAAA, ("a.test. 60 AAAA 2001:db8::1",)),
    (Kind.A, ("a.test. 60 CNAME a.test.",)),
    (Kind.A, ()),
)
_ROBOTS = (
    b"a/b?c=d\nUser-agent: *\nDisallow: /*?c=*$\nAllow: /a\nCrawl-delay: 2.5\nRequest-rate: 1/10s\n",
    b"%7Ea\n\xef\xbb\xbfUser-agent: stillup\r\nDisallow: /%7ea\r\nVisit-time: 0600-0845\r\n",
)


def _urls() -> Iterator[bytes]:
    for case in json.loads((_VECTORS / "urltestdata.json").read_text(encoding="utf-8")):
        if isinstance(case, dict):
            yield case["input"].encode("utf-8", "surrogatepass")


def _bodies() -> Iterator[bytes]:
    raw = zlib.compressobj(wbits=-15)
    packed = [
        gzip.compress(_TEXT) + gzip.compress(b"second member"),
        raw.compress(_TEXT) + raw.flush(),
        brotli.compress(_TEXT),
        zstd.compress(_TEXT),
        brotli.compress(gzip.compress(_TEXT)),
        gzip.compress(zlib.compress(_TEXT)),
        zlib.compress(zstd.compress(_TEXT)),
        _TEXT,
    ]
    packed_bombs = [gzip.compress(bytes(400_000)), zlib.compress(bytes(400_000))]
    for number, wire in enumerate([*packed, *packed_bombs]):
        yield bytes([number % len(CODINGS), 7]) + wire


def _pictures() -> Iterator[bytes]:
    for kind in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"):
        file = io.BytesIO()
        Image.new("RGB", (16, 16), "teal").save(file, kind)
        yield file.getvalue()[:600]
    yield from (b"<!-- a --><html>", b"<?xml version='1.0'?><svg>", b'{"error": 1}', b"\xff\xfeN\0")


def _lists() -> Iterator[bytes]:
    for kind, content in _LIST.items():
        for packing in (0, 3, 4):
            yield bytes([0x80 | FORMATS.index(kind), packing]) + content
    yield bytes([0, 3]) + gzip.compress(_LIST["text"])
    yield bytes([1, 4]) + zstd.compress(_LIST["tsv"])


def _parquets() -> Iterator[bytes]:
    urls = ["http://a.example/1", None, "data:,"]
    table = pa.table({"url": urls, "width": [1, 2, None], "tags": [["a"], [], None]})
    for compression in ("none", "snappy", "zstd"):
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression=compression)
        yield b"\0" + bytes(sink.getvalue())


def _dns_answers() -> Iterator[bytes]:
    """Yield answers without their number, as a name server packs them."""
    for kind, rows in _DNS_ANSWERS:
        made = dnslib.DNSRecord.parse(ASKED[kind]).reply()
        for row in rows:
            made.add_answer(*dnslib.RR.fromZone(row))
        packed: bytes = made.pack()
        yield packed[2:]
        made.header.rcode = dnslib.RCODE.NXDOMAIN
        made.add_auth(*dnslib.RR.fromZone("test. 60 SOA ns.test. mail.test. 1 2 3 4 5"))
        packed = made.pack()
        yield packed[2:]


SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "url": _urls,
    "redirect": lambda: (b"\1" + url for url in _urls()),
    "headers": lambda: iter(_HEADERS),
    "body": _bodies,
    "media": _pictures,
    "robots": lambda: iter(_ROBOTS),
    "rows": _lists,
    "parquet": _parquets,
    "dns": _dns_answers,
    "visit": lambda: (bytes([mode]) + answer for mode in range(3) for answer in _ANSWERS),
}
