"""`WarmPopen`: a `subprocess.Popen` whose process is forked by the server instead of executed."""

import atexit
import json
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, AnyStr, ClassVar

from pictures.darkroom import ONE_THREAD

ROOT = Path(__file__).resolve().parent.parent.parent
# A request is so many bytes of JSON, with the open files; the answers are a pid and a wait status.
NUMBER = struct.Struct("=i")
MODULES = (
    "stillup", "crawler.engines.child", "pictures.process", "tests.internet.server", "tests.warm.call"
)  # fmt: skip
_AT_FIRST = dict(os.environ)  # of the server, whatever a test makes of it later
_UNUSUAL = [None, None, None, -1]  # groups, user and mask of a process for which nothing was asked


class WarmPopen(subprocess.Popen[AnyStr]):
    """A Popen; of `python -m` one of ours without its imports, where the system is Linux."""

    server: ClassVar[str | None] = None
    _answers: socket.socket | None = None

    def _execute_child(self, args: Any, executable: Any, *rest: Any) -> None:
        """Have the server fork where it can; the arguments are those of `subprocess.Popen`'s own."""
        preexec, _, _, cwd, env, _, _, shell = rest[:8]
        pipes, others, new_session, group = rest[8:14], rest[15:19], rest[19], rest[20]
        odd = executable or preexec or shell or list(others) != _UNUSUAL or group != -1
        passed: list[int] = list(rest[2])
        if odd or not _is_ours(args, env):
            super()._execute_child(args, executable, *rest)  # type: ignore[misc]
            return
        ends = enumerate((pipes[0], pipes[3], pipes[5]))
        asked = {
            "argv": [os.fspath(word) for word in args[2:]],
            "cwd": os.fspath(cwd or Path.cwd()),
            "env": dict(os.environ if env is None else env),
            "files": [0, 1, 2, *passed],
            "new_session": bool(new_session),
        }
        standard: list[int] = [number if end == -1 else end for number, end in ends]
        self._answers = _ask(asked, [*standard, *passed])
        self.pid = _number(self._answers)
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        """Return the pid and the wait status, as `os.waitpid` does."""
        if self._answers is None:
            return super()._try_wait(wait_flags)  # type: ignore[misc,no-any-return]
        if wait_flags & os.WNOHANG and not select.select([self._answers], [], [], 0)[0]:
            return 0, 0
        status = _number(self._answers)
        self._answers.close()
        return self.pid, status

    def _internal_poll(self, *rest: Any, **options: Any) -> int | None:
        """Look whether it has ended, without waiting."""
        if self._answers is None:
            return super()._internal_poll(*rest, **options)  # type: ignore[misc,no-any-return]
        lock = self._waitpid_lock  # type: ignore[attr-defined]
        if self.returncode is None and lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                lock.release()
        return self.returncode

    def _look(self) -> None:
        """Note how it ended, if it has and nobody has noted it meanwhile."""
        if self.returncode is None and (found := self._try_wait(os.WNOHANG))[0]:
            self._handle_exitstatus(found[1])  # type: ignore[attr-defined]


def _is_ours(args: Any, env: Any) -> bool:
    """Tell whether a fork of the server is as good: it has read what Python reads at its start."""
    if sys.platform != "linux" or isinstance(args, (str, bytes, os.PathLike)):
        return False
    if list(args[:2]) != [sys.executable, "-m"] or args[2] not in MODULES:
        return False
    return _of_python(os.environ if env is None else env) == _of_python(_AT_FIRST)


def _of_python(env: Any) -> dict[str, str]:
    return {name: text for name, text in env.items() if name.startswith("PYTHON")}


def _ask(asked: dict[str, Any], files: list[int]) -> socket.socket:
    """Send a request to the server, and start one before if there is none; return where it answers."""
    if WarmPopen.server is None:
        WarmPopen.server = _started()
    text = json.dumps(asked).encode()
    answers = socket.socket(socket.AF_UNIX)
    answers.connect(WarmPopen.server)
    socket.send_fds(answers, [NUMBER.pack(len(text))], files)
    answers.sendall(text)
    return answers


def _number(answers: socket.socket) -> int:
    """Return the next number that the server answers. Raises ConnectionError where it is gone."""
    said = answers.recv(NUMBER.size, socket.MSG_WAITALL)
    if len(said) < NUMBER.size:
        raise ConnectionError("the server of warm processes has died")
    number: int = NUMBER.unpack(said)[0]
    return number


def _started() -> str:
    """Start a server that ends with this process; return where it listens."""
    folder = tempfile.TemporaryDirectory(prefix="warm-")
    where = str(Path(folder.name) / "server")
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "tests.warm.server", where, str(theirs.fileno())]
    with theirs:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_AT_FIRST | ONE_THREAD,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    if not ours.recv(1):
        raise ConnectionError("the server of warm processes did not come up")

    def end() -> None:
        ours.close()
        server.wait(30)
        folder.cleanup()

    atexit.register(end)
    return where
