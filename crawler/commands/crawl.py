"""`stillup crawl`: look at every link of a run that is still due.

Room: command line.
"""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import click
from rich.console import Console

from crawler.commands import reaching
from crawler.display import Display
from crawler.engines import ENGINES, Engine
from crawler.engines.local import LocalEngine
from crawler.options import lease_ttl_s, visit_options
from crawler.records.errors import RunFailed, WrongUse
from crawler.rounds import links_of_round
from crawler.rundir import RunDirectory, ensure_writable, open_run
from crawler.tally import ShardResult
from crawler.turns import SharedTurns

_FILES = ("STILLUP_POLICY", "STILLUP_CA_FILE")


@click.command(
    epilog="""
\b
Example:
  stillup crawl runs/cc3m --workers 4 --contact https://example.org/about-our-crawl
Running the same command again goes on where the last one stopped.
"""
)
@click.argument("run")
@click.option(
    "--shard",
    "shards",
    type=click.IntRange(0),
    multiple=True,
    help="Only this shard; may be repeated.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Processes at a time (one a core, at most one a shard).",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="local",
    show_default=True,
    help="What runs the shards: processes here, or tasks of a Ray cluster.",
)
@click.option(
    "--address",
    metavar="A",
    help="The Ray cluster: auto, HOST:PORT or ray://HOST:PORT (one of its own on this machine).",
)
@click.option(
    "--mode",
    type=click.Choice(["body", "sniff", "head"]),
    default="body",
    show_default=True,
    help="Read all and hash; read the first 64 KiB; or ask for the head only.",
)
@click.option(
    "--fingerprint/--no-fingerprint",
    default=None,
    help="Perceptual hashes, sizes and flags of pictures (on, in mode body).",
)
@reaching.contact
@click.option(
    "--delay", type=float, metavar="S", help="Least seconds between two requests to a host."
)
@click.option(
    "--policy",
    type=click.Path(dir_okay=False),
    help="Paces of named domains; see data/politeness.toml.",
)
@click.option(
    "--timeout",
    type=float,
    default=30.0,
    show_default=True,
    metavar="S",
    help="Seconds a link may take in all.",
)
@click.option(
    "--max-bytes",
    type=click.IntRange(1),
    default=20 * 1024 * 1024,
    show_default=True,
    help="Most bytes of a body, on the wire and decoded.",
)
@click.option(
    "--lease",
    type=float,
    default=30.0,
    show_default=True,
    metavar="S",
    help="Seconds without a sign of life after which a worker's shard is another's.",
)
@reaching.reached
def crawl(
    run: str,
    shards: tuple[int, ...],
    workers: int | None,
    engine: str,
    address: str | None,
    **options: Any,
) -> tuple[str, ...] | None:
    """Look at every link of RUN that is still due, shard by shard, politely.

    Every look becomes a row of `observations`. Ctrl-C finishes what is in flight, writes it down,
    and says how to go on.
    """
    directory = open_run(run)
    settings = _settings(options)
    visit_options(settings, directory.round, 0)  # wrong use is found before any worker is
    lease_ttl_s(settings)
    ensure_writable(directory)
    planned = links_of_round(directory)
    wanted = [shard for shard in _shards_of(directory, shards) if planned[shard] or shards]
    links = sum(planned[shard] for shard in wanted)
    console = Console(stderr=True)
    with (
        _engine(engine, workers, address, len(wanted)) as reached,
        _stopped_by_signals(),
        _shared_turns(len(wanted) if engine == "local" else 1) as turns,
        Display(console, links) as display,
    ):
        results = reached.run(run, wanted, settings | {"STILLUP_TURNS": turns}, display.report)
    for result in results:
        for sentence in result.notes:
            console.print(f"shard {result.shard}: {sentence}", highlight=False, soft_wrap=True)
    _explain(results, stopped=reached.stopped)
    return ("publish", run) if not shards else None


def _engine(name: str, workers: int | None, address: str | None, shards: int) -> Engine:
    """Return what is to run the shards. Raises WrongUse."""
    if name == "local":
        if address is not None:
            raise WrongUse("--address is where a Ray cluster is; it needs --engine ray")
        return LocalEngine(workers or min(shards, os.cpu_count() or 1))
    try:
        from crawler.engines.ray import RayEngine
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "ray":
            raise
        raise WrongUse("--engine ray needs Ray: pip install 'stillup[ray]'") from error
    return RayEngine(workers, address)


def _settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Scrapy settings of a worker: the command's options under their `STILLUP_` names."""
    own = {f"STILLUP_{name.upper()}": option for name, option in options.items()}
    own = {name: list(value) if isinstance(value, tuple) else value for name, value in own.items()}
    # A worker may be started in another folder.
    own |= {name: os.path.abspath(own[name]) for name in _FILES if own[name]}  # noqa: PTH100
    return {**own, "LOG_LEVEL": "WARNING"}


def _shards_of(run: RunDirectory, shards: tuple[int, ...]) -> list[int]:
    """Return the shards to walk, the one that will take longest first. Raises WrongUse."""
    planned = [plan.shard for plan in run.biggest_first()]
    if unknown := set(shards) - set(planned):
        text = f"there is no shard {min(unknown)}; the run has shards 0 to {len(planned) - 1}"
        raise WrongUse(text)
    return [shard for shard in planned if not shards or shard in shards]


@contextmanager
def _shared_turns(shards: int) -> Iterator[str]:
    """Make the file by which all workers take turns at the hosts that their links lead to.

    The worker of a single shard keeps them in its own memory, which is quicker.
    """
    if shards == 1:
        yield ""
        return
    with TemporaryDirectory(prefix="stillup-") as folder:
        path = Path(folder) / "turns"
        SharedTurns.create(path)
        yield str(path)


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Take SIGTERM, as a batch system sends it, for Ctrl-C."""

    def interrupt(_signum: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _explain(results: list[ShardResult], *, stopped: bool) -> None:
    """Say how to go on where something is left. Raises RunFailed."""
    failed = [result for result in results if result.failure is not None]
    if failed:
        raise RunFailed(
            f"{_reasons(failed)}. What was written is kept; the same command goes on from here"
        )
    left = sum(result.left for result in results)
    if stopped or left:
        why = "stopped" if stopped else f"{left:,} links are left"
        raise RunFailed(f"{why}; what was seen is kept. The same command again goes on from here")


def _reasons(failed: list[ShardResult]) -> str:
    """Return why shards failed, those that failed for the same reason together."""
    shards: dict[str | None, list[int]] = {}
    for result in failed:
        shards.setdefault(result.failure, []).append(result.shard)
    return "; ".join(
        f"shard{'s' if len(same) > 1 else ''} {', '.join(map(str, sorted(same)))}: {reason}"
        for reason, same in shards.items()
    )
