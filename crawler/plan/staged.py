"""Files of staged rows: how they are written, and read again.

Room: disk. A file of staged rows is three Arrow files: the keys of links, as numbers; the hosts
that those numbers mean; and the text, which is read once more at the end. Rows outside the sample
have keys only. Text is packed, since a disk is waited for otherwise; keys and hosts are not, since
they are read where they lie (docs/decisions/0128).
"""

from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from crawler.plan.sample import Draw

Numbers = np.ndarray[Any, np.dtype[Any]]
NO_HOST = -1
PACKED = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)

_TEXT = [
    "origin", "url", "wire_url", "caption", "width", "height", "expected_sha256", "expected_md5",
    "expected_phash", "extra", "invalid_reason",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a batch begins: its first row among all rows, its source, and the row there."""

    first_row: int
    source: int
    first_source_row: int

    def after(self, rows: int) -> "Place":
        """Return the place so many rows later in the same source."""
        return Place(self.first_row + rows, self.source, self.first_source_row + rows)


@dataclass(frozen=True, slots=True)
class StagedFile:
    """Staged rows that came from one batch. `bytes` is what they take unpacked."""

    stem: Path
    place: Place
    rows: int
    bytes: int

    def path(self, what: str) -> Path:
        """Return the file that holds something of these rows."""
        return self.stem.with_suffix(f".{what}")


@dataclass(frozen=True, slots=True)
class Keys:
    """What a link is told by, a number a row. `hosts` counts in the file, `NO_HOST` for none."""

    link_ids: Numbers
    checks: Numbers
    hosts: Numbers
    origins: Numbers


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts of a file, with 128 bits of a keyed hash of each."""

    names: pa.Array
    keys: Numbers
    checks: Numbers


def write_staged(file: StagedFile, table: pa.Table, draw: Draw, host_seed: int) -> None:
    """Write staged rows (`rows.STAGED_SCHEMA`)."""
    table = table.combine_chunks()
    if draw.fraction < 1:
        drawn = draw.takes(_only_chunk(table["link_id"]))
        text = table.filter(drawn)
        hosts = pc.if_else(drawn, _only_chunk(table["host"]), None)
    else:
        text, hosts = table, _only_chunk(table["host"])
    coded = hosts.dictionary_encode()
    _write(file.path("keys"), _keys(table, coded.indices))
    _write(file.path("hosts"), _hosts(coded.dictionary, host_seed))
    _write(file.path("text"), _without_nothing(text.select(_TEXT)), PACKED)


def _keys(table: pa.Table, hosts: pa.Array) -> pa.Table:
    return pa.table({
        "link_id": table["link_id"],
        "check": table["check"],
        "host": pc.fill_null(hosts, NO_HOST),
        "origin": pc.fill_null(table["origin"], 0),
    })  # fmt: skip


def _hosts(names: pa.Array, seed: int) -> pa.Table:
    texts = names.cast(pa.binary()).to_pylist()
    digests = b"".join(map(xxhash.xxh3_128_digest, texts, repeat(seed)))
    halves = np.frombuffer(digests, np.uint64).reshape(-1, 2)
    return pa.table({
        "host": names,
        "key": pa.array(np.ascontiguousarray(halves[:, 0])),
        "check": pa.array(np.ascontiguousarray(halves[:, 1])),
    })  # fmt: skip


def _without_nothing(table: pa.Table) -> pa.Table:
    """Leave columns out that hold nothing."""
    filled = [name for name in table.column_names if table[name].null_count < table.num_rows]
    return table.select(filled or ["url"])


def _write(path: Path, table: pa.Table, options: pa.ipc.IpcWriteOptions | None = None) -> None:
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_file(file, table.schema, options=options) as writer,
    ):
        writer.write_table(table)


def distinct(ordered: Numbers) -> Numbers:
    """Return sorted numbers without their repetitions."""
    is_new = np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)]
    return np.asarray(ordered[is_new])


def read_keys(file: StagedFile) -> Keys:
    """Read the keys of staged rows."""
    table = _mapped(file.path("keys"))
    return Keys(*(column.chunk(0).to_numpy() for column in table.columns))


def read_hosts(file: StagedFile) -> Hosts:
    """Read the hosts of staged rows."""
    table = _mapped(file.path("hosts"))
    if not table.num_rows:
        nothing = np.zeros(0, np.uint64)
        return Hosts(pa.array([], pa.string()), nothing, nothing)
    names, keys, checks = (column.chunk(0) for column in table.columns)
    return Hosts(names, keys.to_numpy(), checks.to_numpy())


def read_text(file: StagedFile) -> pa.Table:
    """Read the text of the drawn among staged rows; columns that hold nothing are left out."""
    return read_arrow(file.path("text"))


def read_arrow(path: Path) -> pa.Table:
    """Read a whole Arrow file."""
    with pa.OSFile(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def _mapped(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def _only_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)
