"""A watch over the head of a cluster: what it said last, and since when it says nothing.

Room: cluster. Whoever asks a head that is gone waits for as long as the asking takes to give up, so
a thread asks, and the driver goes by its latest answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic

_PERIOD_S = 5.0
_ANSWER_S = 1.0  # how long it is waited for a question that is on its way


@dataclass(slots=True)
class Head:
    """Asks every few seconds how many cores the cluster has; what `look` raises is no answer."""

    look: Callable[[], int]
    cores: int = 0
    _heard_at: float = field(default_factory=monotonic)
    _left: Event = field(default_factory=Event)
    _thread: Thread = field(init=False)

    def watch(self) -> None:
        """Begin to ask, in a thread that ends with the process at the latest."""
        self._thread = Thread(target=self._ask, name="head", daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Ask no more."""
        self._left.set()
        self._thread.join(_ANSWER_S)

    def silent_s(self) -> float:
        """Return for how many seconds the head has not answered."""
        return monotonic() - self._heard_at

    def _ask(self) -> None:
        while not self._left.is_set():
            begun_at = monotonic()
            try:
                self.cores = self.look()
            except Exception:  # noqa: BLE001, S110 - told by its silence; Ray raises Exception itself
                pass
            else:
                self._heard_at = begun_at
            self._left.wait(_PERIOD_S)
