"""Parquet files that can prove themselves: written through a sink that digests what passes.

Room: disk. What a seal is, `crawler.records.seal` knows; here files are written and read.
"""

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.records import seal
from crawler.records.seal import Seal, Sink, TornError


def write_sealed(
    path: Path,
    schema: pa.Schema,
    tables: Iterable[pa.Table],
    *,
    compression_level: int | None = None,
    group_rows: int | None = None,
    repeating: Sequence[str] | None = None,
    merged: Callable[[], int] | None = None,
) -> int:
    """Write tables to a new file, sync it, and return how many rows it has. Raises OSError.

    The schema's metadata becomes the file's. `repeating` names the columns that are worth a
    dictionary, where not all are. `merged` returns, once all tables are written, the digest of the
    rows of the files that they are of.
    """
    rows = 0
    with path.open("wb", buffering=0) as file:
        sink = Sink(partial(_write_all, file.fileno()))
        with pq.ParquetWriter(
            pa.PythonFile(sink, "w"),
            schema,
            compression="zstd",
            compression_level=compression_level,
            use_dictionary=True if repeating is None else list(repeating),
        ) as writer:
            for table in tables:
                writer.write_table(table, row_group_size=group_rows)
                rows += table.num_rows
            proof = sink.end_body(schema, None if merged is None else merged())
            writer.add_key_value_metadata({seal.KEY: proof})
        sink.finish()
        os.fsync(file.fileno())
    return rows


def fault(path: Path, schema: pa.Schema) -> str | None:
    """Read a whole file; return why it is not one that holds rows of `schema`, or None.

    A file without a seal, of another program, is decoded instead. One that vanishes meanwhile was
    compacted and has no fault. Raises OSError where a file is there and cannot be read.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return "is not a regular file"
        with path.open("rb") as file:
            found = _proved(file.fileno())
        if found is None:
            return _fault_of_unsealed(path, schema)
        if found.schema == seal.schema_digest(schema):
            return None
        return seal.misfit(pq.read_schema(path), schema)
    except FileNotFoundError:
        return None
    except TornError as error:
        return str(error)


def _proved(handle: int) -> Seal | None:
    """Prove all of an open file and return its seal, None where it has none. Raises TornError."""
    return seal.prove(
        lambda offset, length: os.pread(handle, length, offset), os.fstat(handle).st_size
    )


def _fault_of_unsealed(path: Path, schema: pa.Schema) -> str | None:
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            why = seal.misfit(file.schema_arrow, schema)
            if why is None:
                for _ in file.iter_batches():
                    pass
    except (OSError, pa.ArrowException) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        return f"cannot be decoded ({' '.join(str(error).split())[:100]})"
    return why


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]
