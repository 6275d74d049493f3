"""The agenda of a shard: every link that is due, host after host, however it is cut into stretches."""

import random
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.rounds import begin_round, write_plan
from crawler import alongside, laid_out
from crawler.agenda import Agenda
from crawler.options import load_policy
from crawler.records import Observation, Outcome
from crawler.records.errors import RunFailed
from crawler.records.layout import OBSERVATIONS
from crawler.records.observation import OBSERVATIONS_SCHEMA
from crawler.records.round import ROUNDS_SCHEMA
from crawler.rundir import open_run
from crawler.segments import observation_columns, writer_of
from tests.runs import planned, rows

SIZES = {"a.test": 7, "b.test": 1, "www.b.test": 30, "c.test": 12}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planned run of four hosts, and of one link that is none."""
    urls = [f"http://{host}/{at}" for at in range(30) for host in SIZES if at < SIZES[host]]
    return planned(tmp_path_factory.mktemp("plan"), [*urls, "http://[/"])


@pytest.mark.parametrize("stretch_rows", [1, 3, 8, 1000])
def test_stretches_make_no_difference(
    run: Path, monkeypatch: pytest.MonkeyPatch, stretch_rows: int
) -> None:
    """Each host comes once, the largest first, with all of its links and no other's."""
    monkeypatch.setattr(laid_out, "_STRETCH_ROWS", stretch_rows)
    agenda = Agenda(open_run(run), 0, load_policy())
    hosts = list(agenda.hosts())
    links = {entry.host: agenda.links(entry.start, entry.count) for entry in hosts}
    invalid = [link.url for link in agenda.invalid()]
    agenda.close()
    assert {entry.host: entry.count for entry in hosts} == SIZES
    assert all(first.count >= then.count for first, then in pairwise(hosts))
    assert all(link.url.host == host for host, of_host in links.items() for link in of_host)
    found = Counter(link.link_id for of_host in links.values() for link in of_host)
    wanted = [row["link_id"] for row in rows(run, "links") if row["invalid_reason"] is None]
    assert found == Counter(wanted)
    assert invalid == ["http://[/"]


def test_links_in_another_order_are_refused(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody walks a host twice at a time because its links lie apart: the run is to be planned anew."""
    monkeypatch.setattr(laid_out, "_STRETCH_ROWS", 3)
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    (path,) = (copy / "links").rglob("*.parquet")
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.take(list(range(table.num_rows))[::-1]), path)
    with pytest.raises(RunFailed, match="plan the run anew"):
        Agenda(open_run(copy), 0, load_policy())


@pytest.mark.parametrize("count", [7, 1000])
def test_what_was_seen_is_not_due_and_the_rest_is(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Of a round's plan those are due that no look of this round ended, each with its looks so far."""
    for module, name in (
        (laid_out, "_STRETCH_ROWS"), (alongside, "_JOINED_AT_ONCE"), (alongside, "_BUCKET_PLACES"),
        (alongside, "_BATCH_ROWS"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, count)
    run = Path(shutil.copytree(run, tmp_path / "run"))
    links = [row["link_id"] for row in askable(run)]
    chance = random.Random(5)
    wanted = chance.sample(links, 30)
    plan_round(run, wanted)
    looks = [look(chance.choice(links), chance) for _ in range(60)]
    for at in range(0, len(looks), 20):
        write(run, looks[at : at + 20])
    agenda = Agenda(open_run(run), 0, load_policy())
    due = {
        link.link_id: (link.attempts, link.if_none_match)
        for host in agenda.hosts()
        for link in agenda.links(host.start, host.count)
    }
    agenda.close()
    of_round = [row for row in looks if row.round == 2]
    ended = {row.link_id for row in of_round if row.final}
    attempts = {row.link_id: 0 for row in looks} | {
        row.link_id: max(one.attempt for one in of_round if one.link_id == row.link_id)
        for row in of_round
    }
    assert due == {
        link: (attempts.get(link, 0), f'"{link}"') for link in wanted if link not in ended
    }
    assert (agenda.total, agenda.done) == (len(wanted), sum(row.final for row in of_round))


def askable(run: Path) -> list[dict[str, Any]]:
    """Return the links that can be asked for."""
    return [row for row in rows(run, "links") if row["invalid_reason"] is None]


def plan_round(run: Path, links: list[int]) -> None:
    """Plan a second round of some links."""
    count, now = len(links), datetime.now(UTC)
    columns = [
        [2] * count, [0] * count, links, ["dying"] * count, [now] * count,
        [f'"{link}"' for link in links], [None] * count, ["http://a.test/"] * count,
    ]  # fmt: skip
    store = open_run(run).store
    write_plan(store, 2, 0, [pa.record_batch(columns, schema=ROUNDS_SCHEMA)])
    begin_round(store, 2)


def look(link: int, chance: random.Random) -> Observation:
    """Return a look at a link, of any round and attempt."""
    return Observation(
        link_id=link,
        round=chance.choice([1, 2]),
        attempt=chance.randint(1, 3),
        final=chance.random() < 0.3,
        observed_at=datetime.now(UTC),
        outcome=Outcome.TIMEOUT,
        shard=0,
        visit_id=chance.randrange(100),
    )


def write(run: Path, *segments: list[Observation]) -> None:
    """Write looks as one more segment, or as several."""
    writer = writer_of(open_run(run), OBSERVATIONS, OBSERVATIONS_SCHEMA, 0)
    writer.open()
    for looks in segments:
        writer.write(observation_columns(looks), {})


@pytest.mark.slow
def test_long_urls_are_laid_out_a_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shard whose URLs are as long as they may be fits into the memory that any other takes."""
    urls = [f"http://a.test/{at}-{'x' * 7900}" for at in range(16_000)]
    run = open_run(planned(tmp_path, urls))
    agenda = Agenda(run, 0, load_policy())
    assert [entry.count for entry in agenda.hosts()] == [len(urls)]
    agenda.close()
    monkeypatch.setattr(laid_out, "_STRETCH_BYTES", 1 << 40)
    with pytest.raises(RunFailed, match="Out of Memory"):
        Agenda(run, 0, load_policy())


@pytest.mark.slow
def test_a_shard_that_was_walked_for_days_is_laid_out_in_little_memory(
    run: Path, tmp_path: Path
) -> None:
    """Two thousand segments take hardly more than twenty of them, where DuckDB held all it knew of each."""
    chance = random.Random(6)
    links = [row["link_id"] for row in askable(run)]
    copies = [Path(shutil.copytree(run, tmp_path / name)) for name in ("few", "many")]
    for copy, segments in zip(copies, (20, 2_000), strict=True):
        write(copy, *[[look(chance.choice(links), chance)] for _ in range(segments)])
    few_mb, many_mb = map(peak_mb_of_laying_out, copies)
    assert many_mb < few_mb + 40, f"{few_mb:.0f} MB for few, {many_mb:.0f} for many"


def peak_mb_of_laying_out(run: Path) -> float:
    """Return the most memory that a process has held which lays out a shard and ends."""
    program = (
        "import resource, sys; from crawler.agenda import Agenda;"
        "from crawler.options import load_policy; from crawler.rundir import open_run;"
        "Agenda(open_run(sys.argv[1]), 0, load_policy()).close();"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, run], check=True, capture_output=True, text=True
    )
    return int(told.stdout) * (1 if sys.platform == "darwin" else 1024) / 1e6
