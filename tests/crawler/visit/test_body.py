"""A body as it streams by."""

import gzip
import hashlib
import itertools
import zlib
from collections.abc import Callable
from functools import partial

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.visit.body import Body, BodyReader
from crawler.visit.codings import zstd
from crawler.visit.failures import TooLargeError, TruncatedError, UnknownCodingError

LIMIT = 1_000_000


def _raw_deflate(body: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(body) + deflate.flush()


def _members(body: bytes) -> bytes:
    half = len(body) // 2
    return gzip.compress(body[:half]) + gzip.compress(body[half:])


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "identity": ("identity", bytes),
    "gzip": ("gzip", gzip.compress),
    "gzip in members": ("gzip", _members),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", _raw_deflate),
    "br": ("br", partial(brotli.compress, quality=5)),
    "zstd": ("zstd", zstd.compress),
    "zstd in frames": ("zstd", lambda body: zstd.compress(body[:9]) + zstd.compress(body[9:])),
    "nested": ("gzip, br", lambda body: brotli.compress(gzip.compress(body), quality=5)),
}


def read(wire: bytes, encoding: str | None, cuts: list[int], limit: int = LIMIT) -> Body:
    """Feed `wire` to a reader in pieces that end at `cuts`."""
    reader = BodyReader(encoding, limit)
    edges = [0, *sorted(cut % (len(wire) + 1) for cut in cuts), len(wire)]
    for start, end in itertools.pairwise(edges):
        if end > start:
            reader.feed(wire[start:end])
    return reader.result(whole=True)


@pytest.mark.parametrize("coding", CODINGS)
@given(body=st.binary(max_size=5000), cuts=st.lists(st.integers(0, 10_000), max_size=12))
def test_digests_are_of_the_decoded_body(coding: str, body: bytes, cuts: list[int]) -> None:
    """However a body is coded and cut into pieces, its digests and size are those of the body."""
    encoding, compress = CODINGS[coding]
    seen = read(compress(body), encoding, cuts)
    assert seen.sha256 == hashlib.sha256(body).digest()
    assert seen.md5 == hashlib.md5(body, usedforsecurity=False).digest()
    assert seen.body_bytes == len(body)
    assert body.startswith(seen.head)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@given(body=st.binary(min_size=200, max_size=2000), share=st.floats(0.05, 0.95))
def test_a_coding_that_ends_early_is_truncated(coding: str, body: bytes, share: float) -> None:
    """A compressed body that was cut off is never taken for a whole one."""
    wire = CODINGS[coding][1](body)
    with pytest.raises(TruncatedError):
        read(wire[: max(2, int(len(wire) * share))], CODINGS[coding][0], [])


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "nested"])
def test_a_bomb_ends_at_the_limit(coding: str) -> None:
    """A body that decodes to more than the limit is refused before it has grown by much."""
    encoding, compress = CODINGS[coding]
    reader = BodyReader(encoding, LIMIT)
    with pytest.raises(TooLargeError, match="after decoding"):
        reader.feed(compress(bytes(50 * LIMIT)))
    assert reader.body_bytes <= LIMIT + 2 * 64 * 1024


@pytest.mark.parametrize("size", [65_536, 65_537, 131_073])
@pytest.mark.parametrize("coding", CODINGS)
def test_the_last_piece_is_asked_for(coding: str, size: int) -> None:
    """A body that fills a decoder's pieces to the brim is whole, though all input was taken before."""
    encoding, compress = CODINGS[coding]
    assert read(compress(bytes(size)), encoding, []).body_bytes == size


@pytest.mark.parametrize("junk", [b"\0", b"\x1f", b"\x28\xb5", b"trailing" * 100_000])
@pytest.mark.parametrize("coding", ["gzip", "zstd", "deflate", "bare deflate"])
def test_what_trails_a_body_is_ignored(coding: str, junk: bytes) -> None:
    """Bytes after the last member are no part of the body, as every browser has it."""
    encoding, compress = CODINGS[coding]
    seen = read(compress(b"body") + junk, encoding, [], limit=LIMIT)
    assert seen.sha256 == hashlib.sha256(b"body").digest()


def test_the_wire_has_a_limit_of_its_own() -> None:
    """More bytes than the limit on the wire are refused, whatever they would decode to."""
    with pytest.raises(TooLargeError, match="on the wire"):
        read(bytes(LIMIT + 1), None, [])


@pytest.mark.parametrize("encoding", ["aws-chunked", "gzip, rot13", "gzip, gzip, gzip, gzip"])
def test_unknown_codings_are_named(encoding: str) -> None:
    """A coding that nobody here can undo is an error, not a body."""
    with pytest.raises(UnknownCodingError):
        BodyReader(encoding, LIMIT)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@given(body=st.binary(min_size=2, max_size=300))
def test_a_wrong_label_is_an_error(coding: str, body: bytes) -> None:
    """Bytes that are not in the coding they claim either raise or are no whole body."""
    try:
        seen = read(b"\xff\xd8" + body, CODINGS[coding][0], [])
    except (zlib.error, brotli.error, zstd.ZstdError, TruncatedError):
        return
    assert seen.sha256 is not None


def test_a_part_has_no_digest() -> None:
    """A body that was not read to its end has a head and a size, and no digest."""
    reader = BodyReader(None, LIMIT)
    reader.feed(b"\xff\xd8\xff")
    seen = reader.result(whole=False)
    assert (seen.head, seen.body_bytes, seen.sha256, seen.md5) == (b"\xff\xd8\xff", 3, None, None)


def test_an_empty_body_is_whole_whatever_its_label() -> None:
    """Servers label empty bodies as gzip; nothing was cut off then."""
    assert BodyReader("gzip", LIMIT).result(whole=True).sha256 == hashlib.sha256().digest()
