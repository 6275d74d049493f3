"""Files beside the segments: whole, sealed, and under nobody else's name."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sealed_file import prove_file, sealed
from crawler.records.seal import TornError, schema_digest

SCHEMA = pa.schema([pa.field("number", pa.uint64()), ("text", pa.string())], {b"made": b"here"})
TABLE = pa.table({"number": range(999), "text": ["x"] * 999}, schema=SCHEMA)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed file."""
    path = tmp_path_factory.mktemp("sealed") / "file.parquet"
    with sealed(path, SCHEMA) as sink:
        sink.write_table(TABLE)
    return path


def test_it_is_plain_parquet(path: Path) -> None:
    """Any reader has rows and metadata back; nothing is left beside it."""
    found = pq.read_table(path)
    assert found.equals(TABLE)
    assert found.schema.metadata[b"made"] == b"here"
    assert schema_digest(found.schema) == schema_digest(SCHEMA)
    prove_file(path)
    assert [one.name for one in path.parent.iterdir()] == ["file.parquet"]


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_bit_changes_unnoticed(
    path: Path, tmp_path_factory: pytest.TempPathFactory, place: float, bit: int
) -> None:
    """Whatever bit is another one, the file is torn."""
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    broken = tmp_path_factory.mktemp("broken") / "file.parquet"
    broken.write_bytes(content)
    with pytest.raises(TornError):
        prove_file(broken)


def test_a_file_without_a_seal_proves_nothing(tmp_path: Path) -> None:
    """What somebody else wrote is not taken for ours."""
    pq.write_table(TABLE, tmp_path / "plain.parquet")
    with pytest.raises(TornError, match="no seal"):
        prove_file(tmp_path / "plain.parquet")


def test_a_name_that_is_taken_stays(path: Path) -> None:
    """A file that is to be new fails where another is, and leaves that alone."""
    before = path.read_bytes()
    with pytest.raises(FileExistsError), sealed(path, SCHEMA, anew=True) as sink:
        sink.write_table(TABLE.slice(5))
    assert path.read_bytes() == before
