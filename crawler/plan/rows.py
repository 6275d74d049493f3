"""A batch of dataset rows → staged rows: every URL parsed, every promise typed.

Room: pure rules. One staged row a dataset row, whatever was in it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from crawler.plan import cells
from crawler.plan.formats.batch import Batch
from crawler.plan.json_rows import json_rows
from crawler.plan.plain_urls import is_https, plain_hosts
from crawler.urls import Reason, as_text, invalid_key, url_parts

# `check` is a second hash of what `link_id` is a hash of, so that two keys with one id are noticed.
# `origin` is the port, and 65,536 more where the scheme is https; `wire_url` is null where it is
# just what the cell says. An invalid row has neither, nor a host.
STAGED_SCHEMA = pa.schema(
    [
        pa.field("link_id", pa.uint64(), nullable=False),
        pa.field("check", pa.uint64(), nullable=False),
        pa.field("host", pa.string()),
        pa.field("origin", pa.uint32()),
        pa.field("url", pa.string(), nullable=False),
        pa.field("wire_url", pa.string()),
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
HTTPS = 1 << 16
_CHECK_SEED = 1


@dataclass(slots=True)
class _Slow:
    """What `crawler.urls` says of the cells that are not plain, by their positions in the batch."""

    at: list[int] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    urls: list[bytes] = field(default_factory=list)
    wire_urls: list[str | None] = field(default_factory=list)
    hosts: list[str | None] = field(default_factory=list)
    origins: list[int | None] = field(default_factory=list)
    reasons: list[str | None] = field(default_factory=list)


def staged(batch: Batch) -> pa.Table:
    """Return one staged row (`STAGED_SCHEMA`) for each row of the batch, in order."""
    columns = _parsed(batch)
    columns["extra"] = _extra(batch)
    for role, at in zip(batch.known.schema.names, batch.known.columns, strict=True):
        columns[role] = cells.promised(role, at)
    return _whole(columns, len(batch.urls))


def _parsed(batch: Batch) -> dict[str, pa.Array]:
    """Parse every URL: what is plain a column at a time, the rest one by one."""
    raw = cells.decoded(batch.urls)
    text = raw.cast(pa.binary()) if cells.is_text(raw.type) else pa.nulls(len(raw), pa.binary())
    hosts = _without(plain_hosts(text), batch.refused)
    is_slow = np.asarray(hosts.is_null())
    slow = _one_by_one(raw, np.flatnonzero(is_slow), batch.refused)
    if text.take(pa.array(slow.at, pa.int64())).to_pylist() != slow.urls:
        text = _mended(text, is_slow, slow.urls)
    keys = text.to_pylist()
    for at, key in zip(slow.at, slow.keys, strict=True):
        keys[at] = key
    origins = pa.array(np.where(is_https(text), HTTPS + 443, 80).astype(np.uint32))
    nothing = pa.nulls(len(raw), pa.string())
    return {
        "link_id": _hashes(map(xxhash.xxh3_64_intdigest, keys), len(keys)),
        "check": _hashes(map(xxhash.xxh3_64_intdigest, keys, repeat(_CHECK_SEED)), len(keys)),
        "host": _mended(hosts.cast(pa.string()), is_slow, slow.hosts),
        "origin": _mended(origins, is_slow, slow.origins),
        "url": text.cast(pa.string()),
        "wire_url": _mended(nothing, is_slow, slow.wire_urls),
        "invalid_reason": _mended(nothing, is_slow, slow.reasons),
    }


def _hashes(numbers: Iterable[int], count: int) -> pa.Array:
    return pa.array(np.fromiter(numbers, np.uint64, count))


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
        slow.keys.append(wire_url.encode())
        slow.urls.append((text or "").encode())
        slow.wire_urls.append(None if wire_url == text else wire_url)
        slow.hosts.append(host)
        slow.origins.append(port + HTTPS * (scheme == "https"))
        slow.reasons.append(None)
    return slow


def _refuse(slow: _Slow, url: str, reason: Reason) -> None:
    slow.keys.append(invalid_key(reason, url).encode())
    slow.urls.append(url.encode())
    for column in (slow.wire_urls, slow.hosts, slow.origins):
        column.append(None)
    slow.reasons.append(reason.value)


def _mended(column: pa.Array, is_slow: np.ndarray[Any, Any], cells: Sequence[object]) -> pa.Array:
    """Put cells, in order, where a column is slow."""
    nothing = all(cell is None for cell in cells)
    if not cells or (nothing and column.null_count == len(column)):
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


def _whole(columns: dict[str, pa.Array], count: int) -> pa.Table:
    arrays = [
        columns[column.name] if column.name in columns else pa.nulls(count, column.type)
        for column in STAGED_SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=STAGED_SCHEMA)
