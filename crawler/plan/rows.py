"""A batch of dataset rows → staged rows: every URL parsed, every promise typed.

Room: pure rules. One staged row a dataset row, whatever was in it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from crawler.plan import cells, sample
from crawler.plan.formats.batch import Batch
from crawler.plan.json_rows import json_rows
from crawler.plan.plain_urls import is_https, plain_hosts
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
class _Slow:
    """What `crawler.urls` says of the cells that are not plain, by their positions in the batch."""

    at: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    wire_urls: list[str | None] = field(default_factory=list)
    schemes: list[str | None] = field(default_factory=list)
    hosts: list[str | None] = field(default_factory=list)
    ports: list[int | None] = field(default_factory=list)
    reasons: list[str | None] = field(default_factory=list)


def staged(batch: Batch, place: Place, draw: Draw) -> pa.Table:
    """Return one staged row (`STAGED_SCHEMA`) for each row of the batch, in order."""
    columns = _parsed(batch)
    count = len(batch.urls)
    columns["draw"] = sample.draws(columns["link_id"], draw.seed)
    columns["drawn"] = sample.is_drawn(columns["draw"], draw.fraction)
    columns["row"] = _count_up(place.first_row, count)
    columns["source"] = pa.repeat(pa.scalar(place.source, pa.uint32()), count)
    columns["source_row"] = _count_up(place.first_source_row, count)
    columns["extra"] = _extra(batch)
    for role, at in zip(batch.known.schema.names, batch.known.columns, strict=True):
        columns[role] = cells.promised(role, at)
    return _whole(columns, count)


def _parsed(batch: Batch) -> dict[str, pa.Array]:
    """Parse every URL: what is plain a column at a time, the rest one by one."""
    raw = cells.decoded(batch.urls)
    text = raw.cast(pa.binary()) if cells.is_text(raw.type) else pa.nulls(len(raw), pa.binary())
    hosts = _without(plain_hosts(text), batch.refused)
    is_slow = np.asarray(hosts.is_null())
    slow = _one_by_one(raw, np.flatnonzero(is_slow), batch.refused)
    urls = _mended(text, is_slow, [url.encode() for url in slow.urls])
    keys = urls.to_pylist()
    for at, key in zip(slow.at, slow.keys, strict=True):
        keys[at] = key.encode()
    https = is_https(text)
    schemes = pa.DictionaryArray.from_arrays(https.astype(np.int8), ["http", "https"])
    ports = pa.array(np.where(https, 443, 80), pa.uint16())
    urls = urls.cast(pa.string())
    nothing = pa.nulls(len(raw), pa.string())
    return {
        "link_id": pa.array(map(xxhash.xxh3_64_intdigest, keys), pa.uint64()),
        "check": pa.array([xxhash.xxh3_64_intdigest(key, _CHECK_SEED) for key in keys], pa.uint64()),
        "url": urls,
        "wire_url": _mended(urls, is_slow, slow.wire_urls),
        "scheme": _mended(schemes.dictionary_decode(), is_slow, slow.schemes),
        "host": _mended(hosts.cast(pa.string()), is_slow, slow.hosts),
        "port": _mended(ports, is_slow, slow.ports),
        "invalid_reason": _mended(nothing, is_slow, slow.reasons),
    }  # fmt: skip


def _without(hosts: pa.Array, refused: Mapping[int, Reason]) -> pa.Array:
    """Take the hosts of refused rows away."""
    if not refused:
        return hosts
    keep = np.ones(len(hosts), bool)
    keep[list(refused)] = False
    return pc.if_else(pa.array(keep), hosts, None)


def _one_by_one(
    raw: pa.Array, positions: np.ndarray[Any, Any], refused: Mapping[int, Reason]
) -> _Slow:
    slow = _Slow(positions.tolist())
    for at, text in zip(slow.at, cells.texts(raw.take(pa.array(positions))), strict=True):
        found = refused.get(at) or (Reason.MISSING if text is None else url_parts(text))
        if isinstance(found, Reason):
            _refuse(slow, as_text(text or ""), found)
            continue
        wire_url, scheme, host, port = found
        slow.keys.append(wire_url)
        slow.urls.append(text or "")
        slow.wire_urls.append(wire_url)
        slow.schemes.append(scheme)
        slow.hosts.append(host)
        slow.ports.append(port)
        slow.reasons.append(None)
    return slow


def _refuse(slow: _Slow, url: str, reason: Reason) -> None:
    slow.keys.append(invalid_key(reason, url))
    slow.urls.append(url)
    for column in (slow.wire_urls, slow.schemes, slow.hosts):
        column.append(None)
    slow.ports.append(None)
    slow.reasons.append(reason.value)


def _mended(column: pa.Array, is_slow: np.ndarray[Any, Any], cells: Sequence[object]) -> pa.Array:
    """Put cells, in order, where a column is slow."""
    if not cells:
        return column
    return pc.replace_with_mask(column, pa.array(is_slow), pa.array(cells, column.type))


def refusals(table: pa.Table) -> dict[str, tuple[int, str]]:
    """Return, by reason, how many staged rows are refused and the first one's text."""
    invalid = table.filter(table["invalid_reason"].is_valid())
    reasons = invalid["invalid_reason"].to_pylist()
    first: dict[str, str] = {}
    for reason, url in zip(reasons, invalid["url"].to_pylist(), strict=True):
        first.setdefault(reason, (url or "")[:200])
    return {reason: (count, first[reason]) for reason, count in Counter(reasons).items()}


def _extra(batch: Batch) -> pa.Array:
    if isinstance(batch.others, pa.RecordBatch):
        return json_rows(batch.others, len(batch.urls))
    return batch.others.cast(pa.string())


def _count_up(start: int, count: int) -> pa.Array:
    return pa.array(np.arange(start, start + count, dtype=np.uint64))


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
