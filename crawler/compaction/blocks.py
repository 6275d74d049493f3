"""Which files of a folder become one, and which may go: decided by their numbers and sizes.

Room: pure rules. A block begins at a multiple of its length, which is a power of two, so that no
two blocks ever cross, whoever planned them and whatever he saw. The newest number is never in one:
a worker finds its next number without knowing of compactions.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from crawler.records.layout import LAST_NUMBER, live, segment_range

_WIDTHS = LAST_NUMBER.bit_length()


@dataclass(frozen=True, slots=True)
class Piece:
    """A live file that may be merged, and the numbers that it covers, both ends."""

    first: int
    last: int
    rows: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one merged file is made of."""

    rows: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Block:
    """The numbers that a merged file covers, both ends, and the files that it is made of."""

    first: int
    last: int
    pieces: tuple[Piece, ...]


Span = tuple[int, int]


def plan_blocks(
    pieces: Sequence[Piece], barred: Iterable[Span], newest: int, limits: Limits
) -> list[Block]:
    """Return the widest blocks of two pieces or more, in order.

    `pieces` are a folder's, in order; no block touches the `barred` numbers, nor any from `newest`
    on, which is the highest number of the folder, or was.
    """
    found: list[Block] = []
    taken, at = -1, 0
    spans = tuple(barred)
    while at < len(pieces):
        block = _widest(pieces, at, (taken + 1, newest - 1), spans, limits)
        if len(block.pieces) > 1:
            found.append(block)
        at += len(block.pieces)
        taken = block.last
    return found


def removable(names: Iterable[str], coverers: Collection[str]) -> list[str]:
    """Return the files that a live one of `coverers` covers, in order."""
    names = list(names)
    kept = set(live(names))
    spans = [span for name in kept & set(coverers) if (span := segment_range(name)) is not None]
    return sorted(name for name in names if name not in kept and _is_inside(name, spans))


def _widest(
    pieces: Sequence[Piece], at: int, free: Span, barred: Sequence[Span], limits: Limits
) -> Block:
    """Return the widest block that begins with the piece at `at`; that piece alone if there is none."""
    best = Block(pieces[at].first, pieces[at].last, (pieces[at],))
    for width in range(1, _WIDTHS):
        first = pieces[at].first >> width << width
        last = first + (1 << width) - 1
        if first < free[0] or last > free[1] or _touches((first, last), barred):
            break
        inside = _until(pieces, at, last)
        if sum(piece.rows for piece in inside) > limits.rows:
            break
        if sum(piece.size_bytes for piece in inside) > limits.size_bytes:
            break
        if inside and inside[-1].last <= last:
            best = Block(first, last, inside)
    return best


def _until(pieces: Sequence[Piece], at: int, last: int) -> tuple[Piece, ...]:
    """Return the pieces from `at` on that begin no later than `last`."""
    end = at
    while end < len(pieces) and pieces[end].first <= last:
        end += 1
    return tuple(pieces[at:end])


def _touches(span: Span, others: Iterable[Span]) -> bool:
    return any(first <= span[1] and span[0] <= last for first, last in others)


def _is_inside(name: str, spans: Iterable[Span]) -> bool:
    span = segment_range(name)
    return span is not None and any(first <= span[0] and span[1] <= last for first, last in spans)
