"""`python -m bench.memory`: walk lists of growing length, and print what each takes of memory.

Run from the repository's root, in the environment that `bench/run` makes, or the one of `make`.
"""

import sys
import tempfile
from pathlib import Path

import click

from bench.crawl import cores, links, page, servers
from bench.crawl.failed import BenchFailed
from bench.memory import table, worker

NAME = "bench/memory"


@click.command()
@click.option(
    "--links", "counts", default="10000,100000,1000000", show_default=True, help="Of each list."
)
@click.option("--per-host", default=20, show_default=True, help="Links of a host.")
@click.option(
    "--mode", default="body", show_default=True, type=click.Choice(["body", "sniff", "head"])
)
@click.option(
    "--server", type=click.Choice(["auto", "nginx", "own"]), default="auto", show_default=True
)
@click.option("--write", is_flag=True, help="Refresh the table in docs/performance.md.")
@click.option("--check", is_flag=True, help="Exit 1 when a number does not hold.")
def main(counts: str, per_host: int, mode: str, server: str, write: bool, check: bool) -> None:
    """Measure the resident memory of one worker on lists of growing length.

    \b
    Example: python -m bench.memory --links 10000,100000
    """  # noqa: D301 - \b is click's
    kind = servers.kind_of(server)
    cores.lift_file_limit()
    ports = links.free_ports(1)
    if not links.has_many_addresses():
        raise BenchFailed("this system has one loopback address, and hosts are addresses here")
    nowhere = cores.Cores(None, None)
    walks = []
    with tempfile.TemporaryDirectory(prefix="stillup-memory-") as folder:
        work = Path(folder)
        links.paint(work / "pictures")
        picture_bytes = links.average_bytes(work / "pictures")
        with servers.serving(kind, work / "pictures", ports, work, nowhere):
            for count in sorted(map(int, counts.split(","))):
                walks.append(worker.walk(work, count, per_host, ports, mode))
                click.echo(f"{count:,} links: {walks[-1].peak_mb:,.0f} MB", err=True)
    judged = table.verdicts(walks)
    conditions = page.conditions(kind, nowhere, picture_bytes)
    sentences = "\n".join(f"- {sentence}" for _, sentence in judged)
    text = f"{conditions}\n\n{table.markdown(walks)}\n\n{sentences}"
    click.echo(f"\n{text}")
    if write:
        page.write(text, NAME)
    if check and not all(holds for holds, _ in judged):
        sys.exit(1)


if __name__ == "__main__":
    try:
        main.main(prog_name="python -m bench.memory")
    except BenchFailed as error:
        sys.exit(f"bench: {error}")
