"""`python -m bench.match`: every peer finds the near pairs of the same hashes; prints the table.

Run from the repository's root, where faiss-cpu is installed; `bench/run match` sees to it.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median

import click
import numpy as np

from bench.crawl.page import cpu_model, write
from bench.match.hashes import Hashes, Words, hashes

DISTANCE = 31
LIMIT_S, LIMIT_BYTES = 60.0, 4e9
_COLUMNS = ("peer", "s", "× stillup's time", "pairs", "peak memory GB", "same pairs")


@dataclass(frozen=True, slots=True)
class Search:
    """One peer's search: seconds, pairs, the process' largest memory; `digest` tells answers apart."""

    seconds: float
    pairs: int
    peak_bytes: int
    digest: int


@click.command()
@click.option("--hay", default=1_000_000, show_default=True, help="Hashes that peers search.")
@click.option("--needles", default=1_000, show_default=True, help="Hashes that they look for.")
@click.option("--large-hay", default=10_000_000, show_default=True, help="The same, for stillup.")
@click.option("--large-needles", default=10_000, show_default=True)
@click.option("--repeat", default=3, show_default=True, help="Rounds; medians are taken over them.")
@click.option("--peers", default="", help="Names, by commas; by default all.")
@click.option("--write", "refresh", is_flag=True, help="Refresh the table in docs/performance.md.")
@click.option("--check", is_flag=True, help="Exit 1 when a number does not hold.")
@click.option("--one", hidden=True, help="Run this peer here, and print what it took.")
def main(
    hay: int,
    needles: int,
    large_hay: int,
    large_needles: int,
    repeat: int,
    peers: str,
    refresh: bool,
    check: bool,
    one: str | None,
) -> None:
    """Measure how fast stillup and its peers find near PDQ hashes.

    \b
    Example: python -m bench.match --repeat 1 --peers stillup,faiss-flat
    """  # noqa: D301 - \b is click's
    if one:
        click.echo(json.dumps(_here(one, hashes(hay, needles))))
        return
    from bench.match.peers import PEERS

    names = peers.split(",") if peers else list(PEERS)
    rounds = [[_apart(name, hay, needles) for name in names] for _ in range(repeat)]
    large = _apart("stillup", large_hay, large_needles)
    holds = large.seconds < LIMIT_S and large.peak_bytes < LIMIT_BYTES
    parts = [
        _conditions(),
        f"**{hay:,} hashes against {needles:,}, distance ≤ {DISTANCE}**",
        _table(names, rounds, [PEERS[name].share for name in names]),
        f"**{large_hay:,} hashes against {large_needles:,}**",
        _verdict(large, holds=holds),
    ]
    text = "\n\n".join(parts)
    click.echo(text)
    if refresh:
        write(text, "bench/match")
    if check and not holds:
        sys.exit(1)


def _verdict(large: Search, *, holds: bool) -> str:
    return (
        f"- stillup: {large.seconds:.1f} s, {large.pairs:,} pairs, {large.peak_bytes / 1e9:.1f} GB at "
        f"most; under {LIMIT_S:.0f} s and {LIMIT_BYTES / 1e9:.0f} GB: "
        f"{'holds' if holds else 'DOES NOT HOLD'}"
    )


def _apart(name: str, hay: int, needles: int) -> Search:
    """Run a peer in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "bench.match", "--one", name]
    sizes = ["--hay", str(hay), "--needles", str(needles)]
    ran = subprocess.run([*command, *sizes], capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"bench: {name} failed: {ran.stderr.strip()[-500:]}")
    click.echo(f"{name}: {ran.stdout.strip()}", err=True)
    return Search(**json.loads(ran.stdout))


def _here(name: str, given: Hashes) -> dict[str, float]:
    from bench.match.peers import PEERS

    peer = PEERS[name]
    few = max(1, round(len(given.needles) * peer.share))
    # Near needles come first, so a share of them is drawn from all over.
    some = np.random.default_rng(2).permutation(len(given.needles))[:few]
    some.sort()
    given = Hashes(given.hay, np.ascontiguousarray(given.needles[some]))
    began = time.perf_counter()
    codes = peer.find(given, DISTANCE)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )
    named = np.stack([codes >> np.uint64(32), some[codes & np.uint64(2**32 - 1)].astype(np.uint64)])
    return {
        "seconds": seconds / peer.share,
        "pairs": len(codes),
        "peak_bytes": peak,
        "digest": int(np.bitwise_xor.reduce(_mixed(named), initial=np.uint64(0))),
    }


def _mixed(pairs: Words) -> Words:
    """Return a number a pair, such that the numbers of other pairs do not cancel out."""
    mixed = pairs[0] * np.uint64(0x9E3779B97F4A7C15) + pairs[1]
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return mixed


def _table(names: list[str], rounds: list[list[Search]], shares: list[float]) -> str:
    from bench.match.peers import PEERS

    lines = [_COLUMNS, ("---", *("---:" for _ in _COLUMNS[1:]))]
    own = [searches[names.index("stillup")] for searches in rounds] if "stillup" in names else []
    for number, name in enumerate(names):
        mine = [searches[number] for searches in rounds]
        ratios = [search.seconds / one.seconds for search, one in zip(mine, own, strict=False)]
        whole = shares[number] == 1
        same = "–" if not own or not whole else ("yes" if mine[0].digest == own[0].digest else "NO")
        lines.append(
            (
                PEERS[name].title + ("" if whole else f" (of {shares[number]:.0%} of the needles)"),
                f"{median(search.seconds for search in mine):,.1f}",
                f"{median(ratios):,.1f}" if ratios else "–",
                f"{mine[0].pairs:,}",
                f"{max(search.peak_bytes for search in mine) / 1e9:.1f}",
                same,
            )
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _conditions() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "faiss-cpu", "duckdb"))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cpu_model()}, {os.cpu_count()} cores, {platform.system()}; "
        f"Python {platform.python_version()}, {versions}."
    )


if __name__ == "__main__":
    main.main(prog_name="python -m bench.match")
