"""What was read of origins, in the states of their hosts, as long as all of it is not too much.

Room: network. What hosts say of themselves may be of any size; what was read longest ago is taken out
again, and is read again when it is needed again. A host that is forgotten takes its own along.
"""

from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from typing import Any
from weakref import ReferenceType, ref

from crawler.records import Origin
from crawler.visit.fetch import Answer
from crawler.visit.host_state import HostState

_LEAST_BYTES = 500

Table = MutableMapping[Origin, Any]
_Key = tuple[int, Origin]


class KeptFiles:
    """Which origins' files are in memory, and what they weigh in bytes of text: at most `most_bytes`.

    `table_of` says where a host's state has them.
    """

    def __init__(self, most_bytes: int, table_of: Callable[[HostState], Table]) -> None:
        self._most_bytes = most_bytes
        self._table_of = table_of
        self._weights: OrderedDict[_Key, tuple[ReferenceType[HostState], int]] = OrderedDict()
        self._weight = 0

    def add(self, state: HostState, origin: Origin, answer: Answer | None) -> None:
        """Note what was put into a host's table; take the oldest out of theirs."""
        body = None if answer is None else answer.body
        weight = max(_LEAST_BYTES, len(body.head) if body is not None else 0)
        key = (id(state), origin)
        self._drop(key)
        self._weights[key] = (ref(state, lambda _: self._drop(key)), weight)
        self._weight += weight
        while self._weight > self._most_bytes and len(self._weights) > 1:
            oldest, (of_host, _) = next(iter(self._weights.items()))
            if (found := of_host()) is not None:
                self._table_of(found).pop(oldest[1], None)
            self._drop(oldest)

    def _drop(self, key: _Key) -> None:
        _, weight = self._weights.pop(key, (None, 0))
        self._weight -= weight
