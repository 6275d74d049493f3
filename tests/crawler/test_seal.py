"""Seals: no byte of a segment changes without being noticed, and any Parquet reader reads it."""

import os
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records.link import LINKS_SCHEMA
from crawler.records.observation import OBSERVATIONS_SCHEMA
from crawler.records.seal import Seal, TornError, joined_rows, misfit, prove_body, read_seal
from crawler.sealed import fault, write_sealed
from crawler.segments import SegmentWriter, observation_columns, set_aside_faulty
from tests.analysis.runs import look

SCHEMA = pa.schema([pa.field("number", pa.uint64(), nullable=False), ("text", pa.string())])


def written(path: Path, rows: int) -> pa.Table:
    """Write a sealed file that does not compress, and return what is in it."""
    content = {"number": range(rows), "text": [os.urandom(40).hex() for _ in range(rows)]}
    table = pa.table(content, schema=SCHEMA)
    assert write_sealed(path, SCHEMA.with_metadata({"note": "kept"}), [table]) == rows
    return table


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> "Sealed":
    """The bytes of a sealed file of several blocks."""
    path = tmp_path_factory.mktemp("sealed") / "file.parquet"
    written(path, 5_000)
    return Sealed(path.read_bytes())


class Sealed(bytes):
    """A file's bytes, which are not printed when a test fails."""

    def __repr__(self) -> str:
        return "<a sealed file>"


def proved(content: bytes) -> bool:
    """Tell whether bytes are taken for a whole file, by one whose seal says so."""
    try:
        seal = read_seal(lambda at, size: content[at : at + size], len(content))
        if seal is not None:
            prove_body(seal, lambda at, size: content[at : at + size])
    except TornError:
        return False
    return seal is not None


@pytest.mark.parametrize("rows", [0, 1, 1_000, 5_000])
def test_a_sealed_file_is_plain_parquet(tmp_path: Path, rows: int) -> None:
    """Rows and metadata come back as they were, and the seal proves them."""
    path = tmp_path / "file.parquet"
    table = written(path, rows)
    assert pq.read_table(path).equals(table)
    assert pq.read_schema(path).metadata[b"note"] == b"kept"
    assert proved(path.read_bytes())
    assert fault(path, SCHEMA) is None


@given(st.lists(st.integers(0, 2**256 - 1), max_size=4))
def test_a_merged_file_carries_the_digest_of_its_pieces(digests: list[int]) -> None:
    """The digest of a merged file's rows is the sum of what it was merged of, in any grouping."""
    whole = joined_rows(digests)
    assert whole == joined_rows([joined_rows(digests[:2]), joined_rows(digests[2:])])
    found = seal_of([], merged=whole)
    assert found.rows_digest == whole
    assert found.blocks == seal_of([]).blocks


def test_no_text_in_a_file_passes_for_a_digest() -> None:
    """What a column's values say of a merge, in the footer's minima too, is not believed."""
    said = "stillup merged 1 " + "0" * 64 + " "
    honest, forged = seal_of(["a" * len(said)]), seal_of([said])
    assert forged.merged == b""
    assert forged.rows_digest not in (0, honest.rows_digest)


def seal_of(texts: list[str], merged: int | None = None) -> Seal:
    """Return the seal of a file that was written of these texts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.parquet"
        table = pa.table({"number": range(len(texts)), "text": texts}, schema=SCHEMA)
        write_sealed(path, SCHEMA, [table], merged=None if merged is None else lambda: merged)
        content = path.read_bytes()
    found = read_seal(lambda at, size: content[at : at + size], len(content))
    assert found is not None
    return found


@given(at=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_no_byte_changes_unnoticed(sealed: Sealed, at: float, flip: int) -> None:
    """A file with any byte changed is not proved: it is torn, or has no seal any more."""
    content = bytearray(sealed)
    content[int(at * len(content))] ^= flip
    assert not proved(bytes(content))


@given(at=st.floats(0, 1, exclude_max=True), hole=st.integers(1, 70_000), zeros=st.booleans())
def test_no_stretch_is_lost_unnoticed(sealed: Sealed, at: float, hole: int, zeros: bool) -> None:
    """A stretch that was cut out, or reads as zeros as after a power cut, is noticed."""
    start = int(at * len(sealed))
    gone = sealed[start : start + hole]
    content = sealed[:start] + bytes(len(gone)) * zeros + sealed[start + hole :]
    assert content == sealed or not proved(content)


@given(st.binary(max_size=200))
def test_garbage_is_no_segment(content: bytes) -> None:
    """Whatever the bytes, the answer is that they are no whole file, never another error."""
    for text in (content, b"PAR1" + content + b"PAR1"):
        with pytest.raises(TornError):
            read_seal(lambda at, size, text=text: text[at : at + size], len(text))  # type: ignore[misc]


def test_columns_decide_whether_a_file_is_of_a_table() -> None:
    """A column may be missing if it may be null, and be stored wider; anything else is refused."""
    grown = OBSERVATIONS_SCHEMA.append(pa.field("later", pa.string()))
    assert misfit(OBSERVATIONS_SCHEMA, grown) is None
    assert misfit(grown, OBSERVATIONS_SCHEMA) is None
    wide = pa.schema([pa.field("number", pa.int64()), ("text", pa.large_string())])
    assert misfit(wide, SCHEMA) is None
    assert misfit(LINKS_SCHEMA, OBSERVATIONS_SCHEMA) == "has no column round"
    assert misfit(pa.schema([("number", pa.string())]), SCHEMA) == (
        "has a column number that is string, not uint64"
    )


def test_everything_that_is_no_segment_is_set_aside(tmp_path: Path) -> None:
    """Of files, folders, links and pipes with a segment's name only whole segments keep it."""
    folder = tmp_path / "shard=00000"
    writer = SegmentWriter(folder, OBSERVATIONS_SCHEMA)
    writer.open()
    whole = [writer.write(observation_columns([look(1)]), {}).name for _ in range(2)]
    (folder / "00000002.parquet").write_bytes(b"")
    (folder / "00000003.parquet").write_bytes(os.urandom(9_000))
    (folder / "00000004.parquet").mkdir()
    (folder / "00000005.parquet").symlink_to(tmp_path / "nowhere")
    (folder / "00000006.parquet").symlink_to(folder / whole[0])
    os.mkfifo(folder / "00000007.parquet")
    pq.write_table(pa.table({"a": [1]}), folder / "00000008.parquet")
    pq.write_table(pa.table(observation_columns([look(2)]), OBSERVATIONS_SCHEMA), folder / "00000009.parquet")  # fmt: skip
    (folder / "00000002.parquet.set-aside").write_bytes(b"of an earlier crash")
    (folder / "notes.txt").write_text("of a person")
    told: list[str] = []
    set_aside_faulty(folder, OBSERVATIONS_SCHEMA, told.append)
    names = {entry.name for entry in folder.iterdir()}
    assert {name for name in names if name.endswith(".parquet")} == {*whole, "00000009.parquet"}
    assert {"00000002.parquet.set-aside-2", "notes.txt"} < names
    assert len(told) == 7
    writer.open(told.append)
    assert writer.number == 10
    assert len(told) == 7
