"""The process in which pictures are decoded: `python -m pictures.process`, for `darkroom.py` alone.

Room: processes. Reads pictures from standard input, writes fingerprints to standard output, and can
do nothing else: it writes no file, dumps no core, and says nothing on standard error, since all of
these could hold a picture or a name. What a picture may take is limited here, so that a broken one
ends this process and nothing else.

A picture is two bytes that say whether all orientations and the parts are asked for, eight bytes of
length, and the picture. A fingerprint is four bytes of length and JSON.
"""

import os
import resource
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from pictures.fingerprint import Fingerprint, PictureError
from pictures.framing import ANSWER, REQUEST
from pictures.read import fingerprint, undeveloped

CPU_S = 10  # for one picture; a good one takes 0.002 to 2
WALL_S = 60
MEMORY_BYTES = 1 << 30  # of address space, over what an idle process has


def main() -> None:
    """Fingerprint pictures until there are no more."""
    _limit()
    with suppress(BrokenPipeError):  # whoever asked is gone
        _serve(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)


def _serve(pictures: BinaryIO, answers: BinaryIO) -> None:
    while len(head := pictures.read(REQUEST.size)) == REQUEST.size:
        turned, cropped, body_bytes = REQUEST.unpack(head)
        body = pictures.read(body_bytes)
        if len(body) < body_bytes:
            return
        _limit_time()
        answer = _answer(body, turned=turned, cropped=cropped).to_json()
        signal.alarm(0)
        answers.write(ANSWER.pack(len(answer)) + answer)
        answers.flush()


def _answer(body: bytes, *, turned: bool, cropped: bool) -> Fingerprint:
    try:
        return fingerprint(body, turned=turned, cropped=cropped)
    except MemoryError:
        return undeveloped(body, PictureError.TOO_MUCH_MEMORY)


def _limit() -> None:
    nothing = ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0))
    for what, most in nothing:
        resource.setrlimit(what, (most, most))
    memory = _address_space_bytes() + MEMORY_BYTES
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _limit_time() -> None:
    """Have the kernel end this process when the next picture takes too long."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + CPU_S, hard))
    signal.alarm(WALL_S)


def _address_space_bytes() -> int:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


if __name__ == "__main__":
    main()
