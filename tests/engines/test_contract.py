"""What every engine promises, held by the same crawls: processes here, and a Ray cluster."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from crawler.lease import ShardLease
from crawler.leasing import Lease
from crawler.records.layout import segment_name, shard_folder
from storage.folder import Folder
from tests.conftest import MakeInternet
from tests.engines.crawls import (
    HOSTS,
    URLS,
    asked,
    assert_whole,
    begun,
    ended,
    kill,
    planned_slow,
    until,
    workers_of,
)
from tests.internet import FakeInternet
from tests.runs import ask, finals, rows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Engine = tuple[str, ...]


def test_every_shard_ends_done(tmp_path: Path, make_internet: MakeInternet, engine: Engine) -> None:
    """All shards are walked, their progress is shown, and the run is published."""
    run = planned_slow(tmp_path)
    status, said = ended(begun(run, make_internet(*HOSTS), *engine))
    assert status == 0, said
    assert "144 of 144 links" in said
    assert_whole(run)
    assert ask(run, "select count(*) from observations") == [(144,)]


def test_a_failing_shard_is_named_and_leaves_the_others_alone(
    tmp_path: Path, make_internet: MakeInternet, engine: Engine
) -> None:
    """Links that are damaged or gone end a shard by name, with the reason; the others are done."""
    run = planned_slow(tmp_path)
    whole = [row for row in rows(run, "links") if row["shard"] in (2, 3)]
    links = run / shard_folder("links", 0) / segment_name(0)
    content = bytearray(links.read_bytes())
    content[len(content) // 2] ^= 16
    links.write_bytes(content)
    shutil.rmtree(run / shard_folder("links", 1))
    status, said = ended(begun(run, make_internet(*HOSTS), *engine))
    assert status == 1
    last = said.strip().splitlines()[-1]
    assert "shard 0: " in last
    assert "was changed; put back a copy of it" in last
    assert "shard 1: " in last
    assert "shard=00001 holds 0 of the" in last
    assert "shard 2:" not in last
    assert {row["shard"] for row in finals(run).values()} == {2, 3}
    assert len(finals(run)) == len(whole)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_the_workers_in_an_orderly_way(
    tmp_path: Path, make_internet: MakeInternet, engine: Engine, number: signal.Signals
) -> None:
    """What is in flight is finished and written, nobody goes on, and the same command ends the rest."""
    internet = make_internet(*HOSTS)
    run = planned_slow(tmp_path)
    crawl = begun(run, internet, *engine)
    until(asked(internet, 20))
    crawl.send_signal(number)
    status, said = ended(crawl, timeout_s=45)
    assert status == 1
    assert "stopped; what was seen is kept" in said
    assert workers_of(run) == []
    pictures = {entry.url for entry in internet.log()} & set(URLS)
    assert set(finals(run)) == pictures
    status, said = ended(begun(run, internet, *engine))
    assert status == 0, said
    assert_whole(run)


def test_who_was_still_waiting_for_a_shard_has_not_failed(
    tmp_path: Path, make_internet: MakeInternet, engine: Engine
) -> None:
    """Interrupted while a silent machine may still hold a shard, a crawl has stopped like any other."""
    run = planned_slow(tmp_path)
    since = "2026-11-28 12:00:00 UTC"
    elsewhere = Lease(owner="x", machine="another", pid=7, since=since, group="x", ttl_s=30.0)
    ShardLease(Folder(run), 0, elsewhere).claim()
    crawl = begun(run, make_internet(*HOSTS), *engine)
    assert crawl.stderr is not None
    assert any("held by process 7 on another" in line for line in crawl.stderr)
    crawl.send_signal(signal.SIGINT)
    status, said = ended(crawl, timeout_s=45)
    assert status == 1
    assert said.strip().splitlines()[-1].startswith("stillup: stopped; what was seen is kept")


def test_a_second_interrupt_ends_them_at_once(
    tmp_path: Path, make_internet: MakeInternet, engine: Engine
) -> None:
    """Who interrupts twice does not wait for what is in flight; what was written is kept."""
    internet = make_internet(*HOSTS)
    run = planned_slow(tmp_path)
    crawl = begun(run, internet, *engine)
    until(asked(internet, 20))
    for worker in workers_of(run):
        os.kill(worker, signal.SIGSTOP)  # one that would never end by itself
    crawl.send_signal(signal.SIGINT)
    time.sleep(1.5)
    crawl.send_signal(signal.SIGINT)
    status, _ = ended(crawl, timeout_s=30)
    assert status == 1
    until(lambda: workers_of(run) == [], timeout_s=10)
    status, said = ended(begun(run, internet, *engine))
    assert status == 0, said
    assert_whole(run)


def test_a_dead_worker_costs_no_more_than_seconds(
    tmp_path: Path, make_internet: MakeInternet, engine: Engine
) -> None:
    """A worker that is killed is named, or another goes on; each link ends with one observation."""
    internet = make_internet(*HOSTS)
    run = planned_slow(tmp_path)
    crawl = begun(run, internet, *engine)
    until(asked(internet, 20))
    kill(workers_of(run)[0])
    status, said = ended(crawl)
    assert "its worker died (signal 9)" in said
    if "local" in engine:
        assert status == 1
        status, said = ended(begun(run, internet, *engine))
    assert status == 0, said
    assert_whole(run)


def driver_killed(run: Path, internet: FakeInternet, engine: Engine) -> None:
    """Begin a crawl, and kill its driver in the middle."""
    crawl = begun(run, internet, *engine)
    until(asked(internet, 20))
    crawl.kill()
    crawl.communicate()


def test_a_dead_driver_can_be_started_again(
    tmp_path: Path, make_internet: MakeInternet, engine: Engine
) -> None:
    """The driver is killed and started again: the next crawl takes over, and loses nothing."""
    internet = make_internet(*HOSTS)
    run = planned_slow(tmp_path)
    driver_killed(run, internet, engine)
    if "local" in engine:  # which does not wait for them
        until(lambda: workers_of(run) == [], timeout_s=30)
    status, said = ended(begun(run, internet, *engine))
    assert status == 0, said
    assert_whole(run)


def test_workers_without_a_driver_end(
    tmp_path: Path, make_internet: MakeInternet, engine: Engine
) -> None:
    """Workers whose driver is killed end within seconds; the local ones write all they had asked."""
    internet = make_internet(*HOSTS)
    run = planned_slow(tmp_path)
    driver_killed(run, internet, engine)
    until(lambda: workers_of(run) == [], timeout_s=60)
    if "local" in engine:  # Ray ends a worker with its task
        assert set(finals(run)) == {entry.url for entry in internet.log()} & set(URLS)


def test_two_crawls_at_once_leave_one_final_observation_a_link(
    tmp_path: Path, make_internet: MakeInternet, engine: Engine
) -> None:
    """Of two that believe they own the shards, each link has one final observation, whoever wins."""
    internet = make_internet(*HOSTS)
    run = planned_slow(tmp_path)
    first, second = (begun(run, internet, *engine) for _ in range(2))
    statuses = {ended(crawl)[0] for crawl in (first, second)}
    if "local" in engine:
        assert statuses <= {0, 1}
        assert ended(begun(run, internet, *engine))[0] == 0
    else:
        assert statuses == {0}
    assert_whole(run)
