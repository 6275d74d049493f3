"""Pictures on this machine → fingerprints, for the commands that are given some.

Room: disk. Reads the files that it is told to, and writes none.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pictures.darkroom import Darkroom
from pictures.fingerprint import Fingerprint, PictureError

MOST_BYTES = 512 * 1024 * 1024

_SENTENCES = {
    PictureError.UNDECODABLE: "it is no picture that can be read, or it is broken",
    PictureError.TOO_MANY_PIXELS: "it has more than 67 million pixels; make it smaller first",
    PictureError.TOO_MUCH_MEMORY: "it takes too much memory to decode; save it as a JPEG first",
    PictureError.TOO_SLOW: "it takes too long to decode; save it as a JPEG first",
    PictureError.CRASHED: "it makes its decoder crash; save it as a JPEG first",
    PictureError.NOT_KEPT: "it was not kept",
    PictureError.STOPPED: "stopped before it was looked at",
    PictureError.UNREADABLE: "the file cannot be read",
}


@dataclass(frozen=True, slots=True)
class DevelopedFile:
    """A file's fingerprint, and in a few words why there is none; `why` is None where there is."""

    file: str
    found: Fingerprint
    why: str | None


def develop_files(files: Iterable[str], *, cropped: bool = False) -> Iterator[DevelopedFile]:
    """Fingerprint files in all eight orientations, one after the other. Raises nothing.

    `cropped`: their parts as well.
    """
    with closing(Darkroom()) as darkroom:
        for file in files:
            yield _developed(darkroom, file, cropped=cropped)


def _developed(darkroom: Darkroom, file: str, *, cropped: bool) -> DevelopedFile:
    try:
        with Path(file).open("rb") as opened:
            body = opened.read(MOST_BYTES + 1)  # a device does not say how much there is
        if len(body) > MOST_BYTES:
            return _unreadable(file, f"it is larger than {MOST_BYTES >> 20} MiB")
        if not body:
            return _unreadable(file, "it is empty")
        found = darkroom.develop_now(body, turned=True, cropped=cropped)
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        return _unreadable(file, f"{_SENTENCES[PictureError.UNREADABLE]}: {cause}")
    return DevelopedFile(file, found, None if found.error is None else _SENTENCES[found.error])


def _unreadable(file: str, why: str) -> DevelopedFile:
    return DevelopedFile(file, Fingerprint(error=PictureError.UNREADABLE), why)
