"""Several segments into one: proved, sorted by registered domain and host, sealed.

Room: disk. Each segment is read whole, proved, and decoded from the very bytes that were proved.
DuckDB sorts; what does not fit in its memory goes to a folder beside.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from crawler.compaction.footers import one_line
from crawler.database import in_memory
from crawler.records import seal
from crawler.records.errors import database_failure, disk_failure
from crawler.records.seal import Seal, TornError, joined_rows
from crawler.sealed import write_sealed
from crawler.segment_rows import shaped
from storage.store import Store

_COMPRESSION_LEVEL = 3
_GROUP_ROWS = 122_880  # what one thread of DuckDB reads at a time
_BATCH_ROWS = 8192
_MEMORY = "512MB"
_ORDER = ("registered_domain", "host", "link_id", "round", "attempt", "visit_id")


class PieceTornError(Exception):
    """A segment that was to be merged is not what was written: `name`, and in what way."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} {why}")
        self.name = name
        self.why = why


@dataclass(slots=True)
class _Pieces:
    """The rows of segments, one after the other, and digests of the rows of those that were proved.

    What went wrong outlives DuckDB's own error.
    """

    store: Store
    names: Sequence[str]
    schema: pa.Schema
    digests: list[int] = field(default_factory=list)
    failure: Exception | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows. Raises PieceTornError and OSError."""
        try:
            for name in self.names:
                yield from self._of(name)
        except (PieceTornError, OSError) as error:
            self.failure = error
            raise

    def _of(self, name: str) -> Iterator[pa.RecordBatch]:
        content = self.store.read(name)
        try:
            self.digests.append(_proved(content).rows_digest)
            with pq.ParquetFile(pa.BufferReader(content)) as file:
                for batch in file.iter_batches(_BATCH_ROWS):
                    yield shaped(batch, self.schema)
        except (TornError, pa.ArrowException) as error:
            raise PieceTornError(name, one_line(error)) from error


def merge(
    store: Store, names: Sequence[str], schema: pa.Schema, footer: dict[str, str], scratch: Path
) -> tuple[Path, int]:
    """Write one file of all rows of these segments into `scratch`; return its path and its rows.

    Raises PieceTornError, FileNotFoundError where a segment is gone, OSError, and RunFailed where
    there is no room to sort.
    """
    pieces = _Pieces(store, names, schema)
    target = scratch / "merged.parquet"
    try:
        with _connection(scratch) as connection:
            rows = write_sealed(
                target,
                schema.with_metadata(footer),
                _sorted(connection, pieces),
                compression_level=_COMPRESSION_LEVEL,
                group_rows=_GROUP_ROWS,
                merged=lambda: joined_rows(pieces.digests),
            )
    except (duckdb.Error, pa.ArrowException) as error:
        if pieces.failure is not None:
            raise pieces.failure from error
        raise database_failure(f"{_what(scratch)}: ", one_line(error)) from error
    except OSError as error:
        if pieces.failure is not None:
            raise pieces.failure from error
        raise disk_failure(_what(scratch), error) from error
    return target, rows


def _proved(content: bytes) -> Seal:
    found = seal.prove(lambda offset, length: content[offset : offset + length], len(content))
    if found is None:
        raise TornError("has no seal")
    return found


def _what(scratch: Path) -> str:
    return f"cannot merge segments in {scratch} (TMPDIR names another folder)"


def _connection(scratch: Path) -> duckdb.DuckDBPyConnection:
    connection = in_memory(_MEMORY, 2, scratch)
    connection.execute("set preserve_insertion_order = false")
    return connection


def _sorted(connection: duckdb.DuckDBPyConnection, pieces: _Pieces) -> Iterator[pa.Table]:
    schema = pieces.schema
    order = ", ".join(f'"{name}" nulls last' for name in _ORDER if name in schema.names)
    stream = pa.RecordBatchReader.from_batches(schema, pieces.batches())
    connection.register("pieces", stream)
    asked = connection.sql(f"from pieces order by {order}")
    for batch in asked.to_arrow_reader(_GROUP_ROWS):
        yield pa.Table.from_batches([shaped(batch, schema)])
