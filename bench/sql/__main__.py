"""`python -m bench.sql`: every way answers the same questions of one run; prints the table.

Run from the repository's root, in the environment that `bench/run sql` makes, or the one of `make`.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import click

from bench.crawl.page import machine, write
from bench.sql import table
from bench.sql.copies import make_copies
from bench.sql.questions import OUTCOMES, QUESTIONS
from bench.sql.table import Answer
from bench.sql.ways import WAYS
from bench.sql.world import SHARD_LINKS

NAME = "bench/sql"


@click.command()
@click.option("--observations", default=20_000_000, show_default=True, help="Of the run.")
@click.option("--repeat", default=3, show_default=True, help="Rounds; medians are taken over them.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Make the run here and keep it; what is here is used. Needs 400 bytes an observation.",
)
@click.option("--ways", default="", help="Names, by commas; by default all.")
@click.option("--write", "refresh", is_flag=True, help="Refresh the table in docs/performance.md.")
@click.option("--check", is_flag=True, help="Exit 1 when a number does not hold.")
@click.option("--one", nargs=2, hidden=True, help="Ask this question this way here.")
def main(
    observations: int,
    repeat: int,
    folder: Path | None,
    ways: str,
    refresh: bool,
    check: bool,
    one: tuple[str, str] | None,
) -> None:
    """Measure how fast questions about a run's observations are answered.

    \b
    Example: python -m bench.sql --observations 2000000 --repeat 1
    """  # noqa: D301 - \b is click's
    if one and folder:
        click.echo(json.dumps(_here(folder, *one)))
        return
    kept = (
        nullcontext(str(folder)) if folder else tempfile.TemporaryDirectory(prefix="stillup-sql-")
    )
    with kept as work:
        names = ways.split(",") if ways else list(WAYS)
        copies = make_copies(
            Path(work), observations, publish={"database", "published"} & set(names) != set()
        )
        answers = _asked(Path(work), repeat, names)
    rows = -(-observations // (2 * SHARD_LINKS)) * 2 * SHARD_LINKS
    holds, sentences = table.verdict(answers, rows)
    parts = [
        machine("stillup", "duckdb", "pyarrow"),
        f"**{rows:,} observations of {rows // 2:,} links**",
        table.copies_table(copies, rows),
        table.markdown(answers),
        sentences,
    ]
    text = "\n\n".join(parts)
    click.echo(text)
    if refresh:
        write(text, NAME)
    if check and not holds:
        sys.exit(1)


def _asked(work: Path, repeat: int, names: list[str]) -> dict[str, dict[str, list[Answer]]]:
    """Ask each question each way, in turn; a first round that reads the files in is not counted."""
    found: dict[str, dict[str, list[Answer]]] = {
        question: {name: [] for name in names} for question in QUESTIONS
    }
    for name in names:
        _apart(work, name, OUTCOMES)
    for _ in range(repeat):
        for question, ways in found.items():
            for name, answers in ways.items():
                answers.append(_apart(work, name, question))
    return found


def _apart(work: Path, name: str, question: str) -> Answer:
    """Ask in a process of its own, so that nothing is known from before."""
    command = [sys.executable, "-m", "bench.sql", "--folder", str(work), "--one", name, question]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"bench: {name} failed: {ran.stderr.strip()[-500:]}")
    click.echo(f"{name}, {question}: {ran.stdout.strip()}", err=True)
    return Answer(**json.loads(ran.stdout))


def _here(work: Path, name: str, question: str) -> dict[str, float | str]:
    way = WAYS[name]
    began, began_cpu = time.perf_counter(), time.process_time()
    rows = way.ask(work / way.place, QUESTIONS[question])
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    rounded = [
        [round(cell, 9) if isinstance(cell, float) else cell for cell in row] for row in rows
    ]
    return {
        "seconds": seconds,
        "cpu_s": cpu_s,
        "digest": hashlib.sha256(repr(rounded).encode()).hexdigest()[:16],
    }


if __name__ == "__main__":
    main.main(prog_name="python -m bench.sql")
