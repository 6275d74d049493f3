"""What the hosts of the fake internet answer, judged by clients that are not ours."""

import gzip
import io
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crawler.visit.codings import zstd
from tests.client import get, url_of
from tests.internet import BEHAVIOURS, Behaviour, Expectation, FakeInternet
from tests.internet.behaviours.encodings import BODY_BYTES
from tests.internet.framing import frame
from tests.internet.host import Listening
from tests.internet.messages import Reply, Request
from tests.internet.pictures import MEDIA_TYPES, picture

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}


def is_plain(behaviour: type[Behaviour], wanted: Expectation) -> bool:
    """Tell whether one GET by a client without judgement must give the expected status."""
    reachable = behaviour.listening is Listening.SERVED and behaviour.lookup.addresses == ("own",)
    at_once = wanted.hops == 0 and wanted.attempts is None and not wanted.tls_problem
    said = wanted.status is not None and wanted.mode == "body"
    return behaviour.plain and reachable and at_once and said


PLAIN = [
    pytest.param(url, wanted, id=url)
    for behaviour in BEHAVIOURS.values()
    for url, wanted in behaviour.expectations()
    if is_plain(behaviour, wanted)
]


@given(st.sampled_from(MEDIA_TYPES), st.text(), st.integers(0, 300_000))
def test_a_picture_can_be_decoded_and_is_about_as_large_as_wanted(
    media_type: str, url: str, size_bytes: int
) -> None:
    """Whatever the URL and size: a whole picture of its type, within a few hundred bytes."""
    body = picture(media_type, url, size_bytes)
    with Image.open(io.BytesIO(body)) as image:
        assert image.format == FORMATS[media_type]
        image.load()
    assert len(body) <= max(size_bytes, 5_000)
    assert len(body) >= size_bytes - 300


@given(st.sampled_from(MEDIA_TYPES), st.text(), st.text(), st.integers(0, 100_000))
def test_a_picture_belongs_to_its_url(
    media_type: str, one: str, other: str, size_bytes: int
) -> None:
    """The same URL gives the same bytes, another URL gives others."""
    same = picture(media_type, one, size_bytes) == picture(media_type, other, size_bytes)
    assert same == (one == other)


def request(head: bytes, method: str = "GET") -> Request:
    """Return a request with this head."""
    return Request(method, "/", "a.test", "http", "127.0.0.1", 80, 1, 0.0, 0.0, head)


@given(st.binary(min_size=1, max_size=200), st.integers(0, 250), st.integers(0, 250))
def test_a_range_is_that_part_of_the_body(body: bytes, first: int, length: int) -> None:
    """A range inside the body gives 206 and exactly those bytes; one beyond it gives 416."""
    asked = request(b"GET / HTTP/1.1\r\nRange: bytes=%d-%d" % (first, first + length))
    head, _, part = frame(Reply(body=body, ranges=True), asked).partition(b"\r\n\r\n")
    if first >= len(body):
        assert head.startswith(b"HTTP/1.1 416 ")
    else:
        assert head.startswith(b"HTTP/1.1 206 ")
        assert part == body[first : first + length + 1]


@pytest.mark.parametrize("header", [b'If-None-Match: "v1"', b"If-Modified-Since: then"])
def test_a_validator_that_still_holds_gives_304(header: bytes) -> None:
    """A client that already has it is told so, without a body."""
    reply = Reply(headers=(("ETag", '"v1"'), ("Last-Modified", "then")), body=b"picture")
    answer = frame(reply, request(b"GET / HTTP/1.1\r\n" + header))
    assert answer.startswith(b"HTTP/1.1 304 ")
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(("url", "wanted"), PLAIN)
def test_a_host_answers_with_the_status_that_is_expected_of_it(
    internet: FakeInternet, url: str, wanted: Expectation
) -> None:
    """The status, media type and size that a behaviour promises are what a client gets."""
    response, body = get(internet, url)
    assert response.status == wanted.status
    if wanted.media_type in FORMATS and not response.headers["Content-Encoding"]:
        assert Image.open(io.BytesIO(body)).format == FORMATS[wanted.media_type]
    if wanted.body_bytes is not None and not response.headers["Content-Encoding"]:
        assert len(body) == wanted.body_bytes


def test_a_path_that_no_behaviour_owns_is_not_found(internet: FakeInternet) -> None:
    """A canary tells a sane host from one that says 200 to everything."""
    assert get(internet, "http://ok-jpeg.test/no-such-thing")[0].status == 404
    assert get(internet, "http://soft-404.test/no-such-thing")[0].status == 200


@pytest.mark.parametrize("name", ["too-many-for-a-moment", "too-many-until-a-date"])
def test_a_busy_host_is_fine_the_second_time(internet: FakeInternet, name: str) -> None:
    """429 with a Retry-After, then 200."""
    url = url_of(name) + "?twice"
    first, _ = get(internet, url)
    assert (first.status, bool(first.headers["Retry-After"])) == (429, True)
    assert get(internet, url)[0].status == 200


def test_cookies_must_not_come_back(internet: FakeInternet) -> None:
    """A host that sets cookies can tell who brings one back."""
    url = url_of("cookies")
    assert get(internet, url)[0].headers.get_all("Set-Cookie")
    assert get(internet, url, Cookie="id=1")[0].status == 400


def test_a_chain_of_redirects_ends_at_the_picture(internet: FakeInternet) -> None:
    """Ten hops, counted by following them."""
    url, hops = url_of("redirect-10-hops"), 0
    while (response := get(internet, url)[0]).status == 302:
        url, hops = f"http://redirect-10-hops.test{response.headers['Location']}", hops + 1
    assert (response.status, hops) == (200, 10)


def test_head_gets_the_headers_of_get_and_no_body(internet: FakeInternet) -> None:
    """An honest host's HEAD declares the size of what GET would give."""
    head, nothing = get(internet, url_of("head-honest"), "HEAD")
    _, body = get(internet, url_of("head-honest"))
    assert (head.headers["Content-Length"], nothing) == (str(len(body)), b"")


@pytest.mark.parametrize(("name", "status"), [("head-405", 405), ("head-lies", 404)])
def test_head_may_be_dishonest(internet: FakeInternet, name: str, status: int) -> None:
    """HEAD fails where GET works."""
    assert get(internet, url_of(name), "HEAD")[0].status == status
    assert get(internet, url_of(name))[0].status == 200


@pytest.mark.parametrize(("name", "status"), [("range-honoured", 206), ("range-ignored", 200)])
def test_a_range_may_be_ignored(internet: FakeInternet, name: str, status: int) -> None:
    """One host sends the part that is asked for, the other everything."""
    response, body = get(internet, url_of(name), Range="bytes=0-65535")
    assert response.status == status
    assert (len(body) == 65_536) == (status == 206)


DECODE = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "raw-deflate": lambda body: zlib.decompress(body, -15),
    "brotli": brotli.decompress,
    "zstd": zstd.decompress,
}
BOMBS = {
    "gzip-bomb": gzip.decompress,
    "deflate-bomb": zlib.decompress,
    "brotli-bomb": brotli.decompress,
    "zstd-bomb": zstd.decompress,
}


@pytest.mark.parametrize("name", DECODE)
def test_a_coded_body_decodes_to_the_picture(internet: FakeInternet, name: str) -> None:
    """What is coded properly can be decoded, to the size that is expected."""
    assert len(DECODE[name](get(internet, url_of(name))[1])) == BODY_BYTES


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_small_on_the_wire_only(internet: FakeInternet, name: str) -> None:
    """A few kilobytes become more than the limit that expectations assume."""
    body = get(internet, url_of(name))[1]
    assert len(body) < 30_000
    assert len(BOMBS[name](body)) > 8_000_000


def test_mislabelled_and_cut_bodies_do_not_decode(internet: FakeInternet) -> None:
    """What says gzip and is none, and what ends early, cannot be decoded."""
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(get(internet, url_of("mislabelled-gzip"))[1])
    with pytest.raises(EOFError):
        gzip.decompress(get(internet, url_of("cut-gzip"))[1])
