"""`python -m bench.pdq`: pictures per second of one core, and bits from the reference.

Run from the repository's root, in the environment that `bench/run` makes.
"""

import hashlib
import io
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from time import process_time
from typing import TypeVar

import click
import numpy as np
import pdqhash
from PIL import Image

from bench.crawl.page import cpu_model, write
from bench.pdq.paint import paint
from pictures.fingerprint import Fingerprint
from pictures.read import fingerprint

T = TypeVar("T")

LEAST_PER_S = 300  # of 640 × 480, on one core
MOST_BITS = 10  # from the reference, at a quality of 80 and more
FIT_QUALITY = 80
SIZES = ((320, 240), (640, 480), (1024, 768), (3000, 2000))


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one size; rates are per second of CPU."""

    size: tuple[int, int]
    own_per_s: float
    reference_per_s: float
    worst_bits: int
    mean_bits: float


def reference(body: bytes) -> tuple[bytes, int]:
    """Return the hash and quality of a full decode by the binding of the reference."""
    hashlib.sha256(body).digest()
    hashlib.md5(body, usedforsecurity=False).digest()
    with Image.open(io.BytesIO(body)) as image:
        bits, quality = pdqhash.compute(np.asarray(image.convert("RGB")))
    return np.packbits(bits.astype(np.uint8)).tobytes(), int(quality)


def measure(size: tuple[int, int], count: int) -> Row:
    """Fingerprint `count` pictures of a size in both ways."""
    bodies = [paint(seed, size) for seed in range(count)]
    own, own_s = _timed(fingerprint, bodies)
    references, reference_s = _timed(reference, bodies)
    distances = [
        _distance(found, pdq)
        for found, (pdq, quality) in zip(own, references, strict=True)
        if quality >= FIT_QUALITY
    ]
    mean = sum(distances) / len(distances)
    return Row(size, count / own_s, count / reference_s, max(distances), mean)


def _timed(work: Callable[[bytes], T], bodies: list[bytes]) -> tuple[list[T], float]:
    work(bodies[0])
    began = process_time()
    found = [work(body) for body in bodies]
    return found, process_time() - began


def _distance(found: Fingerprint, pdq: bytes) -> int:
    assert found.pdq is not None  # noqa: S101
    return (int.from_bytes(found.pdq) ^ int.from_bytes(pdq)).bit_count()


def _table(rows: list[Row]) -> str:
    lines = [
        "| size | stillup | full decode + pdqhash | ratio | bits apart, most | mean |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {row.size[0]} × {row.size[1]} | {row.own_per_s:,.0f}/s | {row.reference_per_s:,.0f}/s"
        f" | {row.own_per_s / row.reference_per_s:.1f} | {row.worst_bits} | {row.mean_bits:.1f} |"
        for row in rows
    ]
    return "\n".join(lines)


def _judged(*, holds: bool) -> str:
    verdict = "holds" if holds else "DOES NOT HOLD"
    return f"- at least {LEAST_PER_S}/s at 640 × 480, at most {MOST_BITS} bits apart: {verdict}"


def _conditions() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("pillow", "numpy", "pdqhash"))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cpu_model()}, one core, {platform.system()}; "
        f"Python {platform.python_version()}, {versions}."
    )


@click.command()
@click.option("--count", default=100, show_default=True, help="Pictures of each size.")
@click.option("--check", is_flag=True, help="Exit 1 when a number does not hold.")
@click.option("--write", "refresh", is_flag=True, help="Refresh the table in docs/performance.md.")
def main(count: int, check: bool, refresh: bool) -> None:
    """Measure fingerprints of JPEGs: sha256, md5, PDQ, size and flags.

    \b
    Example: bench/run pdq --count 50
    """  # noqa: D301 - \b is click's
    rows = [measure(size, count) for size in SIZES]
    holds = all(row.worst_bits <= MOST_BITS for row in rows) and rows[1].own_per_s >= LEAST_PER_S
    text = f"{_conditions()}\n\n{_table(rows)}\n\n{_judged(holds=holds)}"
    click.echo(text)
    if refresh:
        write(text, "bench/pdq")
    if check and not holds:
        sys.exit(1)


if __name__ == "__main__":
    main.main(prog_name="python -m bench.pdq")
