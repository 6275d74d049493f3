"""Every peer in turn, again and again: A B C, A B C, so that a slow minute hits all alike."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.crawl.cores import Cores
from bench.crawl.links import Workload
from bench.crawl.measure import Spent, measure
from bench.crawl.peers import Peer


@dataclass(frozen=True, slots=True)
class Walk:
    """One peer's walk of one list in one round, net of starting and ending."""

    links: int
    wall_s: float
    cpu_s: float
    start_s: float  # wall time of starting and ending

    @property
    def links_per_s(self) -> float:
        """The rate while links are walked."""
        return self.links / self.wall_s

    @property
    def cpu_us_per_link(self) -> float:
        """User and system time of the whole process tree."""
        return self.cpu_s / self.links * 1e6


@dataclass(frozen=True, slots=True)
class Result:
    """Of one workload: each peer's walks, one a round; none where they were lost in the noise."""

    workload: Workload
    walks: dict[str, list[Walk]]


@dataclass(frozen=True, slots=True)
class Bench:
    """What every round needs: the peers, a folder to work in, the cores, where to tell progress."""

    peers: list[Peer]
    work: Path
    cores: Cores
    say: Callable[[str], None]

    def run(self, lists: list[Workload], short: Workload, repeat: int) -> list[Result]:
        """Walk `short` and every list with each peer, `repeat` times.

        What `short` takes (its median) is what starting and ending take; it is subtracted.
        """
        spent: dict[tuple[str, str], list[Spent]] = defaultdict(list)
        for turn in range(repeat):
            for peer in self.peers:
                for workload in (short, *_lists_for(peer, lists)):
                    took = measure(peer, workload, self.work, self.cores)
                    spent[peer.name, workload.name].append(took)
                    where = f"round {turn + 1}/{repeat}: {peer.title}, {workload.name}"
                    self.say(f"{where}: {took.wall_s:.1f} s, of CPU {took.cpu_s:.1f} s")
        return [
            Result(
                workload,
                {
                    peer.name: net(
                        workload.links - short.links,
                        spent[peer.name, workload.name],
                        spent[peer.name, short.name],
                    )
                    for peer in self.peers
                    if workload in _lists_for(peer, lists)
                },
            )
            for workload in lists
        ]


def _lists_for(peer: Peer, lists: list[Workload]) -> list[Workload]:
    return [workload for workload in lists if peer.singles or workload.per_host > 1]


def net(links: int, wholes: list[Spent], starts: list[Spent]) -> list[Walk]:
    """What `links` took beyond starting and ending, one walk a round.

    Empty when that cannot be told: when the links took less than a tenth of what starting takes,
    or less than twice what starting varies by.
    """
    start = Spent(median(s.wall_s for s in starts), median(s.cpu_s for s in starts))
    noise_s = max(s.wall_s for s in starts) - min(s.wall_s for s in starts)
    if min(whole.wall_s for whole in wholes) - start.wall_s <= max(2 * noise_s, start.wall_s / 10):
        return []
    return [
        Walk(links, whole.wall_s - start.wall_s, whole.cpu_s - start.cpu_s, start.wall_s)
        for whole in wholes
    ]
