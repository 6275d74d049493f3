"""run.duckdb behind a session: used where it is of what is live, and never where it is not."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contracts import contracts
from analysis.made_of import made_of
from analysis.offline import DATA
from analysis.publish import publish_run
from analysis.runfile import read_run
from analysis.segments import list_segments
from analysis.session import Session, Terms, ask, terms_of
from crawler.records import layout
from crawler.records.observation import OBSERVATIONS_SCHEMA
from crawler.sealed import write_sealed
from tests.ageing import let_days_pass
from tests.analysis.runs import (
    acted,
    link,
    look,
    plan,
    planned_rounds,
    publish_some,
    review,
    seal_all,
    small_run,
)
from tests.crawler.compaction.runs import compacted

FOLDER = layout.shard_folder(layout.OBSERVATIONS, 0)
QUERY = "select outcome, count(*), min(url) from observations group by outcome order by outcome"

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a published run with something of everything, sealed as a crawl seals it; read it only."""
    run = small_run(tmp_path_factory.mktemp("published") / "run")
    seal_all(run)
    publish_some(run)
    return run


@pytest.fixture
def run(once: Path, tmp_path: Path) -> Path:
    """Return such a run of one's own."""
    return Path(shutil.copytree(once, tmp_path / "it's a run*[1]"))


def seen(run: Path, number: int, looks: int = 3) -> None:
    """Write a segment of observations as a crawl does."""
    rows = [asdict(look(number * 10 + at, round=3)) for at in range(looks)]
    content = pa.Table.from_pylist(rows, schema=OBSERVATIONS_SCHEMA)
    (run / FOLDER).mkdir(parents=True, exist_ok=True)
    write_sealed(run / FOLDER / layout.segment_name(number), OBSERVATIONS_SCHEMA, [content])


def asked(run: Path, query: str, *, published: bool = True) -> tuple[Rows, frozenset[str]]:
    """Return what a query answers, and which tables came from run.duckdb."""
    terms = terms_of(query) if published else replace(terms_of(query), published=False)

    def work(session: Session) -> tuple[Rows, frozenset[str]]:
        return session.connection.execute(query).fetchall(), session.published

    return ask(read_run(run), work, terms)


def used(run: Path, query: str = QUERY) -> frozenset[str]:
    """Return which tables of a question came from run.duckdb, whose answer is the segments' own."""
    rows, tables = asked(run, query)
    assert rows == asked(run, query, published=False)[0]
    return tables


@pytest.mark.slow
def test_every_table_is_what_the_segments_give(run: Path, crawled_session: Session) -> None:
    """Each published table has, through a session, the rows that its query has over the segments."""
    publish_run(run)
    names = [contract.name for contract in contracts() if contract.published]

    def work(session: Session) -> dict[str, list[str]]:
        assert session.published == set(names)
        return {name: rows_of(session, name) for name in names}

    found = ask(read_run(run), work, Terms(tables=names, published=True))
    assert found == {name: rows_of(crawled_session, name) for name in names}


def rows_of(session: Session, table: str) -> list[str]:
    found = session.connection.execute(f"select row::varchar from {table} as row").fetchall()
    return sorted(text for (text,) in found)


def test_a_compaction_changes_nothing(run: Path) -> None:
    """What was published of small segments is still of the merged ones."""
    seen(run, 3)
    publish_some(run)
    seen(run, 4)
    assert compacted(run).made_files == 1
    assert not used(run)
    (run / FOLDER / layout.segment_name(4)).unlink()
    assert used(run) == {"observations"}


def grow(run: Path) -> None:
    seen(run, 5)


def shrink(run: Path) -> None:
    (run / FOLDER / layout.segment_name(2)).unlink()


def write_anew(run: Path) -> None:
    let_days_pass(run, 3)


def lose_the_seal(run: Path) -> None:
    path = run / FOLDER / layout.segment_name(2)
    pq.write_table(pq.read_table(path, partitioning=None), path)


def set_aside(run: Path) -> None:
    path = run / FOLDER / layout.segment_name(2)
    path.write_bytes(path.read_bytes()[:-9])


def lose_the_database(run: Path) -> None:
    (run / layout.DATABASE).unlink()


def lose_the_proof(run: Path) -> None:
    (run / layout.DATABASE_PROOF).unlink()


def tear_the_proof(run: Path) -> None:
    path = run / layout.DATABASE_PROOF
    path.write_bytes(path.read_bytes()[:-1])


def put_nonsense_there(run: Path) -> None:
    said = b'{"tables": [1], "size_bytes": "many"}'
    head = b"stillup database 1 " + sha256(said).hexdigest().encode()
    (run / layout.DATABASE_PROOF).write_bytes(head + b"\n" + said)


def keep_an_older_proof(run: Path) -> None:
    older = (run / layout.DATABASE_PROOF).read_bytes()
    seen(run, 6)
    publish_some(run)
    (run / FOLDER / layout.segment_name(6)).unlink()
    (run / layout.DATABASE_PROOF).write_bytes(older)


def cut_the_database(run: Path) -> None:
    os.truncate(run / layout.DATABASE, (run / layout.DATABASE).stat().st_size - 1)


def put_a_link_there(run: Path) -> None:
    (run / layout.DATABASE).rename(run / "elsewhere")
    (run / layout.DATABASE).symlink_to(run / "elsewhere")


def write_into_the_database(run: Path) -> None:
    with duckdb.connect(str(run / layout.DATABASE)) as other:
        other.execute("delete from observations")


def publish_of_other_rules(run: Path) -> None:
    path = run / layout.DATABASE_PROOF
    head, _, content = path.read_bytes().partition(b"\n")
    told = json.loads(content)
    told["tables"]["observations"] = "0" * 64
    said = json.dumps(told).encode()
    path.write_bytes(head[:-64] + sha256(said).hexdigest().encode() + b"\n" + said)


CHANGES = [
    grow, shrink, write_anew, lose_the_seal, set_aside, lose_the_database, lose_the_proof,
    tear_the_proof, put_nonsense_there, keep_an_older_proof, cut_the_database, put_a_link_there,
    write_into_the_database, publish_of_other_rules,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_is_not_of_this_moment_is_not_used(run: Path, change: Callable[[Path], None]) -> None:
    """Where segments, database or proof are no longer those of the publish, segments answer."""
    assert used(run) == {"observations"}
    change(run)
    assert used(run) == frozenset()


def test_each_table_is_right_by_itself(run: Path) -> None:
    """What an action does not touch is still used."""
    query = "select count(*) from observations, reviews, meta"
    assert used(run, query) == {"observations", "reviews", "meta"}
    acted(run, review("site2.example", day=3))
    assert used(run, query) == {"observations", "meta"}
    text = (run / layout.RUN_FILE).read_text()
    (run / layout.RUN_FILE).write_text(text.replace("round = 2", "round = 3"))
    assert used(run, query) == {"observations"}


def test_a_newer_table_of_networks_makes_others(
    once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a `refresh` what networks tell is made of something else, and observations are not."""
    facts, listing = read_run(once), list_segments(once)
    before = made_of(facts, listing, ["providers", "observations"])
    (tmp_path / "stillup").mkdir()
    networks = pq.read_table(DATA / "asn" / "networks.parquet")
    pq.write_table(networks.slice(0, 9), tmp_path / "stillup" / "networks.parquet")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    after = made_of(facts, listing, ["providers", "observations"])
    assert after["observations"] == before["observations"]
    assert after["providers"] != before["providers"]


def test_who_asks_the_segments_gets_them(run: Path) -> None:
    """A question that names the schema of the segments finds all of it, and no database."""
    assert not used(run, "select count(*) from segments.observations")


@given(at=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
@settings(max_examples=10)
def test_a_damaged_database_changes_no_answer(once: Path, at: float, flip: int) -> None:
    """With any byte of it changed, the answer is what the segments give."""
    path = once / layout.DATABASE
    held = path.read_bytes()
    spoiled = bytearray(held)
    spoiled[int(at * len(held))] ^= flip
    path.write_bytes(spoiled)
    try:
        used(once)
    finally:
        path.write_bytes(held)


def test_damage_that_is_found_while_reading_is_asked_again(run: Path) -> None:
    """Where a block turns out to be another after the first were good, the segments are asked."""
    path = run / layout.DATABASE
    spoiled = bytearray(path.read_bytes())
    for at in range(1 << 16, len(spoiled), 1 << 12):
        spoiled[at] ^= 1
    path.write_bytes(spoiled)
    assert used(run) == frozenset()


def test_a_publish_under_a_question_is_not_seen(run: Path) -> None:
    """Who has run.duckdb open reads the old one to its end, whatever is published meanwhile."""
    before = asked(run, QUERY, published=False)[0]

    def work(session: Session) -> Rows:
        assert session.published == {"observations"}
        seen(run, 7)
        publish_some(run)
        return session.connection.execute(QUERY).fetchall()

    assert ask(read_run(run), work, terms_of(QUERY)) == before
    assert used(run) == {"observations"}
    assert asked(run, QUERY)[0] != before


def test_many_ask_at_once_and_nothing_stays_open(once: Path) -> None:
    """Several sessions read one database at the same time, and close it, though it is read-only."""
    used(once)
    before = len(list(Path("/dev/fd").iterdir()))
    once.chmod(0o555)
    found: list[frozenset[str]] = []
    askers = [threading.Thread(target=lambda: found.append(used(once))) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    once.chmod(0o755)
    assert found == [frozenset({"observations"})] * 4
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_segment_that_is_damaged_later_is_answered_as_it_was(run: Path) -> None:
    """What was published of a segment holds, whatever becomes of the segment's body."""
    before = asked(run, QUERY)[0]
    path = run / FOLDER / layout.segment_name(2)
    spoiled = bytearray(path.read_bytes())
    spoiled[40] ^= 1
    path.write_bytes(spoiled)
    assert asked(run, QUERY)[0] == before
    assert asked(run, QUERY, published=False)[0] != before


STEPS = ["look", "compact", "publish", "publish", "round", "review", "age", "spoil", "lose"]
DECIDED = "select place, decision, count(*) from reviews, meta group by all order by all"
VERDICTS = "select verdict, v.link_id, reviews.place from verdicts as v, reviews order by all"


stories = given(steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=5))


@stories
@settings(max_examples=3)
def test_a_story_never_changes_an_answer(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    """Whatever is written, merged, published, decided or spoiled in any order, answers are the segments'."""
    tell(tmp_path_factory, steps, {QUERY: "observations", DECIDED: "reviews"})


@pytest.mark.slow
@stories
@settings(max_examples=25)
def test_a_story_never_changes_a_verdict(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    """So it is with what is worked out of many tables."""
    tell(
        tmp_path_factory, steps, {QUERY: "observations", VERDICTS: "verdicts"}, "looks", "verdicts"
    )


def tell(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[str],
    questions: dict[str, str],
    *more: str,
) -> None:
    """Take the steps of a story, and ask after each; of each question a table that it reads is named.

    `more` are tables that are published beside the usual.
    """
    run = plan(tmp_path_factory.mktemp("story") / "run", [link(at) for at in range(8)])
    seal_all(run)
    for number, step in enumerate(["look", "publish", *steps]):
        take(run, step, number, more)
        tables = frozenset().union(*(used(run, query) for query in questions))
        if step == "publish":
            assert tables >= set(questions.values())
        if step in ("look", "lose"):
            assert "observations" not in tables


def take(run: Path, step: str, number: int, more: Sequence[str]) -> None:
    """Do one thing to a run."""
    database = run / layout.DATABASE
    if step == "look":
        seen(run, number, looks=1 + number % 3)
    elif step == "compact":
        compacted(run)
    elif step == "publish":
        publish_some(run, *more)
    elif step == "round":
        planned_rounds(run, [{"link_id": 1, "round": number + 2}])
        seal_all(run)
        (run / layout.RUN_FILE).write_text(f"format = 1\nround = {number + 2}\n")
    elif step == "review":
        acted(run, review(day=number))
    elif step == "age":
        let_days_pass(run, number + 1)
    elif step == "spoil" and database.exists():
        database.write_bytes(database.read_bytes()[::-1])
    elif step == "lose":
        database.unlink(missing_ok=True)
