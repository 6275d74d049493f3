"""The formats that a dataset may come in: one small file each, and this registry.

Room: disk. A format is added by adding a module with a `read` and a line here.
"""

from collections.abc import Callable, Iterator

from crawler.plan.formats import delimited, jsonlines, parquet, plain
from crawler.plan.formats.batch import Batch, ReadOptions, Unread
from crawler.plan.sources import SourceFile

Reader = Callable[[SourceFile, ReadOptions], Iterator[Batch | Unread]]

READERS: dict[str, Reader] = {
    "parquet": parquet.read,
    "csv": delimited.read_csv,
    "tsv": delimited.read_tsv,
    "jsonl": jsonlines.read,
    "text": plain.read,
}
