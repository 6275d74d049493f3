"""Runs for tests: planned and crawled with the real commands, in processes of their own.

These are forked by `tests.warm`, which spares them their imports; `STILLUP` is the true start.
"""

import contextlib
import io
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from crawler.rundir import open_run
from stillup import main as front_door
from tests.internet import FakeInternet
from tests.warm import WarmPopen

ROOT = Path(__file__).parent.parent
STILLUP = (sys.executable, "-m", "stillup")

# The rules of politeness with every wait a hundredth of what a stranger's server is owed.
QUICK_POLICY = """
min_delay_s = 0.01
latency_factor = 0.0
domain_delay_s = 0.0
address_delay_s = 0.0
slowdown_factor = 2.0
first_slowdown_s = 0.05
max_retry_after_s = 3.0
host_retry_delay_s = 0.1
visit_s = 2.0
"""


def stillup(*arguments: object, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a command of stillup and return what it printed; its exit status is the caller's to judge."""
    with begun(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        try:
            out, err = command.communicate(timeout=timeout_s)
        except BaseException:
            command.kill()
            raise
    return subprocess.CompletedProcess(command.args, command.returncode, out, err)


def begun(*arguments: object, **options: Any) -> "subprocess.Popen[str]":
    """Begin a command of stillup; `options` are those of `subprocess.Popen`."""
    return WarmPopen([*STILLUP, *map(str, arguments)], cwd=ROOT, text=True, **options)


def children(pid: int) -> list[int]:
    """Return the processes that a process has begun; none where the system does not tell."""
    told = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in told.read_text("ascii").split()] if told.exists() else []


def stillup_here(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command of stillup in this process: the same, without the time to import it all."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    status = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            front_door([str(argument) for argument in arguments])
        except SystemExit as end:
            status = int(end.code or 0)
    return subprocess.CompletedProcess([*map(str, arguments)], status, _said(out), _said(err))


def _said(stream: io.TextIOWrapper) -> str:
    """Return all that was written to a stream, also the bytes that went past its text."""
    stream.flush()
    written = stream.buffer
    assert isinstance(written, io.BytesIO)
    return written.getvalue().decode()


def planned(folder: Path, urls: Iterable[str], shards: int = 1) -> Path:
    """Plan URLs into a run under `folder` and return it."""
    listing, run = folder / "links.txt", folder / "run"
    listing.write_text("\n".join(urls) + "\n", encoding="utf-8")
    done = stillup_here("plan", run, listing, "--shards", shards)
    assert done.returncode == 0, done.stderr
    return run


def crawl_arguments(
    run: Path, internet: FakeInternet, *options: object, policy: str = QUICK_POLICY
) -> list[object]:
    """Return the arguments of a crawl of `run` on the fake internet."""
    file = run / "policy.toml"
    file.write_text(policy, encoding="utf-8")
    contact = ("--contact", "https://example.org/test")
    return ["crawl", run, "--policy", file, *contact, *internet.flags(), *options]


def crawled(
    run: Path,
    internet: FakeInternet,
    *options: object,
    policy: str = QUICK_POLICY,
    published: bool = False,
) -> Path:
    """Crawl a run to its end and return it; run.duckdb, which takes as long, only where asked for."""
    if not (published or "--shard" in options):
        shards = [plan.shard for plan in open_run(run).shards]
        options += tuple(word for shard in shards for word in ("--shard", shard))
    done = stillup(*crawl_arguments(run, internet, *options, policy=policy))
    assert done.returncode == 0, done.stderr
    return run


def rows(run: Path, table: str = "observations") -> list[dict[str, Any]]:
    """Return the rows of a table's segments as they are on disk."""
    found: list[dict[str, Any]] = []
    for path in sorted((run / table).rglob("[0-9]*.parquet")):
        found += pq.read_table(path, partitioning=None).to_pylist()
    return found


def finals(run: Path) -> dict[str, dict[str, Any]]:
    """Return the final observation of every link that was asked, by its URL."""
    kept: dict[str, dict[str, Any]] = {}
    for row in rows(run):
        if row["final"] and row["url"] is not None:
            assert row["url"] not in kept, f"two final observations of {row['url']}"
            kept[row["url"]] = row
    return kept


def ask(run: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the answer of a run's published database."""
    with duckdb.connect(str(run / "run.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()
