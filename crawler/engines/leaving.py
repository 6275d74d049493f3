"""Leaving a cluster whose head may never answer again.

Room: cluster.
"""

import atexit
import os
from collections.abc import Callable
from threading import Thread

_PATIENCE_S = 15.0


def leave(shutdown: Callable[[], None]) -> bool:
    """Leave a cluster, and tell whether that was possible: Ray waits for a silent head without end.

    Where it was not, the process ends with status 1 in place of Ray's own end, which would wait too.
    """
    leaving = Thread(target=shutdown, name="leaving", daemon=True)
    leaving.start()
    leaving.join(_PATIENCE_S)
    if leaving.is_alive():
        atexit.register(os._exit, 1)  # the last to be registered is the first to be called
    return not leaving.is_alive()
