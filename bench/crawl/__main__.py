"""`python -m bench.crawl`: serve, let every peer walk both workloads, print the tables.

Run from the repository's root; `bench/run` (`make bench`) makes the environments first.
"""

import shutil
import sys
from pathlib import Path

import click

from bench.crawl import cores, links, page, rounds, servers, table
from bench.crawl.failed import BenchFailed
from bench.crawl.peers import IMG2DATASET_PYTHON, PEERS, Peer

PER_VISIT = 50
# Where there is one loopback address, a port each stands for a host, and there are not many.
MOST_PORTS = 200
WORK = Path("bench/work")
_DEFAULT = [name for name in PEERS if name != "img2dataset-lean"]


@click.command()
@click.option(
    "--links", "link_count", default=6_000, show_default=True, help="Links of the first workload."
)
@click.option(
    "--singles", default=2_000, show_default=True, help="Hosts of the second, one link each."
)
@click.option("--repeat", default=3, show_default=True, help="Rounds; medians are taken over them.")
@click.option(
    "--peers", default=",".join(_DEFAULT), show_default=True, help=f"Of {', '.join(PEERS)}."
)
@click.option(
    "--server", type=click.Choice(["auto", "nginx", "own"]), default="auto", show_default=True
)
@click.option("--write", is_flag=True, help="Refresh the table in docs/performance.md.")
@click.option("--check", is_flag=True, help="Exit 1 when a number does not hold.")
def main(
    link_count: int, singles: int, repeat: int, peers: str, server: str, write: bool, check: bool
) -> None:
    """Measure how fast stillup and its peers walk the same links.

    \b
    Example: python -m bench.crawl --links 2000 --singles 500 --repeat 1 --peers stillup,bare
    """  # noqa: D301 - \b is click's
    chosen = _chosen(peers)
    kind = servers.kind_of(server)
    cores.lift_file_limit()
    where = cores.choose()
    shutil.rmtree(WORK, ignore_errors=True)
    results, picture_bytes = _measure(kind, where, (link_count, singles), repeat, chosen)
    judged = table.verdicts(results)
    text = _text(results, judged, page.conditions(kind, where, picture_bytes))
    click.echo(f"\n{text}")
    if write:
        page.write(text)
    if check and not all(holds for holds, _ in judged):
        sys.exit(1)


def _chosen(peers: str) -> list[Peer]:
    names = peers.split(",")
    if unknown := [name for name in names if name not in PEERS]:
        raise BenchFailed(f"no peer is called {unknown[0]}; there are {', '.join(PEERS)}")
    if any(name.startswith("img2dataset") for name in names) and not IMG2DATASET_PYTHON.exists():
        raise BenchFailed("img2dataset's environment is missing: start with bench/run")
    return [PEERS[name] for name in names]


def _measure(
    kind: str, where: cores.Cores, sizes: tuple[int, int], repeat: int, chosen: list[Peer]
) -> tuple[list[rounds.Result], int]:
    pictures = WORK.resolve() / "pictures"
    digests = links.paint(pictures)
    visits, singles = sizes[0] // PER_VISIT, sizes[1]
    many = links.has_many_addresses()
    ports = links.free_ports(1 if many else min(max(visits, singles), MOST_PORTS))
    lists = [
        links.workload(table.VISITS, links.places(visits, ports), PER_VISIT, digests),
        links.workload(table.SINGLES, links.places(singles, ports), 1, digests),
    ]
    short = links.workload("start-up", links.places(1, ports), 1, digests)
    with servers.serving(kind, pictures, ports, WORK.resolve(), where):
        bench = rounds.Bench(chosen, WORK.resolve(), where, _say)
        results = bench.run(lists, short, repeat)
    return results, links.average_bytes(pictures)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _text(results: list[rounds.Result], judged: list[tuple[bool, str]], conditions: str) -> str:
    parts = [conditions]
    for result in results:
        parts.append(f"**{result.workload.name}** ({result.workload.links:,} links)")
        parts.append(table.markdown(result))
    warnings = [warning for result in results if (warning := table.busy(result))]
    sentences = [sentence for _, sentence in judged] + warnings
    parts.append("\n".join(f"- {sentence}" for sentence in sentences))
    return "\n\n".join(parts).strip()


if __name__ == "__main__":
    try:
        main.main(prog_name="python -m bench.crawl")
    except BenchFailed as error:
        sys.exit(f"bench: {error}")
