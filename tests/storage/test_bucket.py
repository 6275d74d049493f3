"""What a bucket has that a folder has not: lost answers, refusals, and a price for every request."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records.errors import WrongUse
from storage import bucket
from storage.bucket import Bucket
from storage.once import create_once
from storage.open import open_store
from storage.store import ReplacedError
from storage.stretches import STRETCH_BYTES, Stretches
from tests.buckets import ObjectStorage


@contextmanager
def losing_one_answer(storage: ObjectStorage) -> Iterator[str]:
    """Stand before the server and drop the connection where its answer to the first PUT would be."""
    host, _, port = storage.endpoint.removeprefix("http://").partition(":")
    door = socket.create_server(("127.0.0.1", 0))
    lost = threading.Event()

    def carry(caller: socket.socket) -> None:
        with caller, socket.create_connection((host, int(port))) as server:
            asked: list[bytes] = []
            threading.Thread(target=ask, args=(caller, server, asked), daemon=True).start()
            while answer := server.recv(1 << 20):
                if asked[0].startswith(b"PUT") and not lost.is_set():
                    lost.set()
                    caller.shutdown(socket.SHUT_RDWR)
                    return
                caller.sendall(answer)

    def ask(caller: socket.socket, server: socket.socket, asked: list[bytes]) -> None:
        with suppress(OSError):
            while part := caller.recv(1 << 20):
                asked.append(part)
                server.sendall(part)

    def serve() -> None:
        while True:
            try:
                caller, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=carry, args=(caller,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        assert lost.is_set()


def test_a_lost_answer_is_no_other_writer(
    storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A write that was done and not answered is ours; the same name by somebody else is not."""
    with losing_one_answer(storage) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        store = open_store(f"{storage.url}/{tmp_path.name}")
        create_once(store, "observations/1", b"ours, by its nonce")
        assert store.read("observations/1") == b"ours, by its nonce"
        with pytest.raises(FileExistsError):
            create_once(store, "observations/1", b"theirs")


def test_refusals_are_one_line(storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bucket, nobody there and a URL of nothing each come to an error that says which it is."""
    with pytest.raises(OSError, match="there is no such bucket"):
        open_store("s3://nowhere/run").names("")
    with pytest.raises(OSError, match="there is no such bucket"):
        open_store("s3://nowhere/run").create("a", b"")
    with storage.refusing(), pytest.raises(PermissionError, match="access is denied"):
        open_store(storage.url).read("run.toml")
    monkeypatch.setattr(
        bucket, "PATIENCE", {"max_retries": 1, "retry_timeout": timedelta(seconds=2)}
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(OSError, match="does not answer"):
        open_store(storage.url).read("run.toml")
    for location in (
        "s3://",
        "s3:///run",
        "s3://runs/../other",
        "s3://runs/a\x1bb",
        "ftp://runs/a",
    ):
        with pytest.raises(WrongUse):
            open_store(location)


@pytest.mark.parametrize(
    "prefix", ["plain", "a b/ü/#1?&+%20", "[x]*'\"", "quoted=`{}^~|\\", "a//b/"]
)
def test_a_prefix_is_taken_as_it_is_written(
    storage: ObjectStorage, prefix: str, tmp_path: Path
) -> None:
    """Another program finds the files under the very characters that a person wrote."""
    store = open_store(f"{storage.url}/{tmp_path.name}/{prefix}")
    store.create("links/shard=00000/1", b"a")
    written = "/".join(part for part in prefix.split("/") if part)
    assert storage.keys(tmp_path.name) == [f"{tmp_path.name}/{written}/links/shard=00000/1"]
    assert (store.names("links"), list(store.below("links"))) == (
        ["shard=00000"],
        ["shard=00000/1"],
    )


def test_reading_here_and_there_costs_few_requests(storage: ObjectStorage, tmp_path: Path) -> None:
    """What was listed is opened without a request, and neighbours come in one, however many ask."""
    store = open_store(f"{storage.url}/{tmp_path.name}")
    content = bytes(range(256)) * 4096  # 1 MiB: four stretches
    store.create("links/1", content)
    store.below("links")
    storage.counted()
    with closing(store.open("links/1")) as file, ThreadPoolExecutor(8) as readers:
        found = list(readers.map(lambda at: file.read_at(at, 700), [file.size - 700] * 8))
        assert found == [content[-700:]] * 8
        assert file.read_at(10, 600_000) == content[10:600_010]
        assert file.read_at(0, 1 << 30) == content
        assert file.read_at(1 << 20, 5) == b""
    assert storage.counted() == {"GET": 2}


def test_a_file_that_was_replaced_is_not_mixed_with_the_new_one(
    storage: ObjectStorage, tmp_path: Path
) -> None:
    """Who has opened the old file gets no byte of the new one, but an error to begin anew with."""
    store = open_store(f"{storage.url}/{tmp_path.name}")
    store.replace("signals/1", b"old" * STRETCH_BYTES)
    with closing(store.open("signals/1")) as file:
        assert file.read_at(0, 3) == b"old"
        Bucket.at(store.location).replace("signals/1", b"new" * STRETCH_BYTES)
        with pytest.raises(ReplacedError):
            file.read_at(2 * STRETCH_BYTES, 3)


@given(st.binary(max_size=400), st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500))))
def test_stretches_are_what_the_file_is(content: bytes, asked: list[tuple[int, int]]) -> None:
    """Whatever is asked in whatever order is what a slice would be."""
    with pytest.MonkeyPatch.context() as small:
        small.setattr("storage.stretches.STRETCH_BYTES", 16)
        small.setattr("storage.stretches._KEPT", 3)
        kept = Stretches()
        for start, size in asked:
            found = kept.read(
                "file", len(content), start, start + size, lambda at, of: content[at : at + of]
            )
            assert found == content[start : start + size]


def test_what_could_not_be_fetched_is_asked_for_again() -> None:
    """A failure is told to whoever asked, and kept for nobody."""
    kept = Stretches()

    def fail(start: int, size: int) -> bytes:
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        kept.read("file", 3, 0, 3, fail)
    assert kept.read("file", 3, 0, 3, lambda *_: b"abc") == b"abc"
