"""A run in a bucket: the same rows as in a folder, and nothing twice, whoever is killed or doubled."""

import asyncio
import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from crawler.agenda import Agenda
from crawler.compaction.blocks import Limits
from crawler.compaction.folder import Terms
from crawler.compaction.run import compact_run
from crawler.copied import _copy, at_hand, copied
from crawler.options import load_policy
from crawler.paces import KeptPace, Paces
from crawler.recorder import Recorder
from crawler.records import Observation, Outcome, layout
from crawler.records.errors import RunFailed
from crawler.records.layout import PACES
from crawler.rundir import open_run
from crawler.segments import FencedError
from storage.open import open_store
from tests.buckets import ObjectStorage
from tests.conftest import MakeInternet
from tests.internet import PictureHost
from tests.runs import QUICK_POLICY, stillup, stillup_here

POLICY = load_policy()
CLOCK_S = 0.005  # the two clocks, and the time between an answer and its log entry
LATER = ("--as-of", "2100-01-01", "--sample-alive", "1")
ROWS = (
    "select url, outcome, status, final, attempt, round, sha256, hops, shard "
    "from observations order by url, round"
)


def said(*command: object) -> str:
    """Return what a command printed that went well."""
    done = stillup_here(*command)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def run(storage: ObjectStorage, tmp_path: Path) -> str:
    """Return a planned run of twelve links in a bucket."""
    location = f"{storage.url}/{tmp_path.name}"
    links = tmp_path / "links.txt"
    links.write_text("".join(f"http://host-{n % 3}.test/{n}\n" for n in range(12)))
    said("plan", location, links)
    return location


@pytest.mark.slow
def test_a_run_in_a_bucket_gives_the_same_rows(
    storage: ObjectStorage, tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Planned, crawled, asked, published and planned again: all that is told is as in a folder."""
    hosts = [PictureHost(f"host-{n}.test", pictures=4, body_bytes=400) for n in range(4)]
    internet = make_internet(*hosts)
    links, policy = tmp_path / "links.txt", tmp_path / "policy.toml"
    links.write_text("\n".join(url for host in hosts for url in host.urls()) + "\nnot a url\n")
    policy.write_text(QUICK_POLICY)
    runs = [str(tmp_path / "run"), f"{storage.url}/{tmp_path.name}/ä run #1"]
    for one in runs:
        said("plan", one, links)
    crawl = (
        "--shard",
        0,
        "--policy",
        policy,
        "--contact",
        "https://example.org/test",
        *internet.flags(),
    )
    with ThreadPoolExecutor(2) as crawls:
        for done in crawls.map(lambda one: stillup("crawl", one, *crawl), runs):
            assert done.returncode == 0, done.stderr
    folder, bucket = [json.loads(said("sql", one, ROWS, "--format", "json")) for one in runs]
    assert len(folder) == 17
    assert folder == bucket
    for command in ("verdicts", "findings"):
        assert said(command, runs[0]) == said(command, runs[1])
    in_folder, in_bucket = [json.loads(said("status", one, "--format", "json")) for one in runs]
    assert in_folder["done"] == in_bucket["done"] == 17 - in_bucket["invalid"]
    assert f"published {runs[1]}/run.duckdb" in said("publish", runs[1])
    store = open_store(runs[1])
    (tmp_path / "copy.duckdb").write_bytes(store.read("run.duckdb"))
    with duckdb.connect(str(tmp_path / "copy.duckdb"), read_only=True) as published:
        assert published.execute("select count(*) from observations").fetchall() == [(17,)]
    for one in runs:
        assert "Round 2 is planned: 16 links on 4 hosts" in said("recheck", one, *LATER)
    assert open_run(runs[1]).round == 2


@pytest.mark.slow
def test_four_commands_share_a_run_in_a_bucket(
    storage: ObjectStorage, tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Of four that crawl it at once each walks what no other has; all links are asked once, politely."""
    hosts = [PictureHost(f"h{n}.n{n}.test", pictures=6, body_bytes=400) for n in range(16)]
    internet, run = make_internet(*hosts), f"{storage.url}/{tmp_path.name}"
    links, policy = tmp_path / "links.txt", tmp_path / "policy.toml"
    links.write_text("\n".join(url for host in hosts for url in host.urls()))
    policy.write_text(QUICK_POLICY.replace("min_delay_s = 0.01", "min_delay_s = 0.3"))
    said("plan", run, links, "--shards", 4)
    us = ("--policy", policy, "--contact", "https://example.org/test", *internet.flags())
    with ThreadPoolExecutor(4) as crawls:
        for done in crawls.map(lambda _: stillup("crawl", run, *us), range(4)):
            assert done.returncode == 0 or "is being crawled by process" in done.stderr
    assert looked_at(run) == [96, 96]
    asked: dict[str, list[float]] = defaultdict(list)
    for request in internet.log():
        asked[request.host].append(request.monotonic_s)
    assert len(asked) == 16
    gaps = [later - one for times in asked.values() for one, later in pairwise(sorted(times))]
    assert min(gaps) >= 0.3 - CLOCK_S


def test_asking_costs_few_requests(storage: ObjectStorage, run: str) -> None:
    """A query lists each table twice, and asks once for each file that it needs."""
    storage.counted()
    said("sql", run, "select count(*) from links")
    assert storage.counted() == {"LIST": 22, "GET": 3}


class Worker:
    """A worker on the only shard, without a lock, that writes a segment for each link."""

    def __init__(self, run: str) -> None:
        self._at_hand = at_hand(open_run(run), 0)
        near = self._at_hand.__enter__()
        self.recorder = Recorder(near, 0)
        self.recorder.open()
        agenda = Agenda(near, 0, POLICY)
        self.left = [
            link.link_id
            for entry in agenda.hosts()
            for link in agenda.links(entry.start, entry.count)
        ]
        agenda.close()

    def write(self, count: int) -> None:
        """Look at so many links and write them as one segment."""
        seen = [
            Observation(
                link_id=self.left.pop(0),
                round=1,
                observed_at=datetime.now(UTC),
                outcome=Outcome.OK,
                visit_id=1,
                shard=0,
            )
            for _ in range(count)
        ]

        async def record() -> None:
            await self.recorder.add(seen, None)
            await self.recorder.flush()

        asyncio.run(record())

    def end(self) -> None:
        """Let go of the copy."""
        self._at_hand.__exit__(None, None, None)


@contextmanager
def working(run: str) -> Iterator[Worker]:
    """Yield a worker."""
    worker = Worker(run)
    try:
        yield worker
    finally:
        worker.end()


def looked_at(run: str) -> list[int]:
    """Return how many looks and how many links a run has."""
    query = "select count(*) as looks, count(distinct link_id) as links from observations"
    return list(json.loads(said("sql", run, query, "--format", "json"))[0].values())


def test_of_two_workers_on_a_shard_one_is_fenced(run: str) -> None:
    """Who comes second to a segment's number writes nothing, and the next worker does the rest."""
    with working(run) as first, working(run) as second:
        first.write(3)
        with pytest.raises(FencedError, match=f"another worker writes {run}/observations"):
            second.write(5)
        first.write(2)
    with working(run) as third:
        assert len(third.left) == 7
        third.write(7)
    assert looked_at(run) == [12, 12]


def test_of_many_writers_at_once_one_wins_each_number(run: str) -> None:
    """Workers that race for the same number lose all but one, and no link is there twice."""
    workers = [Worker(run) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        raced = [threads.submit(partial(worker.write, 2)) for worker in workers]
        fenced = [race for race in raced if isinstance(race.exception(), FencedError)]
    for worker in workers:
        worker.end()
    assert len(fenced) == 3
    assert looked_at(run) == [2, 2]


def test_a_compaction_is_not_noticed(run: str) -> None:
    """While segments are merged and removed at once, workers and readers see every row once."""
    with working(run) as worker, ThreadPoolExecutor(1) as threads:
        for _ in range(4):
            worker.write(1)
        over = threading.Event()
        compacting = threads.submit(_compact_until, over, run)
        try:
            for written in range(5, 11):
                worker.write(1)
                if written % 2 == 0:  # an asking costs dozens of requests
                    assert looked_at(run) == [written, written]
                    with working(run) as other:
                        assert len(other.left) == 12 - written
        finally:
            over.set()
        assert compacting.result() >= 1
    said("compact", run, "--keep-s", 0)
    assert looked_at(run) == [10, 10]
    names = open_store(run).names("observations/shard=00000")
    assert names == ["00000000-00000007.parquet", "00000008.parquet", "00000009.parquet"]


def test_what_is_compacted_while_it_is_copied_is_copied(run: str) -> None:
    """A shard's copy has the rows of segments that were merged and removed after they were listed."""
    folder = "observations/shard=00000"
    with working(run) as worker:
        for _ in range(5):
            worker.write(1)

    def wanted(names: list[str]) -> list[str]:
        said("compact", run, "--keep-s", 0)
        return layout.live(names)

    with copied(open_run(run), []) as copy:
        _copy(copy, folder, wanted)
        names = layout.live([path.name for path in (copy.path / folder).iterdir()])
        assert sum(pq.read_metadata(copy.path / folder / name).num_rows for name in names) == 5


def _compact_until(over: threading.Event, run: str) -> int:
    """Compact again and again, keeping nothing; return how many files were made.

    A breath between two leaves the server to the others.
    """
    made = 0
    while not over.wait(0.05):
        terms = Terms(Limits(1000, 10**9), timedelta(0), lambda: datetime.now(UTC))
        made += compact_run(open_store(run), terms).made_files
    return made


def test_who_slept_through_a_compaction_is_fenced(run: str) -> None:
    """A number that is free because its segment was merged and removed is not written again."""
    with working(run) as asleep, working(run) as awake:
        for _ in range(5):
            awake.write(1)
        said("compact", run, "--keep-s", 0)
        with pytest.raises(FencedError, match="another worker writes"):
            asleep.write(1)
    assert looked_at(run) == [5, 5]


def test_what_a_killed_worker_wrote_is_gone_on_from(run: str) -> None:
    """A worker that just ends has written whole segments, and the next one looks at the others."""
    killed = Worker(run)
    killed.write(4)
    with working(run) as after:
        assert len(after.left) == 8
        after.write(8)
    killed.end()
    assert looked_at(run) == [12, 12]


def test_a_damaged_segment_is_set_aside_where_the_run_lies(
    storage: ObjectStorage, run: str, tmp_path: Path
) -> None:
    """A changed object is renamed in the bucket, and its links are looked at again."""
    with working(run) as worker:
        worker.write(4)
    store = open_store(run)
    [name] = store.names("observations/shard=00000")
    content = bytearray(store.read(f"observations/shard=00000/{name}"))
    content[40] ^= 1
    store.replace(f"observations/shard=00000/{name}", bytes(content))
    read = stillup_here("sql", run, "select count(distinct outcome) from observations")
    assert f"observations/shard=00000/{name} was changed after it was written" in read.stderr
    with working(run) as worker:
        assert len(worker.left) == 12
        worker.write(12)
    assert looked_at(run) == [12, 12]
    assert f"{name}.set-aside" in store.names("observations/shard=00000")


def test_paces_outlive_a_worker(run: str) -> None:
    """What a host asked of one worker is known to the next, wherever that one runs."""
    kept = KeptPace(
        host="host-0.test", registered_domain="host-0.test", shards=1,
        delay_s=2.0, blocked_until=2e9, kept_at=1e9,
    )  # fmt: skip
    with at_hand(open_run(run), 0) as near:
        paces = Paces(near.folder(PACES), 0)
        assert paces.open(1e9) == ()
        paces.keep(kept)
        paces.close(1e9)
    [name] = open_store(run).names(PACES)
    assert name == "shard=00000.until=2000000000.jsonl"
    with at_hand(open_run(run), 0) as near:
        paces = Paces(near.folder(PACES), 0)
        assert paces.was_begun
        assert paces.open(1e9) == (kept,)
    with at_hand(open_run(run), 1) as near:
        assert Paces(near.folder(PACES), 1).open(1e9) == (kept,)


def test_what_a_bucket_refuses_is_one_line(
    storage: ObjectStorage, run: str, tmp_path: Path
) -> None:
    """Each command says what is wrong with the place, and nothing is half done."""
    (tmp_path / "links.txt").write_text("http://host.test/\n")
    plan = partial(stillup_here, "plan", source := run, tmp_path / "links.txt")
    assert "already holds a run" in plan().stderr
    open_store(source).remove("run.toml")
    assert "neither empty nor a run" in plan().stderr
    open_store(source).create(".planning", b"")
    assert "another plan is at work" in plan().stderr
    for command in ("status", "verdicts", "publish", "recheck", "crawl"):
        done = stillup_here(command, "s3://nowhere/run")
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "there is no such bucket" in done.stderr


def test_commands_that_need_a_folder_say_so(run: str) -> None:
    """Reports are files, so the folder for them must be named."""
    done = stillup_here("report", run)
    assert done.returncode == 2
    assert "say where the files go: --out DIR" in done.stderr
    with pytest.raises(RunFailed, match="needs a run in a folder"):
        _ = open_run(run).path
