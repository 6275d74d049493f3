"""A segment's seal: digests of every byte of its file, carried in the file's own footer.

Room: pure rules. Parquet checks nothing of itself that DuckDB would verify: of 1,500 flipped bits
in a small file it noticed 269 and answered wrongly for 1,146 (docs/decisions/0033). The seal cuts
a file in two: the body, in blocks with a digest each, so that a reader can prove just what it
reads; and the tail, which is the footer, proved as a whole with the digits of its own digest taken
as zeros. The seal is one value of the footer's key-value metadata, so that any Parquet reader
reads the file as ever.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

import pyarrow as pa
import xxhash

KEY = "stillup.seal"
BLOCK_BYTES = 64 * 1024

# Returns up to so many bytes from an offset on: (offset, size).
Read = Callable[[int, int], bytes]

_MAGIC = b"PAR1"
_END_BYTES = 8  # the length of the footer, four bytes, and the magic
_DIGITS = 16  # of an XXH3-64 in hexadecimal
_MARK = b"stillup seal 1 "
_SEAL = re.compile(_MARK + rb"([0-9a-f]{16}) ([0-9a-f]{16}) (\d{1,18}) ([0-9a-f]*)")
_BLOCKS_AT_ONCE = 64
# Stands right before the seal of a merged file, where nothing from outside can stand.
_MERGED = "stillup merged 1 {:064x} "
_DIGITS_OF_ROWS = re.compile(rb"stillup merged 1 ([0-9a-f]{64}) ")
_MERGED_BYTES = len(_MERGED.format(0))


class TornError(ValueError):
    """A file that is not what was written; the text says in what way."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a file's body must be. `schema` is `schema_digest` of what its writer wrote.

    `merged` is the rows' digest of a file that was merged of others, in hexadecimal digits.
    """

    schema: str
    body_bytes: int
    blocks: bytes
    merged: bytes = b""

    @property
    def rows_digest(self) -> int:
        """Return 256 bits that stand for the rows; those of a merged file are `joined_rows`."""
        if self.merged:
            return int(self.merged, 16)
        told = f"{self.schema} {self.body_bytes} ".encode() + self.blocks
        return int.from_bytes(sha256(told).digest(), "big")

    def proves(self, number: int, block: "bytes | memoryview") -> bool:
        """Tell whether these are the bytes that were written as block `number`."""
        digits = self.blocks[number * _DIGITS : (number + 1) * _DIGITS]
        return digest(block).encode() == digits


def digest(content: "bytes | bytearray | memoryview") -> str:
    """Return the digest of a stretch of bytes: 16 hexadecimal digits of XXH3-64."""
    return xxhash.xxh3_64_hexdigest(content)


def schema_digest(schema: pa.Schema) -> str:
    """Return a digest of column names, types and order."""
    return digest(schema.remove_metadata().to_string().encode())


def joined_rows(digests: Iterable[int]) -> int:
    """Return the digest of the rows of several files together, whatever they were merged of."""
    return sum(digests) % (1 << 256)


def open_seal(
    schema: pa.Schema, body_bytes: int, blocks: list[str], merged: int | None = None
) -> str:
    """Return the seal of a body, to be put into the footer; its own digest is still zeros."""
    before = "" if merged is None else _MERGED.format(merged)
    head = f"{_MARK.decode()}{'0' * _DIGITS} {schema_digest(schema)} {body_bytes}"
    return f"{before}{head} {''.join(blocks)}"


def closed(tail: bytes) -> bytes:
    """Return the tail of a file, from the end of its body on, with the digest of itself in it."""
    start = tail.rindex(_MARK) + len(_MARK)
    return tail[:start] + digest(tail).encode() + tail[start + _DIGITS :]


class Sink:
    """A file of Arrow's: the body goes straight to `put`, the tail waits until it can be sealed."""

    closed = False

    def __init__(self, put: Callable[[bytes], object]) -> None:
        self._put = put
        self._position = 0
        self._blocks: list[str] = []
        self._block = xxhash.xxh3_64()
        self._tail: list[bytes] | None = None

    def write(self, content: bytes) -> int:
        """Take the next bytes of the file."""
        self._position += len(content)
        if self._tail is None:
            self._digest(memoryview(content))
            self._put(content)
        else:
            self._tail.append(bytes(content))
        return len(content)

    def tell(self) -> int:
        """Return how many bytes were taken."""
        return self._position

    def flush(self) -> None:
        """Nothing is held back but the tail."""

    def close(self) -> None:
        """The file is its opener's."""

    def end_body(self, schema: pa.Schema, merged: int | None = None) -> str:
        """Return the seal of what was written so far; what follows is the tail.

        `merged` is the digest of the rows of the files that these rows are of.
        """
        if self._position % BLOCK_BYTES:
            self._blocks.append(self._block.hexdigest())
        self._tail = []
        return open_seal(schema, self._position, self._blocks, merged)

    def finish(self) -> None:
        """Write the tail, sealed."""
        self._put(closed(b"".join(self._tail or ())))

    def _digest(self, content: memoryview) -> None:
        start = self._position - len(content)
        at = 0
        while at < len(content):
            step = min(BLOCK_BYTES - (start + at) % BLOCK_BYTES, len(content) - at)
            self._block.update(content[at : at + step])
            at += step
            if (start + at) % BLOCK_BYTES == 0:
                self._blocks.append(self._block.hexdigest())
                self._block.reset()


def block_digests(read: Read, size: int) -> str:
    """Return the digests of a file's blocks as a seal has them, for a file that carries none."""
    step = _BLOCKS_AT_ONCE * BLOCK_BYTES
    found: list[str] = []
    for start in range(0, size, step):
        view = memoryview(read(start, min(step, size - start)))
        found += [digest(view[at : at + BLOCK_BYTES]) for at in range(0, len(view), BLOCK_BYTES)]
    return "".join(found)


def read_seal(read: Read, size: int) -> Seal | None:
    """Return the seal of a Parquet file, None where it has none; TornError if it is not whole.

    Proves all but the body: both ends, the footer, and the seal in it.
    """
    footer = _footer(read, size)
    at = footer.rfind(_MARK)
    if at < 0 and KEY.encode() not in footer:
        return None
    found = _SEAL.match(footer, at) if at >= 0 else None
    if found is None:
        raise TornError("has a broken seal")
    seal = Seal(found[2].decode(), int(found[3]), found[4])
    # The digits end where the next field of the footer begins, whose bytes may look like one.
    blocks = -(-seal.body_bytes // BLOCK_BYTES)
    merged = _DIGITS_OF_ROWS.fullmatch(footer, max(0, at - _MERGED_BYTES), at)
    seal = Seal(
        seal.schema,
        seal.body_bytes,
        seal.blocks[: blocks * _DIGITS],
        merged[1] if merged else b"",
    )
    if seal.body_bytes > size or not _is_whole(read(seal.body_bytes, size - seal.body_bytes)):
        raise TornError("has a footer that was changed")
    return seal


def prove_body(seal: Seal, read: Read) -> None:
    """Read a whole body; TornError if any block of it is not what was written."""
    step = _BLOCKS_AT_ONCE * BLOCK_BYTES
    for start in range(0, seal.body_bytes, step):
        view = memoryview(read(start, min(step, seal.body_bytes - start)))
        for at in range(0, len(view), BLOCK_BYTES) or (0,):
            if not seal.proves((start + at) // BLOCK_BYTES, view[at : at + BLOCK_BYTES]):
                raise TornError("was changed after it was written")


def prove(read: Read, size: int) -> Seal | None:
    """Prove all of a file and return its seal, None where it has none. Raises TornError."""
    found = read_seal(read, size)
    if found is not None:
        prove_body(found, read)
    return found


def misfit(found: pa.Schema, wanted: pa.Schema) -> str | None:
    """Return why a file's columns cannot be those of a table, or None.

    A column that may be null may be missing: another version wrote the file.
    """
    for column in wanted:
        at = found.get_field_index(column.name)
        if at < 0:
            if not column.nullable:
                return f"has no column {column.name}"
        elif _kind(found.field(at).type) != _kind(column.type):
            return f"has a column {column.name} that is {found.field(at).type}, not {column.type}"
    return None


def _footer(read: Read, size: int) -> bytes:
    end = read(max(0, size - _END_BYTES), _END_BYTES)
    metadata_bytes = int.from_bytes(end[:4], "little")
    start = size - _END_BYTES - metadata_bytes
    if len(end) < _END_BYTES or end[4:] != _MAGIC or start < len(_MAGIC):
        raise TornError("is torn")
    if read(0, len(_MAGIC)) != _MAGIC:
        raise TornError("is torn")
    return read(start, metadata_bytes)


def _is_whole(tail: bytes) -> bool:
    start = tail.rfind(_MARK)
    if start < 0:
        return False
    start += len(_MARK)
    blank = tail[:start] + b"0" * _DIGITS + tail[start + _DIGITS :]
    return digest(blank).encode() == tail[start : start + _DIGITS]


def _kind(column: pa.DataType) -> str:
    """Return what a type amounts to, whatever its width: another writer may store it wider."""
    kinds = {
        "whole number": pa.types.is_integer,
        "number": pa.types.is_floating,
        "truth": pa.types.is_boolean,
        "time": pa.types.is_timestamp,
        "list": pa.types.is_nested,
        "text": lambda it: pa.types.is_string(it) or pa.types.is_large_string(it),
        "bytes": lambda it: pa.types.is_fixed_size_binary(it) or pa.types.is_binary(it),
    }
    return next((kind for kind, fits in kinds.items() if fits(column)), str(column))
