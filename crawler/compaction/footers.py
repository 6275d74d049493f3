"""What a segment's footer tells of it: rows, visits, and whether it may be merged.

Room: disk. Reads the end of a file in one go and proves it; the body is proved when it is merged.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.records import seal
from crawler.records.seal import TornError
from storage.store import Store

VISITS = "stillup.visits"
# A large file has too many visits to name each: [first, last] of those that follow each other.
VISIT_RANGES = "stillup.visit_ranges"
COMPACTED_AT = "stillup.compacted_at"

_TAIL_BYTES = 64 * 1024

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Footer:
    """A file that is what was written, as far as its footer goes. `made_at`: by a compaction."""

    size_bytes: int
    rows: int
    visits: tuple[Span, ...]
    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unfit:
    """A file that is left alone, and why; `is_damaged`: readers do not read it either."""

    why: str
    is_damaged: bool


def read_footer(store: Store, name: str, schema: pa.Schema) -> Footer | Unfit:
    """Return what a file's footer tells. Raises FileNotFoundError where it is gone, and OSError."""
    size = store.size(name)
    start = max(0, size - _TAIL_BYTES)
    tail = store.read(name, start)

    def read(offset: int, length: int) -> bytes:
        if offset >= start:
            return tail[offset - start : offset - start + length]
        return store.read(name, offset, length)

    try:
        proof = seal.read_seal(read, size)
        if proof is None:
            return Unfit("has no seal", is_damaged=False)
        return _told(pq.read_metadata(pa.BufferReader(_end(read, size))), size, schema)
    except TornError as error:
        return Unfit(str(error), is_damaged=True)
    except (pa.ArrowException, ValueError) as error:
        return Unfit(f"cannot be decoded ({one_line(error)})", is_damaged=True)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the same numbers in as few spans as there can be, in order."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


def compacted_footer(footers: Iterable[Footer], made_at: datetime) -> dict[str, str]:
    """Return what the footer of a merged file says beside its seal."""
    visits = joined(span for footer in footers for span in footer.visits)
    return {VISIT_RANGES: json.dumps(visits), COMPACTED_AT: made_at.isoformat()}


def one_line(error: Exception) -> str:
    """Return an error's text on one line, and not more than that."""
    return " ".join(str(error).split())[:200]


def _end(read: seal.Read, size: int) -> bytes:
    """Return a file's footer and what follows it, which is all that Parquet's readers look for."""
    length = int.from_bytes(read(size - 8, 4), "little") + 8
    return read(size - length, length)


def _told(found: pq.FileMetaData, size: int, schema: pa.Schema) -> Footer | Unfit:
    columns = found.schema.to_arrow_schema()
    why = seal.misfit(columns, schema)
    if why is not None:
        return Unfit(why, is_damaged=True)
    unknown = set(columns.names) - set(schema.names)
    if unknown:
        return Unfit(f"has a column that this version has not ({min(unknown)})", is_damaged=False)
    said = found.metadata or {}
    made_at = said.get(COMPACTED_AT.encode())
    return Footer(
        size,
        found.num_rows,
        _visits(said),
        datetime.fromisoformat(made_at.decode()) if made_at else None,
    )


def _visits(said: dict[bytes, bytes]) -> tuple[Span, ...]:
    ranges = json.loads(said.get(VISIT_RANGES.encode(), b"[]"))
    each = json.loads(said.get(VISITS.encode(), b"[]"))
    return joined([*((first, last) for first, last in ranges), *((one, one) for one in each)])
