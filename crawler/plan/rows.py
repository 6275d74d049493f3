"""A batch of dataset rows → staged rows: every URL parsed, every promise typed.

Room: pure rules. One staged row a dataset row, whatever was in it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from crawler.plan import cells, sample
from crawler.plan.formats.batch import Batch
from crawler.urls import Reason, as_text, invalid_key, url_parts

# `row` counts through all sources in order; `check` is a second hash of what `link_id` is a hash
# of, so that two keys with one id are noticed. Rows outside the sample carry ids only.
STAGED_SCHEMA = pa.schema(
    [
        pa.field("row", pa.uint64(), nullable=False),
        pa.field("source", pa.uint32(), nullable=False),
        pa.field("source_row", pa.uint64(), nullable=False),
        pa.field("link_id", pa.uint64(), nullable=False),
        pa.field("check", pa.uint64(), nullable=False),
        pa.field("draw", pa.uint64(), nullable=False),
        pa.field("drawn", pa.bool_(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("wire_url", pa.string()),
        pa.field("scheme", pa.string()),
        pa.field("host", pa.string()),
        pa.field("port", pa.uint16()),
        pa.field("caption", pa.string()),
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("expected_sha256", pa.string()),
        pa.field("expected_md5", pa.string()),
        pa.field("expected_phash", pa.string()),
        pa.field("extra", pa.string()),
        pa.field("invalid_reason", pa.string()),
    ]
)
_CHECK_SEED = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a batch begins: its first row among all rows, its source, and the row there."""

    first_row: int
    source: int
    first_source_row: int


@dataclass(frozen=True, slots=True)
class Draw:
    """Which part of the links to keep, and the seed of the draw."""

    fraction: float = 1.0
    seed: int = 0


@dataclass(slots=True)
class _Parsed:
    """The columns that parsing gives, filled row by row."""

    keys: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    wire_urls: list[str | None] = field(default_factory=list)
    schemes: list[str | None] = field(default_factory=list)
    hosts: list[str | None] = field(default_factory=list)
    ports: list[int | None] = field(default_factory=list)
    reasons: list[str | None] = field(default_factory=list)


def staged(batch: Batch, place: Place, draw: Draw) -> pa.Table:
    """Return one staged row (`STAGED_SCHEMA`) for each row of the batch, in order."""
    parsed = _parse(cells.texts(batch.urls), batch.refused)
    encoded = [key.encode() for key in parsed.keys]
    link_ids = pa.array(map(xxhash.xxh3_64_intdigest, encoded), pa.uint64())
    checks = pa.array([xxhash.xxh3_64_intdigest(key, _CHECK_SEED) for key in encoded], pa.uint64())
    draws = sample.draws(link_ids, draw.seed)
    drawn = sample.is_drawn(draws, draw.fraction)
    count = len(encoded)
    columns = {
        "row": _count_up(place.first_row, count),
        "source": pa.repeat(pa.scalar(place.source, pa.uint32()), count),
        "source_row": _count_up(place.first_source_row, count),
        "link_id": link_ids,
        "check": checks,
        "draw": draws,
        "drawn": drawn,
        "url": pa.array(parsed.urls, pa.string()),
        "wire_url": pa.array(parsed.wire_urls, pa.string()),
        "scheme": pa.array(parsed.schemes, pa.string()),
        "host": pa.array(parsed.hosts, pa.string()),
        "port": pa.array(parsed.ports, pa.uint16()),
        "extra": _extra(batch, drawn),
        "invalid_reason": pa.array(parsed.reasons, pa.string()),
    }
    for role, at in zip(batch.known.schema.names, batch.known.columns, strict=True):
        columns[role] = cells.promised(role, at)
    return _whole(columns, count)


def _parse(texts: Sequence[str | None], refused: Mapping[int, Reason]) -> _Parsed:
    """Parse each text. The loop is the plan's hottest: bound methods, no record a row."""
    parsed = _Parsed()
    for at, text in enumerate(texts):
        found = refused.get(at) or (Reason.MISSING if text is None else url_parts(text))
        if isinstance(found, Reason):
            _refuse(parsed, as_text(text or ""), found)
            continue
        wire_url, scheme, host, port = found
        parsed.keys.append(wire_url)
        parsed.urls.append(text or "")
        parsed.wire_urls.append(wire_url)
        parsed.schemes.append(scheme)
        parsed.hosts.append(host)
        parsed.ports.append(port)
        parsed.reasons.append(None)
    return parsed


def _refuse(parsed: _Parsed, url: str, reason: Reason) -> None:
    parsed.keys.append(invalid_key(reason, url))
    parsed.urls.append(url)
    for column in (parsed.wire_urls, parsed.schemes, parsed.hosts):
        column.append(None)
    parsed.ports.append(None)
    parsed.reasons.append(reason.value)


def refusals(table: pa.Table) -> dict[str, tuple[int, str]]:
    """Return, by reason, how many staged rows are refused and the first one's text."""
    invalid = table.filter(table["invalid_reason"].is_valid())
    reasons = invalid["invalid_reason"].to_pylist()
    first: dict[str, str] = {}
    for reason, url in zip(reasons, invalid["url"].to_pylist(), strict=True):
        first.setdefault(reason, (url or "")[:200])
    return {reason: (count, first[reason]) for reason, count in Counter(reasons).items()}


def _extra(batch: Batch, drawn: pa.Array) -> pa.Array:
    if isinstance(batch.others, pa.RecordBatch):
        return pa.array(cells.extras(batch.others, drawn.to_pylist()), pa.string())
    return batch.others.cast(pa.string())


def _count_up(start: int, count: int) -> pa.Array:
    return pa.array(range(start, start + count), pa.uint64())


def _whole(columns: dict[str, pa.Array], count: int) -> pa.Table:
    arrays = [
        columns[column.name] if column.name in columns else pa.nulls(count, column.type)
        for column in STAGED_SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=STAGED_SCHEMA)


def without_undrawn(table: pa.Table) -> pa.Table:
    """Take everything but the ids from the rows outside the sample."""
    drawn = table["drawn"]
    arrays = [
        pc.if_else(drawn, table[column.name], None) if column.nullable else table[column.name]
        for column in STAGED_SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=STAGED_SCHEMA)
