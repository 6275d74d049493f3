"""Parquet files beside a run's segments that prove themselves as those do.

Room: disk. What a seal is, `crawler.records.seal` knows.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.whole_file import whole, whole_in
from crawler.records import seal
from crawler.records.seal import Sink, TornError
from storage.folder import OpenFile
from storage.store import NotAFileError, Opened, Store


@contextmanager
def sealed(target: Path, schema: pa.Schema, *, anew: bool = False) -> Iterator[pq.ParquetWriter]:
    """Yield a writer of a file that gets its name when it is whole, sealed and on the disk.

    The schema's metadata becomes the file's. `anew`: nothing may have the name. Raises OSError.
    """
    with whole(target, anew=anew) as file, _writer(file, schema) as writer:
        yield writer


@contextmanager
def sealed_in(
    store: Store, name: str, schema: pa.Schema, *, anew: bool = False
) -> Iterator[pq.ParquetWriter]:
    """Yield a writer of such a file of a run, wherever the run lies."""
    with whole_in(store, name, anew=anew) as file, _writer(file, schema) as writer:
        yield writer


def prove_file(path: Path) -> None:
    """Read a whole file. Raises TornError where it is not what was written, or says nothing of it."""
    try:
        with closing(OpenFile(path)) as file:
            prove(file)
    except NotAFileError as error:
        raise TornError("is not a regular file") from error


def prove(file: Opened, *, body: bool = True) -> None:
    """Prove an open file, or all but its body. Raises TornError as `prove_file` does."""
    read = seal.prove if body else seal.read_seal
    if read(file.read_at, file.size) is None:
        raise TornError("has no seal")


@contextmanager
def _writer(file: BinaryIO, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    sink = Sink(file.write)
    with pq.ParquetWriter(pa.PythonFile(sink, "w"), schema, compression="zstd") as writer:
        yield writer
        writer.add_key_value_metadata({seal.KEY: sink.end_body(schema)})
    sink.finish()
