"""What was read of origins, by the table of their host, as long as all of it is not too much.

Room: network. What hosts say of themselves may be of any size; what was read longest ago is taken out
again, and is read again when it is needed again.
"""

from collections import OrderedDict
from collections.abc import MutableMapping
from typing import Any

from crawler.records import Origin
from crawler.visit.fetch import Answer

_LEAST_BYTES = 500  # 4 MB are the origins of as many hosts as `hosts.py` remembers

Table = MutableMapping[Origin, Any]


class KeptFiles:
    """Which origins' files are in memory, and what they weigh in bytes of text: at most `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._weights: OrderedDict[tuple[int, Origin], tuple[Table, int]] = OrderedDict()
        self._weight = 0

    def add(self, table: Table, origin: Origin, answer: Answer | None) -> None:
        """Note what was put into a host's table; take the oldest out of theirs."""
        body = None if answer is None else answer.body
        weight = max(_LEAST_BYTES, len(body.head) if body is not None else 0)
        self._drop((id(table), origin))
        self._weights[id(table), origin] = (table, weight)
        self._weight += weight
        while self._weight > self._most_bytes and len(self._weights) > 1:
            oldest = next(iter(self._weights))
            self._weights[oldest][0].pop(oldest[1], None)
            self._drop(oldest)

    def _drop(self, key: tuple[int, Origin]) -> None:
        _, weight = self._weights.pop(key, (None, 0))
        self._weight -= weight
