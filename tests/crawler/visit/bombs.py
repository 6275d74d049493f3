"""Bombs of every coding, and how much a process grows that decodes them; run in a child of its own."""

import gzip
import multiprocessing
import resource
import sys
import zlib
from collections.abc import Iterator

import brotli

from crawler.visit.body import BodyReader
from crawler.visit.codings import zstd
from crawler.visit.failures import TooLargeError

MB = 1_000_000
LIMIT_BYTES = 25 * MB


def bombs() -> Iterator[tuple[str, bytes]]:
    """Yield a bomb of each coding, made of 60 MB of zeros."""
    zeros, times = bytes(MB), 60
    for coding, coder in (
        ("gzip", zlib.compressobj(9, wbits=31)),
        ("deflate", zlib.compressobj(9)),
    ):
        yield coding, b"".join(coder.compress(zeros) for _ in range(times)) + coder.flush()
    dense = brotli.Compressor(quality=1)
    yield "br", b"".join(dense.process(zeros) for _ in range(times)) + dense.finish()
    packer = zstd.ZstdCompressor(3)
    yield "zstd", b"".join(packer.compress(zeros) for _ in range(times)) + packer.flush()
    nested = gzip.compress(bytes(20 * MB))
    yield "gzip, gzip", gzip.compress(nested)


def growth_of_bombs(told: "multiprocessing.Queue[int]") -> None:
    """Tell by how many bytes this process grew, at its peak, over the decoding of every bomb."""
    made = list(bombs())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for coding, bomb in made:
        reader = BodyReader(coding, LIMIT_BYTES)
        try:
            reader.feed(bomb)
        except TooLargeError:
            assert reader.body_bytes <= LIMIT_BYTES + 128 * 1024
        else:
            assert coding == "gzip, gzip"
    unit = 1 if sys.platform == "darwin" else 1024
    told.put((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit)
