"""Pictures go in, fingerprints come out, and nothing that a picture does can be felt outside.

Room: processes. Starts the processes that decode (`process.py`) when the first picture comes, and
new ones for those that die. May not decode anything itself.
"""

import asyncio
import os
import queue
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from pictures.fingerprint import Fingerprint, PictureError, from_json
from pictures.framing import ANSWER, REQUEST

# Of a process that decodes: a second thread of numpy's would only wait, at the cost of a core.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")

_ROOT = Path(__file__).resolve().parent.parent
_MOST_ANSWER = 1 << 16  # bytes; what is longer was not written by process.py
_SLOW_SIGNALS = (signal.SIGXCPU, signal.SIGALRM)
_QUIET = subprocess.DEVNULL


class Darkroom:
    """Fingerprints pictures in `processes` processes of this machine. Close it at the end."""

    def __init__(self, processes: int = 1) -> None:
        self._idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        self._all = [_Process() for _ in range(processes)]
        for process in self._all:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="darkroom")

    async def develop(self, body: bytes) -> Fingerprint:
        """Fingerprint a picture, beside the event loop. Raises nothing."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self.develop_now, body)

    def develop_now(
        self, body: bytes, *, turned: bool = False, cropped: bool = False
    ) -> Fingerprint:
        """Fingerprint a picture, as `pictures.read.fingerprint` does. Raises nothing."""
        process = self._idle.get()
        try:
            return process.develop(REQUEST.pack(turned, cropped, len(body)), body)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End every process. What waits still is not looked at."""
        for process in self._all:
            process.close()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._all:
            process.let_go()


class _Process:
    """One process that decodes, alive or not yet started; for one thread at a time."""

    def __init__(self) -> None:
        self._inner: subprocess.Popen[bytes] | None = None
        self._closed = False

    def develop(self, head: bytes, body: bytes) -> Fingerprint:
        """Have a picture fingerprinted; `head` says how. Raises nothing."""
        error = PictureError.CRASHED
        try:
            self._inner = self._inner or _started()
            return self._asked(self._inner, head, body)
        except (OSError, ValueError, KeyError, TypeError):
            if self._closed:
                error = PictureError.STOPPED
            elif self._inner is not None:
                error = _why(self._ended(self._inner))
            if not self._closed:
                self.let_go()
        return Fingerprint(error=error)

    def close(self) -> None:
        """End the process; whoever waits for its answer, in another thread, closes its pipes."""
        self._closed = True
        if (inner := self._inner) is not None:
            inner.kill()
            inner.wait()

    def let_go(self) -> None:
        """Close the pipes of a process that has ended."""
        inner, self._inner = self._inner, None
        for pipe in (inner.stdin, inner.stdout) if inner is not None else ():
            with suppress(OSError):  # what was not sent is nobody's any more
                pipe.close()  # type: ignore[union-attr]

    def _asked(self, inner: "subprocess.Popen[bytes]", head: bytes, body: bytes) -> Fingerprint:
        """Hand a picture over and wait for the answer. Raises OSError when the process dies of it."""
        if self._closed:
            raise BrokenPipeError
        assert inner.stdin is not None  # noqa: S101
        assert inner.stdout is not None  # noqa: S101
        inner.stdin.write(head)
        inner.stdin.write(body)
        inner.stdin.flush()
        said = inner.stdout.read(ANSWER.size)
        if len(said) < ANSWER.size or (size := ANSWER.unpack(said)[0]) > _MOST_ANSWER:
            raise BrokenPipeError
        return from_json(inner.stdout.read(size))

    @staticmethod
    def _ended(inner: "subprocess.Popen[bytes]") -> int:
        """Make sure that a process has ended; return its exit status, as subprocess has it."""
        with suppress(subprocess.TimeoutExpired):
            return inner.wait(0.5)  # it may be dying of what we want to know
        inner.kill()
        return inner.wait()


def _started() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "pictures.process"],
        cwd=_ROOT,
        env={**os.environ, **ONE_THREAD},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=_QUIET,
        start_new_session=True,  # Ctrl-C is for whoever started the crawl
    )


def _why(status: int) -> PictureError:
    return PictureError.TOO_SLOW if -status in _SLOW_SIGNALS else PictureError.CRASHED
