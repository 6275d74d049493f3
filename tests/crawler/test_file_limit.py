"""A crawl keeps under its limit of open files, and never takes the want of them for a host's fault."""

import asyncio
import errno
import re
import resource
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.file_limit import FileLimit, fitted, raise_file_limit
from crawler.records.errors import RunFailed
from crawler.visit import files
from crawler.visit.failures import outcome_of_error
from crawler.visit.files import OutOfFilesError, Sockets, none_is_left, when_there_are_files
from tests.conftest import MakeInternet
from tests.internet import PictureHost
from tests.runs import QUICK_POLICY, ROOT, STILLUP, crawl_arguments, finals, planned

# Real crawls and commands: too dear for the suite that runs before every change.
pytestmark = pytest.mark.slow

LIMIT = 256
# Runs a command that may have only so many files open, whatever it asks for.
LIMITED = ("sh", "-c", f'ulimit -n {LIMIT} && exec "$@"', "sh")


@given(wanted=st.integers(1, 100_000), limit=st.integers(0, 100_000), opened=st.integers(0, 1000))
def test_what_fits_is_never_more_than_there_is(wanted: int, limit: int, opened: int) -> None:
    """Hosts and connections fit into the files left, and whoever gets fewer hosts is told."""
    files_ = FileLimit(limit, opened)
    if files_.connections < 2:
        with pytest.raises(RunFailed, match=r"^[^\n]+ulimit -n\)$"):
            fitted(wanted, files_)
        return
    fits = fitted(wanted, files_)
    assert 1 <= fits.hosts <= wanted
    assert fits.hosts <= fits.connections <= files_.connections < limit
    assert (fits.told is None) == (fits.hosts == wanted)
    assert fits.told is None or str(limit) in fits.told.replace(",", "")


def test_the_limit_is_raised_and_measured() -> None:
    """The soft limit becomes the hard one, and what is open already is counted."""
    before = raise_file_limit()
    with socket.socket():
        after = raise_file_limit()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert after.limit == before.limit <= soft
    assert hard == resource.RLIM_INFINITY or soft == min(hard, 65_536) or soft > 65_536
    assert after.open == before.open + 1


@pytest.mark.parametrize("wanted", [400, pytest.param(4000, marks=pytest.mark.slow)])
def test_a_crawl_of_many_hosts_fits_into_few_files(
    tmp_path: Path, make_internet: MakeInternet, wanted: int
) -> None:
    """Of 400 hosts wanted at a time with 256 files, each link is right, and one line says why fewer."""
    hosts = [PictureHost(f"host{at}.test", pictures=1, body_bytes=600) for at in range(wanted)]
    internet = make_internet(*hosts)
    run = planned(tmp_path, (url for host in hosts for url in host.urls()))
    policy = QUICK_POLICY + f"hosts_at_a_time = {wanted}\n"
    arguments = map(str, crawl_arguments(run, internet, policy=policy))
    done = subprocess.run(
        [*LIMITED, *STILLUP, *arguments],
        capture_output=True, text=True, timeout=150, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    line = rf"shard 0: (\d+) hosts at a time instead of {wanted:,}, .* {LIMIT} "
    told = re.findall(line, done.stderr)
    assert len(told) == 1
    assert 50 <= int(told[0]) <= LIMIT
    seen = finals(run)
    assert len(seen) == wanted
    assert {(row["outcome"], row["error"]) for row in seen.values()} == {("ok", None)}
    assert {row["attempt"] for row in seen.values()} == {1}


def test_too_few_files_for_any_host_is_told(tmp_path: Path, make_internet: MakeInternet) -> None:
    """Where not even one host fits, the crawl ends with one line that says how many files it needs."""
    internet = make_internet(PictureHost("host.test", pictures=1))
    run = planned(tmp_path, ["http://host.test/0.jpg"])
    few = [word.replace(str(LIMIT), "64") for word in LIMITED]
    done = subprocess.run(
        [*few, *STILLUP, *map(str, crawl_arguments(run, internet))],
        capture_output=True, text=True, timeout=60, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 1
    assert re.search(r"may have only 64 files open.*ulimit -n", done.stderr)
    assert not finals(run)


def test_the_want_of_files_is_no_outcome() -> None:
    """A socket that could not be opened for want of files is ours, never the host's."""
    with pytest.raises(OutOfFilesError):
        outcome_of_error(OutOfFilesError())
    assert not none_is_left()


def test_sockets_are_counted_as_long_as_they_are_open() -> None:
    """No more sockets are open than were agreed on, and a closed one makes room again."""
    sockets = Sockets(2)
    first, second = (sockets.opened(socket.AF_INET, socket.SOCK_STREAM, 0) for _ in range(2))
    with pytest.raises(OSError, match="too many") as refused:
        sockets.opened(socket.AF_INET, socket.SOCK_STREAM, 0)
    assert (refused.value.errno, sockets.refused) == (errno.EMFILE, 1)
    first.close()
    first.close()
    socket.close(second.detach())
    assert (sockets.open, sockets.are_full) == (0, False)


async def test_whoever_finds_no_file_waits_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed for want of files is tried again until there are some, or a minute has passed."""
    monkeypatch.setattr(files, "_PAUSE_S", 0.0)
    answers: Iterator[OutOfFilesError | None] = iter([OutOfFilesError(), OutOfFilesError(), None])

    async def attempt() -> str:
        await asyncio.sleep(0)
        if (error := next(answers, OutOfFilesError())) is not None:
            raise error
        return "done"

    assert await when_there_are_files(attempt) == "done"
    with pytest.raises(OutOfFilesError, match="ulimit -n"):
        await when_there_are_files(attempt)
