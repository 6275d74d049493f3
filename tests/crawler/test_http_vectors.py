"""What other people's parsers are tested with, served to the crawler byte by byte."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.visit.body import BodyReader
from crawler.visit.failures import TruncatedError
from tests.conftest import MakeInternet
from tests.crawler.llhttp_vectors import Vector, vectors
from tests.internet import Host
from tests.internet.host import picture_reply
from tests.internet.messages import NOT_FOUND, Answer, Close, Request, Script, Send, Wait
from tests.runs import crawled, finals, planned

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

VECTORS = vectors()
COMPRESSED = Path(__file__).parent / "vectors" / "compressed"
PAGE_BYTES = (74_837, 74_840)
CODINGS = {
    "br": "br",
    "gzip": "gzip",
    "deflate": "deflate",
    "rawdeflate": "deflate",
    "zlibdeflate": "deflate",
    "zstd": "zstd",
}
# Invalid by llhttp's strict rules and read all the same: by its lenient ones (decision 0025), or as what
# is wrong comes after the end of an answer. None can become the answer to another link (0035).
READ_ALL_THE_SAME = {
    "connection: HTTP/1.1 with keep-alive disabled and 204 status",
    "connection: HTTP/1.1 with keep-alive disabled, content-length",
    "connection: HTTP 101 response with Upgrade and Content-Length header",
    "connection: HTTP 101 response with Upgrade and Transfer-Encoding header",
    "invalid: Only LFs present",
    "invalid: Only LFs present and no body",
    "sample: No carriage ret",
    "transfer-encoding: Trailing space on chunked body",
}


class VectorHost(Host):
    """Sends one vector at one path, waits, and closes; a picture is at the other."""

    def __init__(self, number: int, vector: Vector) -> None:
        super().__init__(f"vector-{number}.test")
        self.vector = vector
        self.urls = [f"http://vector-{number}.test/{path}" for path in ("vector", "healthy.jpg")]

    def look(self, request: Request) -> Answer:
        """Send the vector, or the picture."""
        if request.path == "/vector":
            return Script((Send(self.vector.sent), Wait(0.4), Close()), 200)
        return picture_reply(request) if request.path == "/healthy.jpg" else NOT_FOUND


def hosts() -> Iterator[VectorHost]:
    """Yield a host for each vector."""
    yield from (VectorHost(number, vector) for number, vector in enumerate(VECTORS))


def test_every_vector_is_one_observation_and_harms_no_other(
    make_internet: MakeInternet, tmp_path: Path
) -> None:
    """However a message is broken, its link has one observation, and the next one its own picture."""
    all_hosts = list(hosts())
    internet = make_internet(*all_hosts)
    urls = [url for host in all_hosts for url in host.urls]
    seen = finals(crawled(planned(tmp_path, urls), internet, "--shard", 0, "--timeout", "2"))
    assert set(seen) == set(urls)
    read = set()
    for host in all_hosts:
        first, second = (seen[url] for url in host.urls)
        assert (second["outcome"], second["media_type"]) == ("ok", "image/jpeg"), host.vector.name
        if first["status"] is not None and "BadAnswerError" not in (first["error"] or ""):
            read.add(host.vector.name)
    assert len(all_hosts) >= 60
    assert read == READ_ALL_THE_SAME | {vector.name for vector in VECTORS if vector.valid}


@pytest.mark.parametrize("path", sorted(COMPRESSED.glob("html-*.bin")), ids=lambda path: path.stem)
def test_scrapys_compressed_pages(path: Path) -> None:
    """Scrapy's page is the same page however it was compressed, and cut into pieces."""
    coding = ", ".join(CODINGS[part] for part in path.stem.split("-")[1:] if part in CODINGS)
    reader = BodyReader(coding, 100_000, keep_bytes=100_000)
    for byte in path.read_bytes():
        reader.feed(bytes([byte]))
    seen = reader.result(whole=True)
    assert seen.head.lstrip()[:9].lower() == b"<!doctype"
    assert seen.body_bytes == len(seen.head)
    assert seen.body_bytes in PAGE_BYTES


@pytest.mark.parametrize(
    "name", ["truncated-crc-error", "truncated-crc-error-short", "unexpected-eof"]
)
def test_scrapys_broken_gzip(name: str) -> None:
    """A gzip file without its end is not taken for a whole one; what came is still measured."""
    reader = BodyReader("gzip", 100_000, keep_bytes=100_000)
    reader.feed((COMPRESSED / f"{name}.gz").read_bytes())
    with pytest.raises(TruncatedError):
        reader.result(whole=True)
    assert reader.result(whole=False).body_bytes > 3_000
