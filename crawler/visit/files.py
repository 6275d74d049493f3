"""When this process may open no further file: our own trouble, and never a host's.

Room: network. A crawl keeps under its limit (`crawler/file_limit.py`); this is for the day when
something else in the process has taken the rest.
"""

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from crawler.records.errors import RunFailed

_PAUSE_S = 1.0
_TRIES = 60
_NO_FILE = {errno.EMFILE, errno.ENFILE}

T = TypeVar("T")


class OutOfFilesError(RunFailed):
    """No file was left to open; nobody was asked anything."""

    def __init__(self) -> None:
        super().__init__(
            "this process may open no further file: allow it more (ulimit -n), or have it visit"
            " fewer hosts at a time (hosts_at_a_time of --policy)"
        )


@dataclass(slots=True)
class Sockets:
    """The sockets of a connector: at most `most` are open at a time, whatever they are doing.

    `refused` counts those that there was no file for.
    """

    most: int
    open: int = 0
    refused: int = 0

    @property
    def are_full(self) -> bool:
        """Tell whether another one would be too many."""
        return self.open >= self.most

    def opened(self, family: int, kind: int, protocol: int) -> socket.socket:
        """Open a socket. Raises OSError, EMFILE among them where there are too many already."""
        if self.are_full:
            self.refused += 1
            raise OSError(errno.EMFILE, "too many connections")
        try:
            return _Counted(self, family, kind, protocol)
        except OSError as error:
            self.refused += error.errno in _NO_FILE
            raise


class _Counted(socket.socket):
    """A socket that is counted as long as its file is open: until `close`, or uvloop's `detach`."""

    _sockets: Sockets | None = None

    def __init__(self, sockets: Sockets, family: int, kind: int, protocol: int) -> None:
        super().__init__(family, kind, protocol)
        self._sockets = sockets
        sockets.open += 1

    def close(self) -> None:
        self._leave()
        super().close()

    def detach(self) -> int:
        self._leave()
        return super().detach()

    def __del__(self) -> None:
        self._leave()

    def _leave(self) -> None:
        sockets, self._sockets = self._sockets, None
        if sockets is not None:
            sockets.open -= 1


async def when_there_are_files(attempt: Callable[[], Awaitable[T]]) -> T:
    """Return what `attempt` does; while it raises OutOfFilesError, try again, for a minute."""
    for _ in range(_TRIES):
        try:
            return await attempt()
        except OutOfFilesError:
            await asyncio.sleep(_PAUSE_S)
    return await attempt()


def none_is_left() -> bool:
    """Tell whether no socket can be opened now."""
    try:
        socket.socket(type=socket.SOCK_DGRAM).close()
    except OSError as error:
        return error.errno in _NO_FILE
    return False
