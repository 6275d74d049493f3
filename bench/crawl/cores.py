"""Server and client each on one core of their own, where the system lets us choose (Linux).

A child inherits the cores of its parent, so the bench moves itself before it starts a child.
"""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the server and that of the peers; None where they cannot be chosen."""

    server_core: int | None
    client_core: int | None

    @contextmanager
    def server(self) -> Iterator[None]:
        """What is started inside runs on the server's core."""
        with _on(self.server_core):
            yield

    @contextmanager
    def client(self) -> Iterator[None]:
        """What is started inside runs on the peers' core."""
        with _on(self.client_core):
            yield

    def __str__(self) -> str:
        """One phrase for the table."""
        return "one core each for server and peer" if self.server_core is not None else "no pinning"


def choose() -> Cores:
    """The first two cores that we may use; none where there is one or no say in it."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores(None, None)
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[1]) if len(allowed) > 1 else Cores(None, None)


@contextmanager
def _on(core: int | None) -> Iterator[None]:
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def lift_file_limit() -> None:
    """Allow as many open files as the system lets us: a host each keeps its connection."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16_384 if hard == resource.RLIM_INFINITY else min(hard, 16_384)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
