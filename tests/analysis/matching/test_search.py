"""What matches, against a count by hand; and the index that grows with the run."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from analysis.hash_lists.entry import Entry, Kind
from analysis.hash_lists.gathered import Gathering, HashList
from analysis.matching import kept_index, search
from analysis.matching.answer import TERMS
from analysis.matching.kept_index import FOLDER
from analysis.matching.kept_matches import keep_matches
from analysis.matching.search import Question
from analysis.matching.shape import MATCHES, MATCHES_SCHEMA
from analysis.runfile import read_run
from analysis.segments import SetAside
from analysis.session import ask
from tests.analysis.asking import rows_of
from tests.analysis.runs import crawl, link, look, match, plan

RNG = random.Random(3)
PDQ = bytes.fromhex("f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22")


def flipped(digest: bytes, bits: int) -> bytes:
    number = int.from_bytes(digest, "big")
    for bit in RNG.sample(range(256), bits):
        number ^= 1 << bit
    return number.to_bytes(32, "big")


def hash_list(*entries: Entry, name: str = "ours", digest: str = "1" * 64) -> HashList:
    gathering = Gathering(name)
    for entry in entries:
        gathering.take(entry)
    return gathering.done(digest, "CSV")


def found(run: Path, question: Question) -> list[dict[str, Any]]:
    table = ask(read_run(run), lambda session: search.search(session, question), TERMS)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def brief(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(
        (row["link_id"], row["source"], row["kind"], row["distance"], row["round"]) for row in rows
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    links = [
        link(1),
        link(2),
        link(3, expected_sha256="AB" * 32),
        link(4, expected_md5="cd" * 16, expected_phash=flipped(PDQ, 4).hex().upper()),
        link(5, expected_phash="f8f8f0cee0f4a84f"),
        link(6),
    ]
    root = plan(tmp_path / "run", links)
    crawl(
        root,
        [
            look(1, sha256=b"\xab" * 32, md5=b"\xcd" * 16, body_bytes=1),
            look(2, pdq=flipped(PDQ, 31), pdq_quality=50, body_bytes=1),
            look(3, pdq=flipped(PDQ, 32), pdq_quality=99, body_bytes=1),
            look(6, pdq=PDQ, pdq_quality=49, body_bytes=1),
        ],
    )
    return root


EVERYTHING = hash_list(
    Entry(Kind.SHA256, b"\xab" * 32), Entry(Kind.MD5, b"\xcd" * 16), Entry(Kind.PDQ, PDQ, "private")
)


def test_every_kind_is_matched_where_it_should(run: Path) -> None:
    """Exact hashes, PDQ up to the distance and from the quality on; observed and promised apart."""
    assert brief(found(run, Question(lists=(EVERYTHING,)))) == [
        (1, "observed", "md5", 0, 1),
        (1, "observed", "sha256", 0, 1),
        (2, "observed", "pdq", 31, 1),
        (3, "promised", "sha256", 0, None),
        (4, "promised", "md5", 0, None),
        (4, "promised", "pdq", 4, None),
    ]


def test_distance_and_quality_are_as_asked(run: Path) -> None:
    """A wider distance and a lower quality find what the defaults leave out."""
    wide = Question(lists=(EVERYTHING,), max_distance=40, min_quality=1)
    kinds = {row[0] for row in brief(found(run, wide)) if row[2] == "pdq"}
    assert kinds == {2, 3, 4, 6}


def test_blind_looks_at_promises_only(run: Path) -> None:
    """--blind neither reads what was observed nor makes an index of it."""
    rows = found(run, Question(lists=(EVERYTHING,), blind=True))
    assert {row["source"] for row in rows} == {"promised"}
    assert not (run / FOLDER).exists()


def test_an_entry_of_two_lists_matches_for_both(run: Path) -> None:
    """Lists do not hide each other's entries, and labels stay with their own."""
    other = hash_list(Entry(Kind.PDQ, PDQ, "x"), name="theirs", digest="2" * 64)
    rows = found(run, Question(lists=(EVERYTHING, other)))
    labels = {(row["list"], row["category"]) for row in rows if row["link_id"] == 2}
    assert labels == {("ours", "private"), ("theirs", "x")}


def parts(run: Path) -> set[str]:
    return {path.name for path in (run / FOLDER).glob("*.npy")}


def near(run: Path) -> set[int]:
    rows = found(run, Question(lists=(hash_list(Entry(Kind.PDQ, PDQ)),)))
    return {row["link_id"] for row in rows if row["source"] == "observed"}


def test_the_index_grows_with_the_run(run: Path) -> None:
    """New segments become new parts; old parts stay; many parts become one, and nothing is lost."""
    assert near(run) == {2}
    first = parts(run)
    wanted = {2}
    for number in range(1, 12):
        crawl(
            run, [look(1, round=number + 1, pdq=flipped(PDQ, number), pdq_quality=90)], [], number
        )
        wanted = {1, 2}
        assert near(run) == wanted
        assert number > 1 or first < parts(run)
    assert len(parts(run)) < 8
    assert not list((run / FOLDER).glob(".writing-*"))


def test_a_segment_that_is_gone_has_the_index_made_anew(run: Path) -> None:
    """After a compaction took a segment away, no hash of it is left in the index."""
    near(run)
    before = parts(run)
    (run / "observations/shard=00000/00000000.parquet").unlink()
    crawl(run, [look(1, pdq=flipped(PDQ, 3), pdq_quality=90)], [], 0, 5)
    assert near(run) == {1}
    assert not before & parts(run)


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 1, "parts": [{}]}', None])
def test_a_damaged_index_is_made_anew(run: Path, content: bytes | None) -> None:
    """Whatever was done to the index, the answer is the same."""
    near(run)
    [part] = (run / FOLDER).glob("*.npy")
    if content is None:
        part.write_bytes(part.read_bytes()[:-1] + b"\x00")
    else:
        (run / FOLDER / "pdq.json").write_bytes(content)
    assert near(run) == {2}


def test_a_run_that_cannot_be_written_is_matched_in_memory(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a place to keep the index the answer is the same."""
    (run / FOLDER).write_text("a file where the folder would be")
    assert near(run) == {2}


def test_a_list_matched_again_replaces_its_rows(run: Path) -> None:
    """Twice is as once; another list's rows stay; blind replaces promises only; one file is left."""

    def keep(rows: list[dict[str, Any]], digest: str, *, blind: bool = False) -> None:
        table = MATCHES_SCHEMA.empty_table().from_pylist(rows, schema=MATCHES_SCHEMA)
        keep_matches(run, table, {digest}, blind=blind)

    one, other = "1" * 64, "2" * 64
    for _ in range(2):
        keep([match(1), match(3, source="promised")], one)
        keep([match(2, list_digest=other)], other)
    keep([match(4, source="promised")], one, blind=True)
    rows = rows_of(run, "select link_id, place from matches order by link_id")
    assert [(int(row["link_id"]), row["place"]) for row in rows] == [
        (1, "served_now"),
        (2, "served_now"),
        (4, "promised"),
    ]
    assert len(list((run / MATCHES).iterdir())) == 1
    keep([], one)
    assert [row["link_id"] for row in rows_of(run, "select link_id from matches")] == [2]


def test_damaged_matches_are_set_aside_and_made_again(run: Path) -> None:
    """One changed bit, and nobody answers from the file; its lists are named, and matched again."""

    def keep(rows: list[dict[str, Any]], digest: str) -> list[SetAside]:
        table = pa.Table.from_pylist(rows, schema=MATCHES_SCHEMA)
        return keep_matches(run, table, {digest}, blind=False)

    assert keep([match(1), match(2, list="other", list_digest="2" * 64)], "1" * 64) == []
    [path] = (run / MATCHES).iterdir()
    broken = bytearray(path.read_bytes())
    broken[40] ^= 4
    path.write_bytes(broken)
    assert rows_of(run, "select link_id from matches") == []
    [told] = keep([match(1)], "1" * 64)
    assert told.path == f"{MATCHES}/{path.name}"
    assert told.why.startswith("was changed after it was written; match again: ")
    assert "other" in told.why
    assert [row["link_id"] for row in rows_of(run, "select link_id from matches")] == [1]
    assert keep([match(1)], "1" * 64) == []


def test_a_large_list_is_one_question(run: Path) -> None:
    """Ten thousand entries of a list find the one that is there."""
    many = [Entry(Kind.PDQ, RNG.randbytes(32)) for _ in range(10_000)]
    question = Question(lists=(hash_list(*many, Entry(Kind.PDQ, PDQ, "x")),))
    assert brief(found(run, question)) == [
        (2, "observed", "pdq", 31, 1),
        (4, "promised", "pdq", 4, None),
    ]
    assert brief(found(run, replace(question, max_distance=3))) == []


def test_the_index_counts_each_hash_once(run: Path) -> None:
    """A picture on a thousand links is one hash of the index, of the best quality it was seen with."""
    looks = [look(1, round=n, pdq=PDQ, pdq_quality=n) for n in range(2, 80)]
    crawl(run, looks, [], 1)

    def hashes(session: Any) -> kept_index.Hashes:
        return kept_index.run_hashes(session.listing, lambda paths: search.gather(session, paths))

    kept = ask(read_run(run), hashes, TERMS)
    assert len(kept.words) == 3
    assert len(kept.at_least(79)) == 2
