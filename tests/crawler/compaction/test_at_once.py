"""Compactions beside each other, beside writers and readers, and killed: no row lost, none twice."""

import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.compaction.folder import Terms
from crawler.compaction.run import compact_run
from crawler.records.layout import HOSTS, OBSERVATIONS, live, segment_name
from storage.folder import Folder
from tests.analysis.asking import value_of
from tests.crawler.compaction.runs import (
    FOLDER,
    LIMITS,
    START,
    compacted,
    content,
    links,
    names,
    small_segments,
    write,
    writer,
)
from tests.crawler.faults.child import environment
from tests.crawler.test_fence import LINKS, Worker
from tests.runs import ROOT, planned, rows

# Where a compaction is killed. A merged file is written aside, copied to a temporary name, synced,
# linked to its own; then the temporary name goes, the folder is synced, and covered files go.
POINTS: dict[str, dict[str, Any]] = {
    "in the middle of sorting": {"call": "write", "when": "after", "path": "merged.parquet"},
    "merged, not yet in the run": {"call": "fsync", "when": "after", "path": "merged.parquet"},
    "copied, not synced": {"call": "fsync", "when": "before", "path": ".writing-"},
    "not linked": {"call": "link", "when": "before", "path": ".writing-"},
    "linked, temporary name still there": {"call": "link", "when": "after", "path": ".writing-"},
    "the second of two not linked": {
        "call": "link", "when": "before", "path": ".writing-", "number": 2,
    },
}  # fmt: skip

COMPACT = """
from pathlib import Path
from tests.crawler.compaction.runs import compacted
compacted(Path({run!r}))
"""


COUNTS = """
select [count(*), count(distinct link_id), min(link_id), max(link_id) + 1] from observations
"""


def compacting(run: Path, faults: dict[str, Any]) -> "subprocess.Popen[bytes]":
    """Begin a compaction in a process of its own, which keeps nothing that it has merged."""
    script = COMPACT.format(run=str(run))
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment(faults))


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planned run of one host; copy it."""
    urls = [f"http://a.test/{number}" for number in range(LINKS)]
    return planned(tmp_path_factory.mktemp("plan"), urls)


STEPS = st.lists(st.one_of(st.sampled_from(["begin", "compact"]), st.integers(0, 3)), max_size=16)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_link_is_written_twice_though_segments_are_compacted(
    plan: Path, tmp_path: Path, steps: list[str | int]
) -> None:
    """Workers that begin and write, and compactions, in any order leave one final row a link."""
    run = tmp_path / "run"
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(plan, run)
    workers = [Worker(run), Worker(run)]
    for step in steps:
        if step == "compact":
            compacted(run)
        elif step == "begin":
            workers += [Worker(run)] if len(workers) < 4 else []
        elif isinstance(step, int) and step < len(workers):
            workers[step].step(flushes=True)
    last = Worker(run)
    while last.left:
        last.step(flushes=False)
    last.step(flushes=True)
    assert not last.fenced
    written = [row["link_id"] for row in rows(run)]
    assert len(written) == len(set(written)) == LINKS


def test_compactions_at_once_make_the_same_files_once(tmp_path: Path) -> None:
    """Two compactions of one run at the same time end well, with the same rows as before."""
    small_segments(tmp_path, 18)
    before = {table: content(tmp_path, table) for table in (OBSERVATIONS, HOSTS)}
    with failing_threads() as run_in_thread:
        for _ in range(2):
            run_in_thread(lambda: compacted(tmp_path))
    assert {table: content(tmp_path, table) for table in before} == before
    compacted(tmp_path)
    assert names(tmp_path) == live(names(tmp_path))
    assert len(names(tmp_path)) == 3


@contextmanager
def failing_threads() -> Iterator[Any]:
    """Yield a way to run something in a thread; what fails there fails here, when all have ended."""
    failures: list[BaseException] = []
    threads: list[threading.Thread] = []

    def run_in_thread(work: Any) -> None:
        def guarded() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - it is raised again below
                failures.append(error)

        threads.append(threading.Thread(target=guarded))
        threads[-1].start()

    yield run_in_thread
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_a_compaction_ends_however_quickly_others_add(tmp_path: Path) -> None:
    """What comes while it is at work is left to the next one; what it merged goes at its end."""
    (tmp_path / "run.toml").write_text("format = 1\n")
    adding = small_segments(tmp_path, 20)
    came: list[int] = []

    def clock() -> datetime:  # is asked before each merge
        for _ in range(4):
            came.append(60 + len(came))
            write(adding, came[-1:])
        return START

    compact_run(Folder(tmp_path), Terms(LIMITS, timedelta(0), clock))
    assert links(tmp_path) == list(range(60 + len(came)))
    assert names(tmp_path)[0] == segment_name(0, 15)
    assert names(tmp_path) == live(names(tmp_path))
    compacted(tmp_path)
    assert len(names(tmp_path)) < len(came)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("readings", [6, pytest.param(300, marks=pytest.mark.slow)])
def test_readers_never_miss_a_row_nor_see_one_twice(tmp_path: Path, readings: int) -> None:
    """While a writer adds and a compaction removes at once what it merged, each answer is whole."""
    (tmp_path / "run.toml").write_text("format = 1\n")
    adding = small_segments(tmp_path, 20)
    written = 60
    over = threading.Event()

    def add() -> None:
        nonlocal written
        while not over.wait(0.02):
            write(adding, range(written, written + 3))
            written += 3

    def compact() -> None:
        while not over.is_set():
            compacted(tmp_path)

    with failing_threads() as run_in_thread:
        run_in_thread(add)
        run_in_thread(compact)
        try:
            for _ in range(readings):
                least = written
                rows, different, first, end = value_of(tmp_path, COUNTS)
                assert rows == different == end >= least
                assert first == 0
        finally:
            over.set()
    assert links(tmp_path) == list(range(written))


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(point, id=name, marks=[pytest.mark.slow] if name != "not linked" else [])
        for name, point in POINTS.items()
    ],
)
def test_killed_at_every_step(tmp_path: Path, point: dict[str, Any]) -> None:
    """Killed wherever a merged file is made, a compaction leaves every row once; the next one ends it."""
    small_segments(tmp_path, 20)
    before = content(tmp_path)
    child = compacting(tmp_path, {"kill": [point]})
    assert child.wait(60) == -signal.SIGKILL
    assert content(tmp_path) == before
    compacted(tmp_path)
    assert content(tmp_path) == before
    assert names(tmp_path) == live(names(tmp_path))
    assert not list((tmp_path / FOLDER).glob(".*"))


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Killed forty times at random moments while segments are added, every row is there once."""
    rng = random.Random(3)
    small_segments(tmp_path, 30, rows=200)
    expected = 6_000
    for _ in range(40):
        adding = writer(tmp_path)
        for _ in range(rng.randrange(12)):
            write(adding, range(expected, expected + 200))
            expected += 200
        child = compacting(tmp_path, {})
        time.sleep(rng.uniform(0.3, 1.6))
        child.kill()
        child.wait()
        assert links(tmp_path) == list(range(expected))
    compacted(tmp_path)
    assert links(tmp_path) == list(range(expected))
