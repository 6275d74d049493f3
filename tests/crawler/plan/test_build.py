"""A whole plan: links, shards, provenance, and what is left of one that was stopped."""

import signal
import subprocess
import sys
import time
from collections import defaultdict
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.plan import repeats, stage
from crawler.plan.build import build
from crawler.plan.repeats import find_repeats, row_counts
from crawler.plan.rows import STAGED_SCHEMA
from crawler.plan.sample import Draw
from crawler.plan.staged import Place, StagedFile, write_staged
from crawler.plan.tables import PlanTables
from crawler.records.errors import RunFailed, WrongUse
from crawler.rundir import PlanOptions, holds_run, open_run
from tests.crawler.plan.planned import NOW, SAMPLE, Planned, planned


@pytest.fixture(scope="module")
def cc3m(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """The sample dataset in four shards."""
    return planned(tmp_path_factory.mktemp("cc3m") / "run", SAMPLE, shards=4)


def test_real_rows_are_all_there(cc3m: Planned) -> None:
    """CC3M's 15,833 validation rows are planned whole, in source order, with their captions."""
    assert [row["source_row"] for row in cc3m.rows] == list(range(15_833))
    first = cc3m.link_of_row[str(SAMPLE), 0]
    assert first["caption"] == "author : a life in photography -- in pictures"
    assert first["host"] == "i.pinimg.com"
    assert cc3m.plan.staged.refused == {}


def test_shards_hold_whole_domains_in_order(cc3m: Planned) -> None:
    """A registered domain that is not split is in one shard; a shard is ordered host by host."""
    shards_of: dict[str, set[int]] = defaultdict(set)
    for link in cc3m.links:
        shards_of[link["registered_domain"]].add(link["shard"])
        assert len(shards_of[link["registered_domain"]]) <= link["domain_shards"]
    keys = [(link["shard"], link["registered_domain"], link["host"]) for link in cc3m.links]
    assert keys == sorted(keys)
    sizes = [shard.links for shard in cc3m.plan.run.shards]
    assert max(sizes) - min(sizes) < 10


def test_run_file_describes_the_shards(cc3m: Planned) -> None:
    """run.toml tells each shard's size and slowest host, as its links have them."""
    run = open_run(cc3m.plan.run.location)
    assert run == cc3m.plan.run
    for shard in run.shards:
        links = [link for link in cc3m.links if link["shard"] == shard.shard]
        hosts: dict[str, int] = defaultdict(int)
        for link in links:
            hosts[link["host"]] += 1
        assert (shard.links, shard.hosts) == (len(links), len(hosts))
        assert shard.largest_host_links == max(hosts.values()) == hosts[shard.largest_host or ""]


def test_same_input_same_bytes(
    cc3m: Planned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same dataset and options give the same bytes, whichever process parsed a row."""
    monkeypatch.setattr(stage, "_BATCHES_ALONE", 0)
    again = planned(tmp_path / "run", SAMPLE, shards=4).plan.run
    first = cc3m.plan.run
    for table in ("links", "dataset_rows"):
        names = [path.relative_to(first.path) for path in first.files(table)]
        assert names == [path.relative_to(again.path) for path in again.files(table)]
        for name in names:
            assert (first.path / name).read_bytes() == (again.path / name).read_bytes()


def test_a_large_domain_is_split(tmp_path: Path) -> None:
    """A domain above a shard's share is spread over several, and says over how many."""
    file = tmp_path / "a.txt"
    urls = [f"http://big.example/{at}" for at in range(900)]
    urls += [f"http://h{at}.small{at}.example/" for at in range(100)]
    file.write_text("\n".join(urls))
    made = planned(tmp_path / "run", file, shards=4)
    big = [link for link in made.links if link["host"] == "big.example"]
    assert {link["domain_shards"] for link in big} == {4}
    assert {link["shard"] for link in big} == {0, 1, 2, 3}
    small = [link for link in made.links if link["host"] != "big.example"]
    assert {link["domain_shards"] for link in small} == {1}


def test_equal_urls_are_one_link(tmp_path: Path) -> None:
    """Spellings of one wire URL are one link, which keeps the first row's words and promises."""
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text(
        "url,caption,width\nhttp://A.example/b c#x,first,10\nhttp://a.example/2,other,20\n"
    )
    two.write_text("caption,url,source\nsecond,http://u:p@a.example:80/b%20c,web\n,,\n,,\n")
    made = planned(tmp_path / "run", one, two)
    link = made.link_of_row[str(one), 0]
    assert made.link_of_row[str(two), 0] == link
    assert (link["url"], link["caption"], link["width"]) == ("http://A.example/b c#x", "first", 10)
    assert (link["row_count"], link["wire_url"]) == (2, "http://a.example/b%20c")
    missing = made.link_of_row[str(two), 1]
    assert (missing["row_count"], missing["invalid_reason"], missing["host"]) == (
        2,
        "missing",
        None,
    )
    assert made.plan.staged.refused == {"missing": (2, "")}


def test_more_shards_than_links(tmp_path: Path) -> None:
    """A shard without links is there all the same, and empty."""
    file = tmp_path / "a.txt"
    file.write_text("http://a.example/\n")
    run = planned(tmp_path / "run", file, shards=3).plan.run
    assert [pq.read_table(run.files("links", at)[0]).num_rows for at in range(3)].count(0) == 2
    assert sorted(shard.links for shard in run.shards) == [0, 0, 1]


def test_a_run_is_never_planned_over(tmp_path: Path) -> None:
    """A folder that holds a run, or anything else, is refused and left as it is."""
    planned(tmp_path / "run", SAMPLE)
    with pytest.raises(WrongUse, match="already holds a run"):
        planned(tmp_path / "run", SAMPLE)
    mine = tmp_path / "mine" / "links"
    mine.mkdir(parents=True)
    (mine / "notes").write_text("mine")
    with pytest.raises(WrongUse, match="neither empty nor a run"):
        planned(tmp_path / "mine", SAMPLE)
    assert (mine / "notes").read_text() == "mine"


def test_a_killed_plan_can_be_planned_again(tmp_path: Path) -> None:
    """What a killed plan left is no run, and the next plan clears it."""
    run = tmp_path / "run"
    (run / ".planning" / "rows").mkdir(parents=True)
    (run / ".planning" / "plan.duckdb").write_bytes(b"torn")
    (run / "links" / "shard=00007").mkdir(parents=True)
    assert not holds_run(run)
    planned(run, SAMPLE)
    assert not (run / "links" / "shard=00007").exists()


def test_an_interrupted_plan_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C in the middle leaves no temporary file, and another plan is not in the way."""
    file = tmp_path / "a.txt"
    file.write_text("http://a.example/\n")

    def interrupt(step: str, rows: int) -> None:
        if step == "ordering":
            with pytest.raises(WrongUse, match="another plan is at work"):
                planned(tmp_path / "run", file)
            raise KeyboardInterrupt

    options = PlanOptions(sources=(str(file),))
    with pytest.raises(KeyboardInterrupt):
        build(str(tmp_path / "run"), options, now=NOW, version="0", progress=interrupt)
    assert not (tmp_path / "run").exists()


QUERY_FOREVER = """
import sys
from contextlib import closing
from pathlib import Path
from crawler.plan.sample import Draw
from crawler.plan.staging import staging
from crawler.plan.tables import PlanTables

try:
    with staging(Path(sys.argv[1])) as folder, closing(PlanTables(folder, [], ["a"], Draw())) as made:
        endless = "select sum(hash(range)) from range(1000000000000)"
        print("ready", flush=True)
        made._asked(lambda: made._con.execute(endless))
except KeyboardInterrupt:
    print("stopped")
"""


def test_an_interrupted_query_is_an_interrupt(tmp_path: Path) -> None:
    """Ctrl-C while DuckDB is at work is Ctrl-C, not a failure of DuckDB."""
    command = [sys.executable, "-c", QUERY_FOREVER, str(tmp_path / "run")]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as started:
        try:
            assert started.stdout is not None
            assert started.stdout.readline() == "ready\n"
            time.sleep(0.3)
            started.send_signal(signal.SIGINT)
            assert started.communicate(timeout=30)[0] == "stopped\n"
        finally:
            started.kill()
    assert not (tmp_path / "run").exists()


def test_nothing_to_plan_is_told(tmp_path: Path) -> None:
    """Sources without a row are one line."""
    (tmp_path / "a.csv").write_text("url,caption\n")
    with pytest.raises(RunFailed, match="no rows in"):
        planned(tmp_path / "run", tmp_path / "a.csv")


def staged_row(link_id: int, check: int, url: str) -> dict[str, Any]:
    return {"link_id": link_id, "check": check, "url": url, "host": "a.example", "origin": 80}


def test_two_urls_with_one_id_stay_two_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where two wire URLs share a 64-bit id, the later one gets another, in all its rows."""
    monkeypatch.setattr(repeats, "_ROWS_AT_ONCE", 2)
    rows = [
        staged_row(7, 100, "http://a.example/1"),
        staged_row(7, 200, "http://a.example/2"),
        staged_row(8, 300, "http://a.example/3"),
        staged_row(7, 200, "http://a.example/2"),
        staged_row(7, 100, "http://a.example/1"),
    ]
    file = StagedFile(tmp_path / "rows", Place(0, 0, 0), len(rows), 1)
    write_staged(file, pa.Table.from_pylist(rows, STAGED_SCHEMA), Draw(), 0)
    tables = PlanTables(tmp_path, [file], ["a"], Draw())
    assert tables.group_rows() == 3
    tables.name_domains()
    tables.keep(1.0, None)
    tables.place(3, 1)
    ids = [row["link_id"] for batch in tables.dataset_rows() for row in batch.to_pylist()]
    tables.close()
    assert ids[0] == ids[4] == 7
    assert ids[1] == ids[3] not in (7, 8)
    assert ids[2] == 8


_KEYS = st.lists(st.tuples(st.sampled_from([0, 1, 7, 2**63, 2**64 - 1]), st.integers(0, 1)))


@given(st.lists(_KEYS.filter(len), min_size=1, max_size=4), st.integers(1, 9))
def test_repeats_are_those_of_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[tuple[int, int]]], at_once: int
) -> None:
    """However few rows are looked at together, the first row of a link knows how many it has."""
    folder = tmp_path_factory.mktemp("repeats")
    staged, first = [], 0
    for number, keys in enumerate(files):
        staged.append(StagedFile(folder / str(number), Place(first, 0, first), len(keys), 1))
        rows = [staged_row(link_id, check, "") for link_id, check in keys]
        write_staged(staged[-1], pa.Table.from_pylist(rows, STAGED_SCHEMA), Draw(), 0)
        first += len(keys)
    every = [key for keys in files for key in keys]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "_ROWS_AT_ONCE", at_once)
        links, clashes = find_repeats(staged, {})
    ids = [link_id for link_id, _ in every]
    assert links == len(set(ids))
    counts = [int(count) for file in staged for count in row_counts(file)]
    assert counts == [ids.count(i) * (ids.index(i) == at) for at, i in enumerate(ids)]
    shared = {link_id for link_id in ids if len({c for i, c in every if i == link_id}) > 1}
    assert clashes == sorted(
        dict.fromkeys(key for key in every if key[0] in shared), key=itemgetter(0)
    )
