"""Crash, again and again: one final observation a link, whatever was killed, damaged or doubled."""

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from crawler.lock import shard_lock
from crawler.records.layout import live, segment_name, segment_range, shard_folder
from tests.analysis.asking import value_of
from tests.conftest import MakeInternet
from tests.crawler.faults.child import begun, ended
from tests.internet import FakeInternet, PictureHost
from tests.runs import (
    QUICK_POLICY,
    children,
    crawl_arguments,
    finals,
    planned,
    rows,
    stillup,
    stillup_here,
)

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

# Slow enough for two workers to meet; a visit hands on what it saw when it ends.
SLOW_POLICY = QUICK_POLICY.replace("min_delay_s = 0.01", "min_delay_s = 0.25") + "visit_links = 1\n"

# Where a worker is killed. A segment is written under a temporary name, synced, linked to its own,
# the temporary name removed, the folder synced; that of the hosts comes before the observations'.
HOSTS, OBSERVATIONS = "/hosts/", "/observations/"
POINTS: dict[str, dict[str, Any]] = {
    "in the middle of writing": {"call": "write", "when": "after", "path": f"{OBSERVATIONS}shard="},
    "written, not synced": {"call": "fsync", "when": "before", "path": ".parquet"},
    "synced, not linked": {"call": "link", "when": "before", "path": OBSERVATIONS},
    "linked, temporary name still there": {"call": "link", "when": "after", "path": OBSERVATIONS},
    "linked, folder not synced": {"call": "unlink", "when": "after", "path": OBSERVATIONS},
    "hosts not linked": {"call": "link", "when": "before", "path": HOSTS},
    "hosts linked, no observations yet": {"call": "link", "when": "after", "path": HOSTS},
    "the second segment not linked": {
        "call": "link", "when": "before", "path": OBSERVATIONS, "number": 2,
    },
}  # fmt: skip


def hosts_of(count: int, pictures: int) -> list[PictureHost]:
    """Return small, quick hosts."""
    return [PictureHost(f"host-{n}.test", pictures=pictures, body_bytes=400) for n in range(count)]


def urls_of(hosts: list[PictureHost]) -> list[str]:
    """Return the URLs of all pictures."""
    return [url for host in hosts for url in host.urls()]


def assert_whole(run: Path, urls: list[str]) -> None:
    """Hold that every link has one final look, and that no temporary file is left."""
    assert set(finals(run)) == set(urls)
    assert {row["outcome"] for row in finals(run).values()} == {"ok"}
    assert value_of(run, "select count(*) from observations where final") == len(urls)
    assert [path for path in run.rglob(".*") if path.name != ".planning"] == []


def assert_ends_whole(
    run: Path, internet: FakeInternet, hosts: list[PictureHost], *options: object
) -> None:
    """Crawl a run to its end: nothing is missing, nothing twice, nothing left over."""
    done = stillup(*crawl_arguments(run, internet, *options))
    assert done.returncode == 0, done.stderr
    assert_whole(run, urls_of(hosts))


@pytest.mark.parametrize(
    "third", [0, *(pytest.param(third, marks=pytest.mark.slow) for third in (1, 2))]
)
def test_killed_at_every_step_of_a_write(
    tmp_path: Path, make_internet: MakeInternet, third: int
) -> None:
    """Killed before and after each step that makes a segment, a shard ends whole all the same."""
    hosts = hosts_of(12, pictures=3)
    internet = make_internet(*hosts)
    points = list(POINTS.values())[third::3]
    run = planned(tmp_path, urls_of(hosts), shards=len(points))
    arguments = crawl_arguments(run, internet, "--workers", len(points), policy=SLOW_POLICY)
    kills = [point | {"shard": shard} for shard, point in enumerate(points)]
    killed = ended(arguments, {"kill": kills, "flush_rows": 2})
    assert killed.returncode == 1
    named = ", ".join(map(str, range(len(points))))
    assert f"shards {named}: its worker died (signal 9)" in killed.stderr, killed.stderr
    assert list(run.rglob(".writing-*"))
    shards = [part for shard in range(len(points)) for part in ("--shard", shard)]
    assert_ends_whole(run, internet, hosts, "--workers", 2, *shards)


def test_what_killed_commands_left_is_gone_after_the_next_crawl(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """A publish and a recheck that are killed while they write leave files; a crawl leaves none."""
    hosts = hosts_of(2, pictures=2)
    internet = make_internet(*hosts)
    run = planned(tmp_path, urls_of(hosts))
    assert stillup(*crawl_arguments(run, internet, "--shard", 0)).returncode == 0
    recheck = ["recheck", run, "--sample-alive", 1, "--as-of", "2100-01-01"]
    asked = {"signals": ["publish", run], "rounds": recheck}
    for table, command in asked.items():
        point = {"call": "fsync", "when": "before", "path": f"/{table}/shard="}
        killed = ended(command, {"kill": [point]})
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert list((run / table).rglob(".writing-*"))
    assert_ends_whole(run, internet, hosts)


@pytest.mark.slow
def test_what_two_workers_on_one_shard_saw_is_written_once(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Where no lock holds, one of two takes the shard or the other's number; nothing is there twice."""
    hosts = hosts_of(6, pictures=12)
    internet = make_internet(*hosts)
    run = planned(tmp_path, urls_of(hosts))
    arguments = crawl_arguments(run, internet, policy=SLOW_POLICY)
    faults = {"no_lock": True, "flush_s": 0.3}
    workers = [begun(arguments, faults) for _ in range(2)]
    said = [worker.communicate(timeout=120) for worker in workers]
    statuses = sorted(worker.returncode for worker in workers)
    assert statuses[1] == 1, said
    loser = next(err for worker, (_, err) in zip(workers, said, strict=True) if worker.returncode)
    assert "another worker writes" in loser or "was taken over by" in loser
    assert "Traceback" not in loser
    assert_ends_whole(run, internet, hosts)


def test_a_damaged_segment_is_set_aside_and_looked_at_again(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Readers name it and leave it out; the next crawl sets it aside and repeats what it held."""
    hosts = hosts_of(8, pictures=6)
    internet = make_internet(*hosts)
    run = planned(tmp_path, urls_of(hosts))
    first = ended(
        crawl_arguments(run, internet, "--shard", 0, policy=SLOW_POLICY), {"flush_rows": 12}
    )
    assert first.returncode == 0, first.stderr
    folder = run / shard_folder("observations", 0)
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) >= 3
    damage(folder / names[0], at=0.2)
    (folder / names[1]).write_bytes((folder / names[1]).read_bytes()[:-9])
    (folder / segment_name(len(names))).mkdir()
    for command in (("sql", run, "select count(distinct sha256) from observations"),
                    ("status", run), ("verdicts", run), ("publish", run)):  # fmt: skip
        read = stillup_here(*command)
        assert read.returncode == 0, read.stderr
        assert f"observations/shard=00000/{names[1]} is torn; set aside" in read.stderr
    assert f"{names[0]} was changed after it was written; set aside" in read.stderr
    again = stillup(*crawl_arguments(run, internet, "--shard", 0))
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("and its links are looked at again") == 3
    assert_whole(run, urls_of(hosts))
    left = {path.name for path in folder.iterdir()}
    assert {f"{names[0]}.set-aside", f"{names[1]}.set-aside"} <= left
    assert min(segment_range(name) or (0, 0) for name in live(left - set(names))) > (len(names), 0)
    assert f"{names[1]}.set-aside" in stillup_here("status", run).stdout


def damage(path: Path, at: float) -> None:
    """Flip a bit of a file, so far into it."""
    content = bytearray(path.read_bytes())
    content[int(at * len(content))] ^= 16
    path.write_bytes(content)


def test_a_shard_that_cannot_be_walked_harms_no_other(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """Links that are damaged or gone, or somebody else's lock, end a shard in one line, and only it."""
    hosts = hosts_of(12, pictures=2)
    internet = make_internet(*hosts)
    run = planned(tmp_path, urls_of(hosts), shards=4)
    damage(run / shard_folder("links", 0) / segment_name(0), at=0.4)
    shutil.rmtree(run / shard_folder("links", 1))
    with shard_lock(run / "locks", 2):
        done = stillup(*crawl_arguments(run, internet, "--workers", 4))
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "was changed; put back a copy of it, or plan the run anew" in last
    assert "shard=00001 holds 0 of the" in last
    assert "shard 2 is being crawled by another process; wait for it or stop it" in last
    assert "Traceback" not in done.stderr
    assert "shard 3:" not in last
    assert {row["shard"] for row in finals(run).values()} == {3}


@pytest.mark.slow
def test_a_run_that_is_deleted_under_a_crawl_is_one_line(
    tmp_path: Path, make_internet: MakeInternet
) -> None:
    """When the run directory goes away, the crawl ends in order and says so; it makes no new one."""
    hosts = hosts_of(4, pictures=40)
    internet = make_internet(*hosts)
    run = planned(tmp_path, urls_of(hosts))
    crawl = begun(crawl_arguments(run, internet, policy=SLOW_POLICY), {"flush_s": 1.0})
    while len(internet.log()) < 8:
        time.sleep(0.05)
    shutil.rmtree(run)
    _, said = crawl.communicate(timeout=60)
    assert crawl.returncode == 1
    assert "it was moved or deleted; put it back, or plan the run anew" in said
    assert "Traceback" not in said
    assert not run.exists()


@pytest.mark.slow
def test_a_slow_disk_holds_the_crawl_back(tmp_path: Path, make_internet: MakeInternet) -> None:
    """However slow the disk, what was looked at and is not written is bounded."""
    hosts = hosts_of(60, pictures=60)
    internet = make_internet(*hosts)
    run = planned(tmp_path, urls_of(hosts))
    policy = QUICK_POLICY.replace("min_delay_s = 0.01", "min_delay_s = 0.0")
    policy += "hosts_at_a_time = 20\nvisit_links = 1\n"
    faults = {"flush_s": 0.5, "flush_rows": 50, "fsync_s": 1.0}
    crawl = begun(crawl_arguments(run, internet, policy=policy), faults)
    ahead: list[int] = []
    while crawl.poll() is None and len(ahead) < 30:
        written = len(rows(run))
        asked = sum(request.target.endswith(".jpg") for request in internet.log())
        ahead += [asked - written] if asked else []
        time.sleep(0.5)
    crawl.send_signal(signal.SIGINT)
    crawl.communicate(timeout=120)
    # Being written, held, waiting for the disk, and in flight: each has its limit.
    assert 50 < max(ahead) <= 50 + 50 + 2 * 20 + 2 * 20 + 50


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_hundreds_of_kills(tmp_path: Path, make_internet: MakeInternet) -> None:
    """Killed at random moments and at random steps, workers and parent, a crawl ends whole."""
    rounds = int(os.environ.get("STILLUP_KILL_ROUNDS", "200"))
    hosts = hosts_of(48, pictures=100)
    internet = make_internet(*hosts)
    run = planned(tmp_path, urls_of(hosts), shards=2)
    chance = random.Random(23)
    log = Counter[str]()
    for _ in range(rounds):
        before = len(rows(run))
        log[one_kill(run, internet, chance)] += 1
        assert len(rows(run)) >= before
    for _ in range(20):
        done = stillup(*crawl_arguments(run, internet, "--workers", 2), timeout_s=600)
        if "is being crawled by another process" not in done.stderr:
            break
        time.sleep(1.0)
    assert done.returncode == 0, done.stderr
    assert_whole(run, urls_of(hosts))
    print(f"{sum(log.values())} kills survived: {dict(log)}")


def one_kill(run: Path, internet: FakeInternet, chance: random.Random) -> str:
    """Crawl for a moment, kill something, and return what it was."""
    policy = QUICK_POLICY.replace("min_delay_s = 0.01", "min_delay_s = 0.5")
    arguments = crawl_arguments(run, internet, "--workers", 2, policy=policy)
    kind = chance.choice(["a step", "a step", "workers", "parent", "all"])
    faults: dict[str, Any] = {"flush_s": 0.2}
    if kind == "a step":
        kind, point = chance.choice(list(POINTS.items()))
        faults["kill"] = [point | {"number": chance.randint(1, 3)}]
    crawl = begun(arguments, faults)
    threading.Timer(chance.uniform(1.5, 5.0), kill, (crawl, kind)).start()
    _, said = crawl.communicate(timeout=60)
    assert "Traceback" not in said, said
    assert "its worker died (exit status" not in said, said
    return kind


def kill(crawl: "subprocess.Popen[str]", kind: str) -> None:
    """Kill -9 the workers of a crawl, the crawl itself, or both."""
    targets = [] if kind == "parent" else children(crawl.pid)
    targets += [crawl.pid] if kind != "workers" or not targets else []
    for pid in targets:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
