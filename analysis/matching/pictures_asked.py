"""A person's pictures as lists of hashes that live in memory only.

Room: disk. Has the files that a person names looked at in a process of their own, as a crawl does;
nothing of a picture is decoded or written here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analysis.hash_lists.entry import Entry, Kind
from analysis.hash_lists.gathered import Gathering, HashList
from analysis.hash_lists.judge import is_blank_pdq
from crawler.records.errors import RunFailed, WrongUse
from crawler.records.shown import visible
from pictures.files import DevelopedFile, develop_files
from pictures.fingerprint import ORIENTATIONS, Fingerprint, Part, PictureError

CROPPED = ", cropped"

# Of these nothing but the very same file could be found, and somebody might take that for all.
_HALF_AN_ANSWER = {
    PictureError.TOO_MANY_PIXELS,
    PictureError.TOO_MUCH_MEMORY,
    PictureError.TOO_SLOW,
    PictureError.CRASHED,
    PictureError.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A picture that is looked for: its hashes, and why it is only found as the very same file."""

    name: str
    seen: Fingerprint
    hashes: HashList
    exact_only: str | None


def read_pictures(paths: Iterable[Path], min_quality: int) -> list[Asked]:
    """Return the hashes that pictures are looked for by, PDQ in all eight orientations.

    Raises WrongUse without a file, and RunFailed where one is more than its decoder can bear.
    """
    developed = develop_files(map(str, paths), cropped=True)
    return [_asked(picture, min_quality) for picture in developed]


def _asked(picture: DevelopedFile, min_quality: int) -> Asked:
    seen, shown = picture.found, visible(picture.file)
    if seen.error is PictureError.UNREADABLE:
        raise WrongUse(f"{shown}: {picture.why}")
    if seen.error in _HALF_AN_ANSWER:
        raise RunFailed(f"{shown}: {picture.why}")
    why = _exact_only(seen, min_quality)
    name = Path(picture.file).name
    return Asked(name, seen, _hashes(name, seen, min_quality, exact=why is not None), why)


def _exact_only(seen: Fingerprint, min_quality: int) -> str | None:
    if seen.pdq is None:
        cause = (seen.error or "no picture that has a PDQ").replace("_", " ")
        return f"it cannot be told how it looks ({cause})"
    if (seen.pdq_quality or 0) < min_quality:
        return f"it has too little detail to be told apart (PDQ quality {seen.pdq_quality})"
    if is_blank_pdq(seen.pdq):
        return "there is next to nothing in it that tells it apart"
    return None


def _tells_apart(part: Part, min_quality: int) -> bool:
    return part.pdq_quality >= min_quality and not is_blank_pdq(part.turned[0])


def _hashes(name: str, seen: Fingerprint, min_quality: int, *, exact: bool) -> HashList:
    gathering = Gathering(name)
    for kind, digest in ((Kind.SHA256, seen.sha256), (Kind.MD5, seen.md5)):
        if digest is not None:
            gathering.take(Entry(kind, digest))
    if not exact:
        for orientation, turned in zip(ORIENTATIONS, seen.turned, strict=True):
            gathering.take(Entry(Kind.PDQ, turned, category=orientation))
        for part in seen.parts:
            if _tells_apart(part, min_quality):
                for orientation, turned in zip(ORIENTATIONS, part.turned, strict=True):
                    gathering.take(Entry(Kind.PDQ, turned, category=f"{orientation}{CROPPED}"))
    return gathering.done((seen.sha256 or b"").hex(), "picture")
