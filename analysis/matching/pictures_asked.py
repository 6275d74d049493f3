"""A person's pictures as lists of hashes that live in memory only.

Room: disk. Reads the files that a person names; nothing of a picture is written.
"""

import io
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from analysis.hash_lists.entry import Entry, Kind
from analysis.hash_lists.gathered import Gathering, HashList
from analysis.hash_lists.judge import is_blank_pdq
from crawler.records.errors import WrongUse
from crawler.records.shown import visible
from pictures.fingerprint import ORIENTATIONS, Fingerprint
from pictures.read import fingerprint

MAX_BYTES = 256 * 1024 * 1024
# Shares that copies are looked for without: left, top, right, bottom. PDQ forgives some 3 % of width
# or height, so that these reach some 12 % (docs/guide/find.md).
_CROPS = (
    *((share / 2,) * 4 for share in (0.04, 0.08, 0.12)),
    *(
        tuple(share if side == cut else 0.0 for side in range(4))
        for share in (0.05, 0.10)
        for cut in range(4)
    ),
)
_CROP_SIDE = 512  # pixels; PDQ looks at 64
CROPPED = ", cropped"


@dataclass(frozen=True, slots=True)
class Asked:
    """A picture that is looked for: its hashes, and why it is only found as the very same file."""

    path: Path
    seen: Fingerprint
    hashes: HashList
    exact_only: str | None


def read_picture(path: Path, min_quality: int) -> Asked:
    """Return a picture's hashes, PDQ in all eight orientations. Raises WrongUse without a file."""
    shown = visible(str(path))
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)  # a device or a pipe does not say how much there is
    except OSError as error:
        raise WrongUse(f"{shown} cannot be read: {error.strerror}") from error
    if len(body) > MAX_BYTES:
        raise WrongUse(f"{shown} is larger than {MAX_BYTES // 2**20} MiB, too large for a picture")
    if not body:
        raise WrongUse(f"{shown} is empty")
    seen = fingerprint(body, turned=True)
    why = _exact_only(seen, min_quality)
    cropped = () if why else tuple(_cropped(body, min_quality))
    return Asked(path, seen, _hashes(path.name, seen, cropped, exact=why is not None), why)


def _exact_only(seen: Fingerprint, min_quality: int) -> str | None:
    if seen.pdq is None:
        cause = (seen.error or "no picture that has a PDQ").replace("_", " ")
        return f"it cannot be told how it looks ({cause})"
    if (seen.pdq_quality or 0) < min_quality:
        return f"it has too little detail to be told apart (PDQ quality {seen.pdq_quality})"
    if is_blank_pdq(seen.pdq):
        return "there is next to nothing in it that tells it apart"
    return None


def _cropped(body: bytes, min_quality: int) -> Iterator[Fingerprint]:
    """Yield the fingerprints of the picture with some of its sides cut off, made in memory."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(body)).convert("RGB")
    except Exception:  # noqa: BLE001 - a picture that just decoded; whatever Pillow raises, crops are extra
        return
    image.thumbnail((_CROP_SIDE, _CROP_SIDE))
    width, height = image.size
    for left, top, right, bottom in _CROPS:
        box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
        part = image.crop(tuple(map(round, box)))  # type: ignore[arg-type] # four of them
        target = io.BytesIO()
        part.save(target, "BMP")
        found = fingerprint(target.getvalue(), turned=True)
        if _exact_only(found, min_quality) is None:
            yield found


def _hashes(
    name: str, seen: Fingerprint, cropped: Iterable[Fingerprint], *, exact: bool
) -> HashList:
    gathering = Gathering(name)
    for kind, digest in ((Kind.SHA256, seen.sha256), (Kind.MD5, seen.md5)):
        if digest is not None:
            gathering.take(Entry(kind, digest))
    if not exact:
        for orientation, turned in zip(ORIENTATIONS, seen.turned, strict=True):
            gathering.take(Entry(Kind.PDQ, turned, category=orientation))
    for part in cropped:
        for orientation, turned in zip(ORIENTATIONS, part.turned, strict=True):
            gathering.take(Entry(Kind.PDQ, turned, category=f"{orientation}{CROPPED}"))
    return gathering.done((seen.sha256 or b"").hex(), "picture")
