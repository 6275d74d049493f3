"""A disk that is really full, and a run that nobody may write to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawler.faults.jail import Jail
from tests.internet import FakeInternet, PictureHost
from tests.runs import crawl_arguments, finals, planned

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

HOSTS = [PictureHost(f"host-{n}.test", pictures=8, body_bytes=500) for n in range(8)]
URLS = [url for host in HOSTS for url in host.urls()]
FREE_SPACE = "No space left on device; free space there, then run the same command again"


@pytest.fixture
def jail() -> Iterator[Jail]:
    """A place with mounts of its own; skips where there is none."""
    with Jail() as made:
        yield made


@pytest.fixture(scope="module")
def internet() -> Iterator[FakeInternet]:
    """The servers of the run's links."""
    with FakeInternet(HOSTS) as made:
        yield made


@pytest.fixture
def run(tmp_path: Path, internet: FakeInternet) -> Path:
    """A planned run, with what a crawl of it needs."""
    made = planned(tmp_path, URLS)
    crawl_arguments(made, internet)
    return made


def crawl(run: Path, at: Path, internet: FakeInternet) -> list[object]:
    """Return the arguments of a crawl of a run that lies elsewhere."""
    return [at if part == run else part for part in crawl_arguments(run, internet)]


def assert_one_line(text: str, *parts: str) -> None:
    """Hold that the last line of an output, and no traceback, says all of that."""
    *before, last = text.strip().splitlines()
    assert all(part in last for part in parts), text
    assert last.startswith("stillup: ")
    assert not any("Traceback" in line for line in before), text


def test_a_full_disk_stops_a_crawl_in_order(
    tmp_path: Path, run: Path, internet: FakeInternet, jail: Jail
) -> None:
    """It says what to do and leaves no half segment; with room again, every link ends with one look."""
    disk = tmp_path / "disk"
    disk.mkdir()
    jail.small_disk(disk, 12_000)
    jail.run("cp", "-r", run, disk)
    at = disk / "run"
    jail.fill(disk)
    (before,) = jail.stillup(crawl(run, at, internet))
    assert before.returncode == 1
    assert_one_line(before.stderr, "cannot write in", FREE_SPACE)
    assert internet.log() == []
    # Room for the lock and the probe, not for what will be seen.
    jail.fill(disk, left_kibibytes=16)
    (midway,) = jail.stillup(crawl(run, at, internet))
    assert midway.returncode == 1
    assert_one_line(midway.stderr, "cannot write", FREE_SPACE, "will be repeated")
    named = jail.run("find", at, "-name", ".*", "-type", "f").stdout
    assert named == ""
    jail.free(disk)
    (after,) = jail.stillup(crawl(run, at, internet))
    assert after.returncode == 0, after.stderr
    jail.run("cp", "-r", at, tmp_path / "copy")
    assert set(finals(tmp_path / "copy")) == set(URLS)
    jail.fill(disk)
    published, asked = jail.stillup(["publish", at], ["sql", at, "select count(*) from links"])
    assert published.returncode == 1
    assert_one_line(published.stderr, FREE_SPACE)
    assert asked.returncode == 0
    assert jail.run("cmp", at / "run.duckdb", tmp_path / "copy" / "run.duckdb").returncode == 0
    assert jail.run("find", at, "-name", ".*").stdout == ""


def test_a_full_disk_stops_a_plan_in_order(tmp_path: Path, run: Path, jail: Jail) -> None:
    """A plan that does not fit says so and leaves nothing behind."""
    disk = tmp_path / "disk"
    disk.mkdir()
    jail.small_disk(disk, 400)
    listing = tmp_path / "links.txt"
    listing.write_text("\n".join(f"http://{n}.test/{n}.jpg" for n in range(20_000)))
    (plan,) = jail.stillup(["plan", disk / "run", listing])
    assert plan.returncode == 1
    assert_one_line(plan.stderr, "the plan could not be made in", FREE_SPACE)
    assert jail.run("ls", "-A", disk).stdout == ""


def test_a_full_folder_of_temporary_files_is_told_apart(
    tmp_path: Path, run: Path, internet: FakeInternet, jail: Jail
) -> None:
    """A crawl that cannot lay out its links says which folder is full, and how to name another."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    jail.small_disk(temporary, 16)
    jail.fill(temporary, left_kibibytes=4)
    asked = len(internet.log())
    (crawled,) = jail.stillup(crawl(run, run, internet), TMPDIR=temporary)
    assert crawled.returncode == 1
    assert_one_line(crawled.stderr, str(temporary), "TMPDIR", FREE_SPACE)
    assert len(internet.log()) == asked


def test_a_read_only_run_is_read_and_not_crawled(
    tmp_path: Path, run: Path, internet: FakeInternet, jail: Jail
) -> None:
    """A crawl and a publish refuse at once, asking nobody; what only reads goes on working."""
    jail.read_only(run)
    asked = len(internet.log())
    crawled, published, *read = jail.stillup(
        crawl(run, run, internet),
        ["publish", run],
        ["status", run],
        ["sql", run, "select count(*) from links"],
        ["verdicts", run],
    )
    for refused in (crawled, published):
        assert refused.returncode == 1
        assert_one_line(refused.stderr, "Read-only file system; remount it for writing")
    assert len(internet.log()) == asked
    assert [one.returncode for one in read] == [0, 0, 0]
