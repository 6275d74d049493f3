"""Whether anybody listens where a cluster is said to be: Ray itself takes minutes to say no.

Room: cluster.
"""

import socket

_PATIENCE_S = 10.0


def knock(address: str) -> None:
    """Connect to an address and leave again. Raises OSError where nobody listens.

    One without a port, such as `auto`, is for Ray to find.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE_S).close()
