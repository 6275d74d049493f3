"""An Arrow stream in a temporary file that has no name, so that nothing is left when its owner dies.

Room: disk.
"""

import tempfile
from collections.abc import Iterable
from typing import IO

import pyarrow as pa


def unnamed(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch]
) -> tuple[IO[bytes], pa.ipc.RecordBatchFileReader]:
    """Write batches into a file and return it, which is its reader's to close, and the reader."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by whoever gets it)
    try:
        with pa.ipc.new_file(file, schema) as sink:
            for batch in batches:
                sink.write_batch(batch)
        file.flush()
        return file, pa.ipc.open_file(pa.PythonFile(file, mode="r"))
    except BaseException:
        file.close()
        raise
