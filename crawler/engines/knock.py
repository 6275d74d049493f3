"""Whether anybody listens where a cluster is said to be: Ray itself takes minutes to say no.

Room: cluster.
"""

import socket

from crawler.records.errors import RunFailed

_PATIENCE_S = 10.0


def knock(address: str) -> None:
    """Connect to an address and leave again. Raises OSError where nobody listens.

    One without a port, such as `auto`, is for Ray to find.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE_S).close()


def unreachable(address: str | None, error: Exception) -> RunFailed:
    """Return what to raise where a cluster cannot be joined, or one's own does not start."""
    cause = " ".join(str(error).split())[:200] or type(error).__name__
    if address is None:
        return RunFailed(f"Ray does not start on this machine: {cause}")
    return RunFailed(f"no Ray cluster can be reached at {address}: {cause}")
