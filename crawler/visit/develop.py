"""Pictures on their way to a fingerprint: held in memory, looked at elsewhere, and dropped.

Room: network. A picture's bytes are here from their arrival until they have been fingerprinted, and
nowhere else: not on disk, not in a row. How many may be held at a time is limited, and a look waits
for room before it asks for another.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from crawler.media import SNIFF_BYTES, media_type
from crawler.records import Observation
from crawler.visit.clock import Clock
from pictures.darkroom import Darkroom
from pictures.dicom import MEDIA_TYPE, may_be_dicom
from pictures.fingerprint import Fingerprint, PictureError

ROOM_BYTES = 64 << 20  # with more held, nobody asks for another body
MOST_BYTES = 256 << 20  # of bodies that are arriving already, what is over this is not kept

_POLL_S = 0.05
_STOP_PATIENCE_S = 2.0


class Sleeve:
    """What the pieces of one body are put in as they arrive; counted for as long as it exists."""

    __slots__ = ("_developer", "_held_bytes", "_pieces", "_wanted", "overflowed")

    def __init__(self, developer: "Developer") -> None:
        self._developer = developer
        self._pieces: list[bytes] = []
        self._held_bytes = 0
        self._wanted: bool | None = None  # None until enough is there to tell
        self.overflowed = False

    def __del__(self) -> None:
        self._developer.held_bytes -= self._held_bytes

    def add(self, piece: bytes) -> None:
        """Keep a piece of a body, unless it turns out to be no picture."""
        if self._wanted is False or self.overflowed:
            return
        self._pieces.append(piece)
        self._held_bytes += len(piece)
        self._developer.held_bytes += len(piece)
        if self._wanted is None and self._held_bytes >= SNIFF_BYTES:
            self._decide()
        if self._developer.held_bytes > MOST_BYTES:
            self.overflowed = True
            self._drop()

    def take(self) -> bytes | None:
        """Return the picture when all of it has arrived, or None where it is none."""
        if self._wanted is None:
            self._decide()
        return b"".join(self._pieces) if self._wanted and self._pieces else None

    def _decide(self) -> None:
        head = b"".join(self._pieces)
        self._wanted = may_be_picture(head)
        if not self._wanted:
            self._drop()

    def _drop(self) -> None:
        self._pieces.clear()
        self._developer.held_bytes -= self._held_bytes
        self._held_bytes = 0


class Developer:
    """Has the pictures of a worker fingerprinted, while their visits go on."""

    def __init__(self, clock: Clock, darkroom: Darkroom | None = None) -> None:
        self.held_bytes = 0
        self._clock = clock
        self._darkroom = Darkroom() if darkroom is None else darkroom
        self._developing: dict[tuple[int, int], asyncio.Task[Fingerprint]] = {}

    async def room(self) -> None:
        """Wait until another body may be asked for. Raises StoppedError."""
        while self.held_bytes >= ROOM_BYTES:
            await self._clock.sleep_until(self._clock.now() + _POLL_S)

    def sleeve(self) -> Sleeve:
        """Return what to put a body in."""
        return Sleeve(self)

    def develop(self, seen: Observation, sleeve: Sleeve) -> None:
        """Begin to fingerprint what a look has found; `finished` completes its row."""
        developed = self._develop(sleeve)
        self._developing[seen.link_id, seen.attempt] = asyncio.create_task(developed)

    async def finished(self, seen: Sequence[Observation]) -> list[Observation]:
        """Return the rows of a visit with what their pictures tell.

        Waits until that is known, but not for long when the crawl is to stop.
        """
        tasks = [task for row in seen if (task := self._developing.get(_key(row))) is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=_STOP_PATIENCE_S if self._clock.stopping else None)
        return self.as_they_are(seen)

    def as_they_are(self, seen: Sequence[Observation]) -> list[Observation]:
        """Return the rows of a visit with what is known of their pictures by now."""
        return [self._completed(row) for row in seen]

    async def close(self) -> None:
        """End the processes that look at pictures."""
        await asyncio.to_thread(self._darkroom.close)

    async def _develop(self, sleeve: Sleeve) -> Fingerprint:
        if sleeve.overflowed:
            return Fingerprint(error=PictureError.NOT_KEPT)
        body = sleeve.take()
        return Fingerprint() if body is None else await self._darkroom.develop(body)

    def _completed(self, row: Observation) -> Observation:
        task = self._developing.pop(_key(row), None)
        if task is None:
            return row
        if not task.done() or task.cancelled():
            task.cancel()
            return replace(row, picture_error=PictureError.STOPPED.value)
        return with_fingerprint(row, task.result())


def may_be_picture(head: bytes) -> bool:
    """Tell whether a body that begins with `head` is to be fingerprinted."""
    kind = media_type(head) or ""
    return (kind.startswith("image/") and kind != "image/svg+xml") or may_be_dicom(head)


def with_fingerprint(row: Observation, found: Fingerprint) -> Observation:
    """Return a row with what its picture tells."""
    if found.sha256 is None and found.error is None:
        return row  # it was no picture after all
    return replace(
        row,
        media_type=MEDIA_TYPE if found.media_type == MEDIA_TYPE else row.media_type,
        pdq=found.pdq,
        pdq_quality=found.pdq_quality,
        width=found.width,
        height=found.height,
        flags=found.flags if found.sha256 is not None else None,
        picture_error=None if found.error is None else found.error.value,
    )


def _key(row: Observation) -> tuple[int, int]:
    return row.link_id, row.attempt
