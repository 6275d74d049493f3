"""The darkroom: nothing that a picture does can be felt outside."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pictures.darkroom import Darkroom
from pictures.fingerprint import PictureError
from tests.pictures.hostile import huge_png
from tests.pictures.samples import DATA, drawn, encoded, expected

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

PICTURE = encoded(drawn(3, (320, 240)), "JPEG")


@pytest.fixture
def darkroom() -> Iterator[Darkroom]:
    """A darkroom of one process."""
    opened = Darkroom()
    yield opened
    opened.close()


def _pid(darkroom: Darkroom) -> int:
    inner = darkroom._all[0]._inner
    assert inner is not None
    return inner.pid


def test_hostile_pictures_one_after_the_other(darkroom: Darkroom) -> None:
    """Broken, truncated and bomb files by the dozen are each answered for, by one process."""
    darkroom.develop_now(PICTURE)
    before = _pid(darkroom)
    for row in expected():
        found = darkroom.develop_now((DATA / row["file"]).read_bytes())
        assert (found.error or "") == row["error"], row["file"]
    assert _pid(darkroom) == before


def test_a_decompression_bomb_is_not_decoded(darkroom: Darkroom) -> None:
    """A picture of more pixels than the limit is refused before memory is taken for it."""
    found = darkroom.develop_now(huge_png(9_000, 9_000))
    assert found.error is PictureError.TOO_MANY_PIXELS
    assert (found.width, found.height) == (9_000, 9_000)


def test_a_process_that_dies_takes_nothing_with_it(darkroom: Darkroom) -> None:
    """When the decoder crashes, that picture says so and the next one is looked at as ever."""
    whole = darkroom.develop_now(PICTURE)
    assert whole.error is None
    os.kill(_pid(darkroom), signal.SIGSEGV)
    assert darkroom.develop_now(PICTURE).error is PictureError.CRASHED
    assert darkroom.develop_now(PICTURE) == whole


def test_a_process_that_takes_too_long_is_ended(darkroom: Darkroom) -> None:
    """What the kernel ends for its time is called too slow."""
    darkroom.develop_now(PICTURE)
    os.kill(_pid(darkroom), signal.SIGXCPU)
    assert darkroom.develop_now(PICTURE).error is PictureError.TOO_SLOW


def test_closing_ends_what_is_in_flight() -> None:
    """A darkroom that is closed leaves no process behind, whatever it was doing."""
    darkroom = Darkroom()
    darkroom.develop_now(PICTURE)
    pid = _pid(darkroom)
    os.kill(pid, signal.SIGSTOP)  # a decoder that hangs
    with ThreadPoolExecutor(1) as threads:
        stuck = threads.submit(darkroom.develop_now, PICTURE)
        time.sleep(0.2)
        closing = threading.Thread(target=darkroom.close)
        closing.start()
        assert stuck.result(timeout=20).error is PictureError.STOPPED
        closing.join(20)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_it_is_beside_the_event_loop() -> None:
    """`develop` gives what `develop_now` gives."""
    darkroom = Darkroom()
    try:
        assert await darkroom.develop(PICTURE) == darkroom.develop_now(PICTURE)
    finally:
        darkroom.close()
