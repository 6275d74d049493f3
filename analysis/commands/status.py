"""`stillup status`: what is planned, done and left, the pace, the time left.

Room: command line.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.printing import console, quiet_pipe, set_aside
from analysis.progress import TERMS, Progress, ShardProgress, read_progress
from analysis.runfile import read_run
from analysis.segments import kept_aside
from analysis.session import ask
from analysis.text import visible
from analysis.wording import count, duration, percent


@click.command()
@click.argument("run")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
def status(run: str, form: str) -> None:
    """Show what is planned, done and left of RUN, its pace, and the time left.

    \b
    stillup status runs/cc3m
    """  # noqa: D301 - the backspace is click's mark
    facts = read_run(run)
    progress = ask(facts, read_progress, TERMS, set_aside)
    now, aside = datetime.now(UTC), kept_aside(facts.store)
    with quiet_pipe():
        if form == "json":
            found = as_json(progress, facts.round) | {"set_aside": aside}
            click.echo(json.dumps(found, indent=2))
        else:
            draw_progress(progress, facts.round, now)
            draw_aside(aside)


def as_json(progress: Progress, current_round: int) -> dict[str, object]:
    """Return the progress as JSON has it; times ISO 8601, UTC."""
    shards = [asdict(shard) for shard in progress.shards]
    total = asdict(progress.total())
    del total["shard"]
    return {
        "round": current_round,
        **total,
        "last_at": progress.last_at and progress.last_at.isoformat(),
        "links_per_s": progress.links_per_s,
        "time_left_s": progress.time_left_s(),
        "slowest_host": progress.slowest and asdict(progress.slowest),
        "segments": progress.segments,
        "shards": shards,
    }


def draw_progress(progress: Progress, current_round: int, now: datetime) -> None:
    """Print the progress for a person."""
    out = console()
    out.print(f"round {current_round}\n")
    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("shard", "links", "invalid", "done", "left", "done of all", "attempts"):
        drawn.add_column(name, justify="right")
    for shard in progress.shards:
        drawn.add_row(str(shard.shard), *_cells(shard))
    drawn.add_section()
    drawn.add_row("all", *_cells(progress.total()))
    out.print(drawn)
    for line in (_pace(progress, now), _time_left(progress)):
        out.print(line, soft_wrap=True)
    if progress.is_scattered():
        files = count(progress.segments)
        out.print(f"\n{files} small segments; questions answer sooner after: stillup compact RUN")


def draw_aside(names: list[str]) -> None:
    """Print which faulty segments a crawl has set aside, whose links it looks at again."""
    if not names:
        return
    out = console()
    files = "1 damaged file" if len(names) == 1 else f"{count(len(names))} damaged files"
    out.print(f"\n{files} set aside; what they held is looked at again, so they may be deleted:")
    for name in names:
        out.print(f"  {visible(name)}", soft_wrap=True)


def _cells(shard: ShardProgress) -> list[str]:
    askable = shard.done + shard.left
    return [
        count(shard.links),
        count(shard.invalid),
        count(shard.done),
        count(shard.left),
        percent(shard.done / askable if askable else 1.0),
        count(shard.attempts),
    ]


def _pace(progress: Progress, now: datetime) -> str:
    if progress.last_at is None:
        return "\nnothing is crawled yet: stillup crawl RUN"
    ago = f"the last look was {duration(max(0.0, (now - progress.last_at).total_seconds()))} ago"
    if progress.links_per_s is None:
        return f"\n{ago}"
    return f"\n{progress.links_per_s:,.1f} links/s in its last minutes; {ago}"


def _time_left(progress: Progress) -> str:
    slowest, left_s = progress.slowest, progress.time_left_s()
    if slowest is None:
        return "nothing is left to do in this round"
    host = (
        f"{visible(slowest.host)}, with {count(slowest.left)} links left, "
        f"one every {slowest.delay_s:.1f} s"
    )
    if left_s is None:
        return f"at least {duration(slowest.time_s)} left, which politeness asks for {host}"
    if progress.host_decides():
        return f"about {duration(left_s)} left, set by {host}"
    return f"about {duration(left_s)} left at this pace; the slowest host is {host}"
