"""`python -m bench.profile`: what a link costs with everything on, and which part of us takes it.

Run from the repository's root; `bench/run profile` sees to what it needs. The servers and the name
server are tests/internet, in a process of its own, so that rates say nothing here; the processor
time of the crawl does.
"""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from bench.crawl import page
from bench.crawl.failed import BenchFailed
from bench.profile.parts import shares
from tests.internet import FakeInternet, PictureHost
from tests.runs import QUICK_POLICY, STILLUP, planned

NAME = "bench/profile"
_RATE = 200  # samples a second
_PY_SPY = str(Path(sys.executable).parent / "py-spy")
_POLICY = QUICK_POLICY.replace("min_delay_s = 0.01", "min_delay_s = 0.0")


@dataclass(frozen=True, slots=True)
class Profile:
    """One crawl: what a link cost in µs of CPU without starting and ending, and each part's share."""

    title: str
    links: int
    link_us: float
    parts: dict[str, float]


@click.command()
@click.option("--links", default=20_000, show_default=True, help="Of the list with 50 a host.")
@click.option(
    "--singles", default=4_000, show_default=True, help="Hosts of the list with one each."
)
@click.option("--write", is_flag=True, help="Refresh the table in docs/performance.md.")
def main(links: int, singles: int, write: bool) -> None:
    """Sample a crawl with names, canaries, fingerprints, leases and paces, and sort the samples.

    \b
    Example: bench/run profile --links 5000 --singles 1000
    """  # noqa: D301 - \b is click's
    found = [
        _profiled("50 links a host", links // 50, 50),
        _profiled("one link a host", singles, 1),
    ]
    text = f"{page.machine('stillup', 'scrapy', 'py-spy')}\n\n{_table(found)}"
    click.echo(text)
    if write:
        page.write(text, NAME)


def _profiled(title: str, hosts: int, each: int) -> Profile:
    """Crawl twice, sampled and not: sampling takes time, which is not to be counted."""
    with FakeInternet([PictureHost(f"h{n}.n{n}.test", pictures=each) for n in range(hosts)]) as net:
        least_s = _cpu_s([], net, 1, 1)
        whole_s = _cpu_s([], net, hosts, each)
        with tempfile.TemporaryDirectory() as folder:
            sampled = Path(folder) / "stacks.txt"
            spy = [_PY_SPY, "record", "--subprocesses", "--full-filenames", "--rate", str(_RATE)]
            _cpu_s([*spy, "--format", "raw", "--output", str(sampled), "--"], net, hosts, each)
            parts = shares(sampled.read_text(encoding="utf-8").splitlines())
    links = hosts * each
    return Profile(title, links, (whole_s - least_s) / links * 1e6, parts)


def _cpu_s(before: Sequence[str], net: FakeInternet, hosts: int, each: int) -> float:
    """Return the CPU seconds of a crawl and all its processes."""
    urls = (f"http://h{n}.n{n}.test/{m}.jpg" for n in range(hosts) for m in range(each))
    with tempfile.TemporaryDirectory() as folder:
        run = planned(Path(folder), urls)
        policy = Path(folder) / "policy.toml"
        policy.write_text(_POLICY, encoding="utf-8")
        crawl = ["crawl", run, "--shard", 0, "--policy", policy, *net.flags()]
        contact = ["--contact", "https://example.org/bench"]
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [*before, *STILLUP, *map(str, crawl), *contact],
            check=False,
            capture_output=True,
            text=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise BenchFailed(f"the crawl ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    return after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime


def _table(found: Sequence[Profile]) -> str:
    head = "".join(f" {one.title}, µs | share |" for one in found)
    lines = [f"| part |{head}", "| --- |" + " --: | --: |" * len(found)]
    names = sorted(
        {part for one in found for part in one.parts}, key=lambda part: -_of(found, part)
    )
    for part in names:
        cells = (
            f" {one.link_us * one.parts.get(part, 0):,.0f} | {one.parts.get(part, 0):.0%} |"
            for one in found
        )
        lines.append(f"| {part} |{''.join(cells)}")
    total = "".join(f" {one.link_us:,.0f} | 100% |" for one in found)
    return "\n".join([*lines, f"| **a link** |{total}"])


def _of(found: Sequence[Profile], part: str) -> float:
    return sum(one.parts.get(part, 0.0) for one in found)


if __name__ == "__main__":
    try:
        main.main(prog_name="python -m bench.profile")
    except BenchFailed as error:
        sys.exit(f"bench: {error}")
