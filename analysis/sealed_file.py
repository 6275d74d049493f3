"""Parquet files beside a run's segments that prove themselves as those do.

Room: disk. What a seal is, `crawler.records.seal` knows.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.whole_file import whole
from crawler.records import seal
from crawler.records.seal import Sink, TornError


@contextmanager
def sealed(target: Path, schema: pa.Schema, *, anew: bool = False) -> Iterator[pq.ParquetWriter]:
    """Yield a writer of a file that gets its name when it is whole, sealed and on the disk.

    The schema's metadata becomes the file's. `anew`: nothing may have the name. Raises OSError.
    """
    with whole(target, anew=anew) as file:
        sink = Sink(file.write)
        with pq.ParquetWriter(pa.PythonFile(sink, "w"), schema, compression="zstd") as writer:
            yield writer
            writer.add_key_value_metadata({seal.KEY: sink.end_body(schema)})
        sink.finish()


def prove_file(path: Path) -> None:
    """Read a whole file. Raises TornError where it is not what was written, or says nothing of it."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise TornError("is not a regular file")
    with path.open("rb", buffering=0) as file:
        handle = file.fileno()
        found = seal.prove(
            lambda offset, size: os.pread(handle, size, offset), os.fstat(handle).st_size
        )
    if found is None:
        raise TornError("has no seal")
