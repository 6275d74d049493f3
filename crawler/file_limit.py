"""How many hosts a worker may visit at a time without running out of open files.

Room: disk. The first half asks the system, the second is arithmetic. A host in flight has one
connection; others are kept alive for hosts between two visits, or are being made to a second
address of a host whose first does not answer.
"""

import resource
from dataclasses import dataclass
from pathlib import Path

from crawler.records.errors import RunFailed

# More is of no use to one worker.
_MOST = 65_536
# macOS tells of no limit and then takes no more than its kernel's, whose least is the last.
_LESSER = (_MOST, 24_576, 10_240)
# What a worker has open besides its connections and what is open when it asks: segments and their
# folders, rows laid out on disk, name servers, a log. 20 at most in a crawl; the rest is room for
# connections that are being closed.
_SPARE = 64


@dataclass(frozen=True, slots=True)
class FileLimit:
    """How many files this process may have open, and how many it has."""

    limit: int
    open: int

    @property
    def connections(self) -> int:
        """How many connections there is room for."""
        return self.limit - self.open - _SPARE


@dataclass(frozen=True, slots=True)
class Fitted:
    """What fits: hosts visited at a time, and connections at a time, kept alive or in use.

    `told` is a line for a person where that is fewer hosts than were wanted, else None.
    """

    hosts: int
    connections: int
    told: str | None = None


def raise_file_limit() -> FileLimit:
    """Ask for as many open files as the system lets this process have; return what came of it."""
    for most in _LESSER:
        if _raised_to(most):
            break
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _MOST if soft == resource.RLIM_INFINITY else soft
    return FileLimit(limit, sum(1 for _ in Path("/dev/fd").iterdir()))


def _raised_to(most: int) -> bool:
    """Raise the soft limit to `most`, or to the hard one if that is less; tell whether it is so."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most if hard == resource.RLIM_INFINITY else min(hard, most)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return True
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        return False
    return True


def fitted(wanted: int, files: FileLimit) -> Fitted:
    """Return how many of the `wanted` hosts at a time fit. Raises RunFailed where none does."""
    room = files.connections
    hosts = min(wanted, room * 2 // 3)
    if hosts < 1:
        raise RunFailed(
            f"this process may have only {files.limit} files open, and has {files.open}:"
            f" allow it at least {files.open + _SPARE + 2} (ulimit -n)"
        )
    connections = min(room, 2 * hosts)
    if hosts == wanted:
        return Fitted(hosts, connections)
    told = (
        f"{hosts:,} hosts at a time instead of {wanted:,}, since this process may have"
        f" {files.limit:,} files open; more with a higher limit (ulimit -n)"
    )
    return Fitted(hosts, connections, told)
