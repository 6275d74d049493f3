"""The contract of every store, whatever it lies on."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from storage.open import open_store
from storage.store import Store


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_store(tmp_path / "run")
    storage = request.getfixturevalue("storage")
    return open_store(f"{storage.url}/{tmp_path.name}")


def test_what_is_created_can_be_read(store: Store, tmp_path: Path) -> None:
    """Bytes and files of this machine come back as they were, whole and in parts."""
    (tmp_path / "picture").write_bytes(b"0123456789")
    store.create("a/b/1", b"abcdef")
    store.create("a/b/2", tmp_path / "picture")
    assert (store.read("a/b/1"), store.read("a/b/2")) == (b"abcdef", b"0123456789")
    assert store.read("a/b/2", 2, 3) == b"234"
    assert store.read("a/b/2", 8, 10) == b"89"
    assert store.size("a/b/2") == 10


def test_names_are_those_of_one_folder(store: Store) -> None:
    """A folder lists its files and folders, sorted, and nothing that lies deeper or beside."""
    for name in ("a/2", "a/1", "a/deep/3", "ab/4"):
        store.create(name, b"")
    assert store.names("a") == ["1", "2", "deep"]
    assert store.names("missing") == []
    assert store.names("") == ["a", "ab"]


def test_one_of_many_creates_a_file(store: Store) -> None:
    """Of eight writers at once one gets the name, and the others learn that they did not."""

    def write(number: int) -> int | None:
        try:
            store.create("locks/1", str(number).encode())
        except FileExistsError:
            return None
        return number

    with ThreadPoolExecutor(8) as writers:
        winners = [number for number in writers.map(write, range(8)) if number is not None]
    assert store.read("locks/1") == str(winners[0]).encode()
    assert len(winners) == 1
    assert store.names("locks") == ["1"]


def test_replacing_and_removing(store: Store) -> None:
    """A file can be replaced, whether or not it is there, and removed twice."""
    store.replace("run.toml", b"old")
    store.replace("run.toml", b"new")
    assert store.read("run.toml") == b"new"
    store.remove("run.toml")
    store.remove("run.toml")
    with pytest.raises(FileNotFoundError):
        store.read("run.toml")
    with pytest.raises(FileNotFoundError):
        store.size("run.toml")


@pytest.mark.parametrize("name", ["../other", "/etc/passwd", "a/../../b", "a\0b"])
def test_no_name_leads_out_of_the_run(store: Store, name: str) -> None:
    """A name that lies elsewhere is refused before anything is touched."""
    with pytest.raises(ValueError, match="does not lie in the run"):
        store.create(name, b"")


def test_an_open_file_is_read_by_many_here_and_there(store: Store) -> None:
    """Each reader gets the bytes that it asks for, fewer at the end, and none beyond."""
    store.create("a/1", bytes(range(200)))
    store.below("a")
    with closing(store.open("a/1")) as file, ThreadPoolExecutor(8) as readers:
        parts = list(readers.map(lambda at: file.read_at(at, 10), range(0, 220, 10)))
        assert b"".join(parts) == bytes(range(200))
        assert (file.size, file.modified_ns > 0) == (200, True)
    with pytest.raises(FileNotFoundError):
        store.open("a/2")


def test_below_are_the_files_of_a_folder_and_of_its_folders(store: Store) -> None:
    """A table's files are found in one look, and a replaced one is told or harmless."""
    for name in ("a/1.parquet", "a/shard=00001/2.parquet", "a/shard=00001/deep/3", "b/4"):
        store.create(name, b"old")
    before = store.below("a")
    assert {"1.parquet", "shard=00001/2.parquet"} <= before.keys()
    assert not {"shard=00001/deep/3", "4"} & before.keys()
    assert store.below("missing") == {}
    with closing(store.open("a/1.parquet")) as file:
        store.replace("a/1.parquet", b"new!")
        state = store.below("a")["1.parquet"]
        assert state != before["1.parquet"] or file.read_at(0, 4) == b"old"


def test_taking_and_moving(store: Store, tmp_path: Path) -> None:
    """What is taken replaces the old file and is gone where it was made; what is moved as well."""
    store.create("run.duckdb", b"old")
    (tmp_path / "made").write_bytes(b"new")
    store.take("run.duckdb", tmp_path / "made")
    assert store.read("run.duckdb") == b"new"
    assert not (tmp_path / "made").exists()
    store.move("run.duckdb", "moved")
    assert store.names("") == ["moved"]
    store.create("other", b"")
    with pytest.raises(FileExistsError):
        store.move("other", "moved")
    assert store.read("moved") == b"new"
