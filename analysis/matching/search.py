"""Lists against a run's segments: the rows of `matches`.

Room: sql. Values go to DuckDB as Arrow tables and bound parameters, never as text.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from analysis.hamming.nearby import near_pairs
from analysis.hamming.words import HASH_BYTES, Pairs, Words, as_bytes, as_words
from analysis.hash_lists.entry import DIGEST_BYTES, Kind
from analysis.hash_lists.gathered import HashList, Packed
from analysis.hash_lists.read import MIN_QUALITY
from analysis.matching.kept_index import Hashes, run_hashes
from analysis.matching.shape import MATCHES_SCHEMA
from analysis.session import Session
from analysis.tables import rows_of_files
from crawler.records import layout

# Within it PDQ's makers take two pictures for the same (Hashing.md in ThreatExchange's pdq folder).
MAX_DISTANCE = 31

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to look for, and how nearly. `blind`: only in what the dataset promised."""

    lists: tuple[HashList, ...]
    max_distance: int = MAX_DISTANCE
    min_quality: int = MIN_QUALITY
    blind: bool = False


def search(session: Session, question: Question) -> pa.Table:
    """Return what matches, as rows of MATCHES_SCHEMA, in an order of their own."""
    asked = session.connection
    needles = _register_entries(asked, question.lists)
    found = [_promised(asked, needles, question.max_distance)]
    if not question.blind:
        found.append(_observed(session, needles, question))
    return pa.concat_tables(found)


def _observed(session: Session, needles: Words, question: Question) -> pa.Table:
    asked = session.connection
    hay = np.empty((0, 4), dtype=np.uint64)
    if len(needles):
        kept = run_hashes(session.listing, lambda paths: gather(session, paths))
        hay = kept.at_least(question.min_quality)
    pairs = near_pairs(hay, needles, question.max_distance, _threads())
    columns = {"pdq": _digests(hay[pairs.left])} | _near(pairs, needles)
    asked.register("near_observed", pa.table(columns))
    return _rows(asked, "observed", [question.min_quality])


def _promised(asked: DuckDBPyConnection, needles: Words, distance: int) -> pa.Table:
    said = asked.sql(text_of("promised_pdq")).to_arrow_table()
    hay = as_words(b"".join(said["pdq"].to_pylist()))
    pairs = near_pairs(hay, needles, distance, _threads())
    columns = {"promised": said["promised"].take(pa.array(pairs.left))} | _near(pairs, needles)
    asked.register("near_promised", pa.table(columns))
    return _rows(asked, "promised", [])


def gather(session: Session, paths: Sequence[str]) -> Hashes:
    """Return the PDQ hashes of some segments of a session, each once."""
    files = rows_of_files(session.listing, layout.OBSERVATIONS, paths)
    session.connection.execute(f"create or replace temp view segments_to_index as {files}")
    parts = [
        (as_words(_bytes_of(batch.column(0))), np.asarray(batch.column(1)))
        for batch in session.connection.sql(text_of("unique_pdq")).to_arrow_reader(1 << 17)
    ]
    words = np.concatenate([np.empty((0, 4), dtype=np.uint64), *(part[0] for part in parts)])
    quality = np.concatenate([np.empty(0, dtype=np.uint8), *(part[1] for part in parts)])
    return Hashes(words, quality)


def _bytes_of(column: pa.Array) -> memoryview:
    fixed = column.cast(pa.binary(HASH_BYTES))
    start = fixed.offset * HASH_BYTES
    return memoryview(fixed.buffers()[1])[start : start + len(fixed) * HASH_BYTES]


def _near(pairs: Pairs, needles: Words) -> dict[str, pa.Array]:
    return {"digest": _digests(needles[pairs.right]), "distance": pa.array(pairs.distance)}


def _digests(words: Words) -> pa.Array:
    return _fixed(as_bytes(words), HASH_BYTES)


def _fixed(content: bytes, size: int) -> pa.Array:
    """Return packed digests as an Arrow column, without a Python object for each."""
    rows = len(content) // size
    buffers = [None, pa.py_buffer(content)]
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), rows, buffers).cast(pa.binary())


def _register_entries(asked: DuckDBPyConnection, lists: Sequence[HashList]) -> Words:
    """Register `labels` and `entries`; return the PDQ hashes among them, each once."""
    labels = [(found.digest, label) for found in lists for label in found.labels]
    columns = {
        "label": pa.array(range(len(labels)), pa.uint32()),
        "list_digest": pa.array([digest for digest, _ in labels], pa.string()),
        "list": pa.array([label.list_name for _, label in labels], pa.string()),
        "category": pa.array([label.category for _, label in labels], pa.string()),
    }
    asked.register("labels", pa.table(columns))
    tables, first, pdqs = [_entries(Kind.MD5, _NONE, 0)], 0, [b""]
    for found in lists:
        tables += [_entries(kind, packed, first) for kind, packed in found.packed.items()]
        pdqs.append(found.packed[Kind.PDQ].digests.tobytes())
        first += len(found.labels)
    asked.register("entries", pa.concat_tables(tables))
    return np.unique(as_words(b"".join(pdqs)), axis=0)


_NONE = Packed(np.empty((0, DIGEST_BYTES[Kind.MD5]), dtype=np.uint8), np.empty(0, dtype=np.uint32))


def _entries(kind: Kind, packed: Packed, first_label: int) -> pa.Table:
    return pa.table(
        {
            "label": pa.array(packed.labels + np.uint32(first_label)),
            "kind": pa.array([kind.value] * len(packed), pa.string()),
            "digest": _fixed(packed.digests.tobytes(), DIGEST_BYTES[kind]),
        }
    )


def _rows(asked: DuckDBPyConnection, name: str, parameters: list[int]) -> pa.Table:
    return asked.sql(text_of(name), params=parameters).to_arrow_table().cast(MATCHES_SCHEMA)


def text_of(name: str) -> str:
    """Return the SQL text of a file beside this one."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def _threads() -> int:
    return os.cpu_count() or 1
