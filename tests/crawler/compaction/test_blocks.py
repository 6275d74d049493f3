"""Which files become one: whoever compacts, whatever he saw, each segment is read once."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.compaction.blocks import Block, Limits, Piece, plan_blocks, removable
from crawler.records.layout import is_taken, live, next_number, segment_name, segment_range

LIMITS = Limits(rows=40, size_bytes=1_000)

Names = dict[str, frozenset[int]]  # a file's name → the segments whose rows it holds


def pieces_of(files: Names, barred: frozenset[int] = frozenset()) -> list[Piece]:
    """Return the live files of a folder as what may be merged, a row and ten bytes a segment."""
    found = []
    for name in live(files):
        span = segment_range(name)
        assert span is not None
        if span[0] not in barred:
            found.append(Piece(*span, rows=len(files[name]), size_bytes=10 * len(files[name])))
    return found


def name_of(block: Block | Piece) -> str:
    """Return the name of a file."""
    return segment_name(block.first, block.last if block.last > block.first else None)


def plan(
    files: Names, barred: frozenset[int] = frozenset(), limits: Limits = LIMITS
) -> list[Block]:
    """Return the blocks of a folder in which the `barred` segments may not be merged."""
    spans = [(number, number) for number in barred]
    return plan_blocks(pieces_of(files, barred), spans, next_number(files) - 1, limits)


def folder(count: int) -> Names:
    """Return a folder of so many segments."""
    return {segment_name(number): frozenset([number]) for number in range(count)}


def test_a_hundred_segments_become_a_few_files() -> None:
    """The widest blocks that the limits allow are taken, and the newest number stays out."""
    blocks = plan(folder(100), limits=Limits(rows=64, size_bytes=10**9))
    assert [(block.first, block.last) for block in blocks] == [(0, 63), (64, 95), (96, 97)]


def test_a_missing_number_does_not_keep_its_neighbours_apart() -> None:
    """A segment that was set aside leaves a gap, and a block spans it."""
    files = folder(9)
    del files[segment_name(0)], files[segment_name(5)]
    [block] = plan(files)
    assert (block.first, block.last, len(block.pieces)) == (0, 7, 6)


@given(
    st.integers(0, 80),
    st.frozensets(st.integers(0, 80)),
    st.frozensets(st.integers(0, 80), max_size=5),
    st.integers(2, 50),
)
def test_a_block_is_whole_bounded_and_stays_clear(
    count: int, missing: frozenset[int], barred: frozenset[int], rows: int
) -> None:
    """A block holds all that its numbers have, keeps its limits, and touches nothing it may not."""
    files = {name: held for name, held in folder(count).items() if not held <= missing}
    barred &= {number for held in files.values() for number in held}
    taken = -1
    for block in plan(files, barred, Limits(rows, 10**9)):
        numbers = set(range(block.first, block.last + 1))
        assert len(numbers) & (len(numbers) - 1) == 0
        assert block.first % len(numbers) == 0
        assert block.first > taken
        assert block.last < next_number(files) - 1
        assert not numbers & barred
        assert 2 <= sum(piece.rows for piece in block.pieces) <= rows
        held = {number for piece in block.pieces for number in files[name_of(piece)]}
        assert held == numbers - missing
        taken = block.last


steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 9)),
        st.tuples(st.just("look"), st.integers(0, 2)),
        st.tuples(st.just("make"), st.integers(0, 2)),
        st.tuples(st.just("remove"), st.integers(0, 2)),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(steps)
def test_each_segment_is_read_once_whatever_three_compactions_do(
    story: Sequence[tuple[str, int]],
) -> None:
    """Compactions that look, make and remove in any order, by old looks, lose and double nothing."""
    files = folder(3)
    looks: dict[int, Names] = {}
    for what, number in story:
        if what == "write":
            for new in range(next_number(files), next_number(files) + number):
                files[segment_name(new)] = frozenset([new])
        elif what == "look":
            looks[number] = dict(files)
        elif what == "make":
            make(files, looks.get(number, {}), Limits(2 << number * 2, 10**9))
        else:
            coverers = [name for name in files if len(files[name]) > 1]
            for name in removable(files, coverers[: number + 1]):
                del files[name]
        read = sorted(number for name in live(files) for number in files[name])
        assert read == list(range(next_number(files)))
        assert segment_name(next_number(files) - 1) in files


def make(files: Names, look: Names, limits: Limits) -> None:
    """Make the files that were planned by an old look, where their pieces are still there."""
    for block in plan(look, limits=limits):
        names = [name_of(piece) for piece in block.pieces]
        if set(names) <= set(files):
            held = frozenset(number for name in names for number in look[name])
            files.setdefault(name_of(block), held)


@given(st.integers(0, 20), st.integers(0, 20))
def test_a_number_is_taken_by_ranges_and_by_what_was_set_aside(number: int, other: int) -> None:
    """A number is free for its own file alone."""
    own = segment_name(number)
    assert not is_taken(number, [own, segment_name(number + 1), ".writing-1-x", "notes.txt"])
    assert is_taken(number, [own, f"{own}.set-aside"])
    inside = number // 4 == other // 4
    assert is_taken(number, [segment_name(other // 4 * 4, other // 4 * 4 + 3)]) is inside
