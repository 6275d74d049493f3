"""PDQ: near the reference implementations, however a picture is decoded."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pictures import pdq
from pictures.fingerprint import ORIENTATIONS
from pictures.read import fingerprint
from tests.pictures.samples import DATA, distance, drawn, encoded

BITS = 10  # that the design allows at a quality of 80 and more
# How far the reference implementations are from each other on these pictures.
_APART = 12


def _references() -> list[dict[str, str]]:
    with (DATA / "pdq/expected_pdq.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", _references(), ids=lambda row: row["file"])
def test_the_reference_implementations_agree(row: dict[str, str]) -> None:
    """A reduced decode is as near to the reference implementations as they are to each other."""
    found = fingerprint((DATA / "pdq" / row["file"]).read_bytes())
    assert found.pdq is not None
    if row["quality_here"]:
        assert found.pdq_quality == int(row["quality_here"])
    if row["hash_pdqhash_0_2_8_here"] and found.pdq_quality:
        assert distance(found.pdq, bytes.fromhex(row["hash_pdqhash_0_2_8_here"])) <= BITS
    others = [row[name] for name in ("hash_wasm_cpp", "hash_pure_python", "hash_java")]
    for other in filter(None, others):
        limit = _APART if row["hash_pdqhash_0_2_8_here"] else 0
        assert distance(found.pdq, bytes.fromhex(other)) <= limit + 2 or not found.pdq_quality


@pytest.mark.parametrize("size", [(640, 480), (1801, 1203), (967, 1333)], ids=str)
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP"])
def test_a_reduced_decode_changes_little(format_name: str, size: tuple[int, int]) -> None:
    """Whatever a picture is reduced by, its hash is within 10 bits of that of all its pixels."""
    body = encoded(drawn(size[0], size), format_name)
    with Image.open(io.BytesIO(body)) as image:
        whole = np.asarray(image.convert("RGB")) @ np.array([0.299, 0.587, 0.114])
    samples = pdq.sampled(whole, whole.shape[0], whole.shape[1], 1)
    found = fingerprint(body)
    assert found.pdq is not None
    assert pdq.quality(samples) >= 80
    assert distance(found.pdq, pdq.bits(pdq.frequencies(samples))) <= BITS


def test_the_eight_orientations_are_those_of_the_turned_picture() -> None:
    """Each of the eight hashes is near that of the picture turned or mirrored alike."""
    image = drawn(7, (512, 400))
    turns = {
        "original": None,
        "rotate_90": Image.Transpose.ROTATE_90,
        "rotate_180": Image.Transpose.ROTATE_180,
        "rotate_270": Image.Transpose.ROTATE_270,
        "flip_x": Image.Transpose.FLIP_TOP_BOTTOM,
        "flip_y": Image.Transpose.FLIP_LEFT_RIGHT,
        "flip_plus_1": Image.Transpose.TRANSPOSE,
        "flip_minus_1": Image.Transpose.TRANSVERSE,
    }
    hashes = fingerprint(encoded(image, "PNG"), turned=True).turned
    for name, found in zip(ORIENTATIONS, hashes, strict=True):
        turn = turns[name]
        turned = image if turn is None else image.transpose(turn)
        own = fingerprint(encoded(turned, "PNG")).pdq
        assert own is not None
        assert distance(found, own) <= 31, name
        others = [other for other in hashes if other is not found]
        assert min(distance(own, other) for other in others) > 31, name


@given(
    height=st.integers(pdq.MIN_SIDE, 300),
    width=st.integers(pdq.MIN_SIDE, 300),
    value=st.integers(0, 255),
)
def test_one_colour_has_no_quality(height: int, width: int, value: int) -> None:
    """Blurring keeps brightness at every size: a picture of one colour stays one, of quality 0."""
    samples = pdq.sampled(np.full((height, width), value), height, width, 1)
    assert np.allclose(samples, value, atol=1e-3)
    assert pdq.quality(samples) == 0
