"""`python -m bench.findings`: rank worlds whose leaks are known, and print how good that is.

Run from the repository's root, in the environment of `make`.
"""

import re
from pathlib import Path

import click

from bench.findings.table import missed, table
from bench.findings.worlds import Ranked, rank_world

PAGE = Path("docs/findings.md")
_MARKS = "<!-- bench/findings: {} -->"


@click.command()
@click.option("--seeds", default="2,3,4,5,6", show_default=True, help="1 was tuned on.")
@click.option("--semantic", is_flag=True, help="Also by what captions mean (make semantic); slow.")
@click.option("--write", is_flag=True, help=f"Refresh the tables in {PAGE}.")
def main(seeds: str, semantic: bool, write: bool) -> None:
    """Measure the findings on labelled worlds, beside two simpler rankings.

    \b
    Example: python -m bench.findings --seeds 2,3
    """  # noqa: D301 - \b is click's
    numbers = [int(seed) for seed in seeds.split(",")]
    for name, strange in (("known", False), ("strange", True)):
        worlds = [_ranked(seed, strange=strange, semantic=semantic) for seed in numbers]
        text = f"{table(worlds)}\n\n{missed(worlds)}"
        click.echo(f"\n{name}\n\n{text}")
        if write:
            _write(name, text)


def _ranked(seed: int, *, strange: bool, semantic: bool) -> Ranked:
    ranked = rank_world(seed, strange=strange, semantic=semantic)
    click.echo(f"seed {seed}: {len(ranked.places):,} places", err=True)
    return ranked


def _write(name: str, text: str) -> None:
    """Put a table between its two marks of the page."""
    begin, end = _MARKS.format(f"{name} begin"), _MARKS.format(f"{name} end")
    page = PAGE.read_text(encoding="utf-8")
    between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    PAGE.write_text(between.sub(lambda _: f"{begin}\n\n{text}\n\n{end}", page), encoding="utf-8")


if __name__ == "__main__":
    main.main(prog_name="python -m bench.findings")
