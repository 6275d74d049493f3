"""Days go by: every time that is written in a run is moved back, as a crawl has no clock to be told.

Room: disk. What a crawl and the people wrote is rewritten as it was, sealed, only earlier.
"""

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.records import layout
from crawler.records.seal import KEY
from crawler.sealed import write_sealed

_TABLES = (layout.OBSERVATIONS, layout.HOSTS, layout.ACTIONS, layout.ROUNDS)


def let_days_pass(run: Path, days: float) -> None:
    """Move every look, visit, action and due date of a run so many days into the past."""
    for table in _TABLES:
        for path in sorted((run / table).rglob("[0-9]*.parquet")):
            _age(path, timedelta(days=days))


def _age(path: Path, span: timedelta) -> None:
    table = pq.read_table(path, partitioning=None)
    for at, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            earlier = pc.subtract(table[column.name], pa.scalar(span, pa.duration("us")))
            table = table.set_column(at, column, earlier)
    footer = {
        key: text for key, text in (table.schema.metadata or {}).items() if key.decode() != KEY
    }
    aside = path.with_name(f".{path.name}")
    write_sealed(aside, table.schema.with_metadata(footer), [table])
    aside.replace(path)
