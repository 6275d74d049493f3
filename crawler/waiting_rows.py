"""Rows that wait for their segment, packed into Arrow as they come.

Room: disk. A row takes a kilobyte as Python objects and a third of that in Arrow, and packing a whole
segment at once takes as much again for a moment; so only the newest rows are kept as they came.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

import pyarrow as pa

PACK_ROWS = 1_000

Row = TypeVar("Row")


class WaitingRows(Generic[Row]):
    """The rows of one table. `columns` takes rows apart into what Arrow makes columns of."""

    def __init__(
        self, schema: pa.Schema, columns: Callable[[Sequence[Row]], dict[str, Sequence[Any]]]
    ) -> None:
        self._schema = schema
        self._columns = columns
        self._newest: list[Row] = []
        self._packed: list[pa.Table] = []

    def add(self, rows: Iterable[Row]) -> None:
        """Take more rows."""
        self._newest.extend(rows)
        if len(self._newest) >= PACK_ROWS:
            self._pack()

    def take(self) -> list[pa.Table]:
        """Hand over all rows, in their order; none waits here any more."""
        self._pack()
        packed, self._packed = self._packed, []
        return packed

    def put_back(self, packed: Sequence[pa.Table]) -> None:
        """Take back what could not be written, before what has come since."""
        self._packed[:0] = packed

    def __len__(self) -> int:
        return len(self._newest) + sum(int(table.num_rows) for table in self._packed)

    def _pack(self) -> None:
        if self._newest:
            self._packed.append(pa.table(self._columns(self._newest), schema=self._schema))
            self._newest = []
