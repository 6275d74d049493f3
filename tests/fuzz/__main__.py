"""`python -m tests.fuzz [TARGET...]`: fuzz each target for a while, and say what came of it."""

import importlib.util
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS

WORK = Path("build/fuzz")
CASES = Path(__file__).parent / "cases"
_RSS_MB = 2048
_SLOW_S = 20  # an input that takes so long is a finding


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What a target was put through: how many inputs, and those that broke a promise."""

    name: str
    executions: int
    findings: tuple[Path, ...]


@click.command()
@click.argument("targets", nargs=-1, type=click.Choice(list(TARGETS)))
@click.option(
    "--seconds", default=60, show_default=True, type=click.IntRange(1), help="For each target."
)
def main(targets: tuple[str, ...], seconds: int) -> None:
    """Fuzz TARGETS, or all of them, one after the other, in build/fuzz.

    \b
    Example: python -m tests.fuzz --seconds 300 url body
    """  # noqa: D301 - \b is click's
    if importlib.util.find_spec("atheris") is None:
        sys.exit(
            "fuzz: atheris is not installed: it has wheels for Linux on x86-64 alone, up to Python"
            f" 3.13, and this is {platform.system()} on {platform.machine()}, Python"
            f" {platform.python_version()}. The cases that it found run in `make test` anywhere"
        )
    results = [_fuzz(name, seconds) for name in targets or TARGETS]
    for result in results:
        found = f"{len(result.findings)} FOUND" if result.findings else "nothing found"
        click.echo(f"{result.name:10} {result.executions:12,} inputs   {found}")
    if paths := [str(path) for result in results for path in result.findings]:
        hint = "mend what they break, then keep them in tests/fuzz/cases/TARGET"
        sys.exit(f"fuzz: {', '.join(paths)}: {hint}")


def _fuzz(name: str, seconds: int) -> Fuzzed:
    corpus, found = WORK / name / "corpus", WORK / name / "found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]()):
        (corpus / f"seed-{number:04}").write_bytes(seed)
    for case in sorted((CASES / name).glob("*")):
        (corpus / f"case-{case.name}").write_bytes(case.read_bytes())
    before = set(found.iterdir())
    told = _run(name, corpus, found, seconds)
    (WORK / name / "log.txt").write_text(told, encoding="utf-8")
    runs = re.findall(r"^(?:stat::number_of_executed_units: +|#)(\d+)", told, re.MULTILINE)
    return Fuzzed(name, int(runs[-1]) if runs else 0, tuple(sorted(set(found.iterdir()) - before)))


def _run(name: str, corpus: Path, found: Path, seconds: int) -> str:
    """Run a target's process to its end and return what it said."""
    click.echo(f"fuzz: {name} for {seconds} s", err=True)
    options = [
        f"-max_total_time={seconds}",
        f"-artifact_prefix={found}/",
        f"-rss_limit_mb={_RSS_MB}",
        f"-timeout={_SLOW_S}",
        "-print_final_stats=1",
    ]
    command = [sys.executable, "-m", "tests.fuzz.one", name, str(corpus), *options]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        click.echo(done.stderr[-3000:] + done.stdout[-1000:], err=True)
    if "number_of_executed_units" not in done.stderr and "Test unit written" not in done.stderr:
        sys.exit(f"fuzz: {name} did not run; see above")
    return done.stderr


if __name__ == "__main__":
    main.main(prog_name="python -m tests.fuzz")
