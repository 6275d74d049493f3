"""The process that has imported what stillup needs, and forks: `python -m tests.warm.server`.

It never starts a thread nor opens anything of stillup's, so that a fork of it is as good as new.
"""

import atexit
import contextlib
import fcntl
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any, NoReturn

from tests.warm import popen
from tests.warm.modules import read_modules


@dataclass(frozen=True, slots=True)
class Job:
    """What a fork is to become: `python -m argv`, and its open files, in the order of their numbers."""

    argv: list[str]
    cwd: str
    env: dict[str, str]
    files: list[int]
    new_session: bool
    received: list[int]


class Server:
    """Forks when asked to, and tells whoever asked how it ended."""

    def __init__(self, where: str, alive: int) -> None:
        self._alive = socket.socket(fileno=alive)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(where)
        self._listener.listen(64)
        self._ended = selectors.DefaultSelector()
        for one in (self._alive, self._listener):
            self._ended.register(one, selectors.EVENT_READ)
        self._children: dict[int, tuple[int, socket.socket]] = {}

    def serve(self) -> Job:
        """Serve until our session ends, which ends the process; in a fork, return its job."""
        self._alive.send(b"!")
        while True:
            for key, _ in self._ended.select():
                if key.fileobj is self._alive:
                    self._end()
                if key.fileobj is self._listener:
                    if (job := self._fork()) is not None:
                        return job
                else:
                    self._tell(key.fd)

    def _fork(self) -> Job | None:
        asker, _ = self._listener.accept()
        job = _received(asker)
        if (pid := os.fork()) == 0:
            asker.close()
            self._forget()
            return job
        for file in job.received:
            os.close(file)
        watched = os.pidfd_open(pid)
        self._children[watched] = pid, asker
        self._ended.register(watched, selectors.EVENT_READ)
        _answer(asker, pid)
        return None

    def _tell(self, watched: int) -> None:
        pid, asker = self._children.pop(watched)
        self._ended.unregister(watched)
        os.close(watched)
        _answer(asker, os.waitpid(pid, 0)[1])
        asker.close()

    def _forget(self) -> None:
        """Close, in a fork, all that is the server's."""
        self._ended.close()
        for one in (self._alive, self._listener):
            one.close()
        for watched, (_, asker) in self._children.items():
            os.close(watched)
            asker.close()

    def _end(self) -> NoReturn:
        for pid, _ in self._children.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os._exit(0)


def _received(asker: socket.socket) -> Job:
    size, files, _, _ = socket.recv_fds(asker, popen.NUMBER.size, 64)
    text = asker.recv(popen.NUMBER.unpack(size)[0], socket.MSG_WAITALL)
    asked: dict[str, Any] = json.loads(text)
    return Job(**asked, received=list(files))


def _answer(asker: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):  # whoever asked is gone, as a parent may be
        asker.sendall(popen.NUMBER.pack(number))


def become(job: Job) -> NoReturn:
    """Be the process that was asked for: its files, place, environment and words; then run it."""
    if job.new_session:
        os.setsid()
    subprocess.Popen = popen.WarmPopen  # type: ignore[misc]
    os.chdir(job.cwd)
    os.environ.clear()
    os.environ.update(job.env)
    sys.path[0] = job.cwd
    sys.argv = list(job.argv)
    sys.modules.pop(job.argv[0], None)  # as another's module; it is about to be the main one
    _take_files(job)
    _leave(_status(job.argv[0]))


def _take_files(job: Job) -> None:
    """Give the open files that came along the numbers that they have where they come from."""
    above = max(*job.files, *job.received) + 1
    moved = [fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, above) for file in job.received]
    for file in job.received:
        os.close(file)
    for file, number in zip(moved, job.files, strict=True):
        os.dup2(file, number, inheritable=True)
        os.close(file)


def _status(module: str) -> int:
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException as error:  # noqa: BLE001 - it is said as Python says it
        sys.excepthook(type(error), error, error.__traceback__)
        return -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _leave(status: int) -> NoReturn:
    """Do what Python does at its end, except for taking itself apart."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status & 0xFF)


def main() -> NoReturn:
    """Read the modules, then serve; a fork comes back from that with its job."""
    where, alive = sys.argv[1:]
    popen.WarmPopen.server = where
    read_modules()
    gc.collect()
    gc.freeze()
    become(Server(where, int(alive)).serve())


if __name__ == "__main__":
    main()
