"""`python -m bench.plan`: plan lists of growing length, and print what each row costs.

Run from the repository's root; `bench/run plan` sees to what it needs.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import click

from bench.crawl import page
from bench.crawl.failed import BenchFailed
from bench.plan import lists, measure, table
from bench.plan.table import Measured

NAME = "bench/plan"
# A list, its staged rows and the run together; a row in these made-up lists has some 400 bytes.
_DISK_BYTES_A_ROW = 600
_LINKS_A_SHARD = 250_000
_STILLUP = str(Path(sys.executable).parent / "stillup")


@click.command()
@click.option("--rows", default="1000000,5000000,10000000,50000000", show_default=True)
@click.option("--peers-up-to", default=50_000_000, show_default=True, help="Rows peers are given.")
@click.option(
    "--script-up-to", default=1_000_000, show_default=True, help="It holds all in memory."
)
@click.option(
    "--lists", "kept", type=click.Path(path_type=Path), help="Keep the lists in a folder."
)
@click.option("--write", is_flag=True, help="Refresh the table in docs/performance.md.")
@click.option("--check", is_flag=True, help="Exit 1 when a number does not hold.")
def main(
    rows: str, peers_up_to: int, script_up_to: int, kept: Path | None, write: bool, check: bool
) -> None:
    """Measure what planning costs on lists of growing length.

    \b
    Example: bench/run plan --rows 1000000,5000000
    """  # noqa: D301 - \b is click's
    counts = sorted(map(int, rows.split(",")))
    plans, others = [], []
    with tempfile.TemporaryDirectory(prefix="stillup-plan-") as folder:
        _refuse_full_disk(Path(folder), counts[-1])
        for count in counts:
            source = _list(kept or Path(folder), count)
            plans.append(_plan(source, count, Path(folder)))
            for peer, most in (("partition", peers_up_to), ("script", script_up_to)):
                if count <= most:
                    others.append(_peer(peer, source, count, Path(folder)))
            if kept is None:
                shutil.rmtree(source)
    judged = table.verdicts(plans, others, os.cpu_count() or 1)
    sentences = "\n".join(f"- {sentence}" for _, sentence in judged)
    measured = sorted([*plans, *others], key=lambda one: one.rows)
    text = (
        f"{_conditions()}\n\n{table.markdown(measured)}\n\n{sentences}\n\n"
        f"{table.extrapolated(plans)}"
    )
    click.echo(f"\n{text}")
    if write:
        page.write(text, NAME)
    if check and not all(holds for holds, _ in judged):
        sys.exit(1)


def _refuse_full_disk(folder: Path, rows: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < rows * _DISK_BYTES_A_ROW:
        raise BenchFailed(
            f"{folder} has {free / 1e9:.0f} GB free, and {rows:,} rows need"
            f" {rows * _DISK_BYTES_A_ROW / 1e9:.0f}; set TMPDIR, or ask for fewer --rows"
        )


def _list(folder: Path, rows: int) -> Path:
    source = folder / f"list-{rows}"
    if not source.exists():  # what was interrupted has another name
        shutil.rmtree(folder / "unfinished", ignore_errors=True)
        lists.write(folder / "unfinished", rows)
        (folder / "unfinished").rename(source)
    return source


def _plan(source: Path, rows: int, folder: Path) -> Measured:
    return _measured([_STILLUP, "plan", str(folder / "made"), str(source)], "plan", rows, folder)


def _peer(name: str, source: Path, rows: int, folder: Path) -> Measured:
    shards = str(-(-rows // _LINKS_A_SHARD))
    command = [sys.executable, "-m", "bench.plan.peers", name, str(source), str(folder / "made")]
    what = {"partition": table.PEER, "script": "a script with urllib"}[name]
    return _measured([*command, shards], what, rows, folder)


def _measured(command: list[str], what: str, rows: int, folder: Path) -> Measured:
    one = Measured(rows, what, measure.run(command, folder / "made", folder / "log"))
    shutil.rmtree(folder / "made")
    click.echo(f"{rows:,} rows, {what}: {one.rate:,.0f} a second", err=True)
    return one


def _conditions() -> str:
    load = f", {os.getloadavg()[1]:.0f} programs at work at a time (load over five minutes)"
    return page.machine("duckdb", "pyarrow", "can-ada", load=load)


if __name__ == "__main__":
    try:
        main.main(prog_name="python -m bench.plan")
    except BenchFailed as error:
        sys.exit(f"bench: {error}")
