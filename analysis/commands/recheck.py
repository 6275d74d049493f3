"""`stillup recheck`: which links ask for another look, and the round that gives it to them.

Room: command line.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.printing import console, quiet_pipe, set_aside
from analysis.recheck import REASONS, Recheck, recheck_run
from analysis.text import visible
from analysis.wording import count, percent
from crawler.records.errors import WrongUse


@click.command()
@click.argument("run")
@click.option(
    "--sample-alive",
    "share",
    type=click.FloatRange(0, 1),
    default=0.01,
    show_default=True,
    metavar="SHARE",
    help="Look again at this share of the links that were up, the same ones each time.",
)
@click.option("--as-of", metavar="TIME", help="What is due by then, ISO 8601 in UTC (now).")
@click.option(
    "--because",
    type=click.Choice(list(REASONS)),
    multiple=True,
    help="Only what is due for this reason; may be repeated.",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
def recheck(run: str, share: float, as_of: str | None, because: tuple[str, ...], form: str) -> None:
    """Plan the next round of RUN: the links that are due for another look.

    Due are links that were reported, that are dying, in doubt, unknown or blocked, and a share of
    those that were up. `stillup crawl RUN` then looks at these, and at no others.

    \b
    stillup recheck runs/cc3m
    stillup recheck runs/cc3m --because reported
    stillup recheck runs/cc3m --sample-alive 0.05 --as-of 2026-12-01
    """  # noqa: D301 - the backspace is click's mark
    found = recheck_run(run, share, _moment(as_of), because or tuple(REASONS), set_aside)
    with quiet_pipe():
        if form == "json":
            click.echo(json.dumps(as_json(found), indent=2))
        else:
            draw(found, run, share)


def as_json(found: Recheck) -> dict[str, object]:
    """Return a recheck as JSON has it; times ISO 8601, UTC."""
    reasons = [
        asdict(due) | {"next_at": due.next_at and due.next_at.isoformat()} for due in found.reasons
    ]
    told = asdict(found) | {"as_of": found.as_of.isoformat(), "links": found.links}
    return told | {"reasons": reasons}


def draw(found: Recheck, run: str, share: float) -> None:
    """Print a recheck for a person: what is due and why, what is not and when it will be."""
    out = console()
    out.print(f"after round {found.finished_round}, by {_told(found.as_of)}\n")
    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    drawn.add_column("because", no_wrap=True)
    for name in ("due", "later", "the next"):
        drawn.add_column(name, justify="right", no_wrap=True)
    drawn.add_column("when", overflow="fold")
    for due in found.reasons:
        if not due.now and not due.later:
            continue
        next_at = "" if due.next_at is None else _told(due.next_at)
        drawn.add_row(due.reason, count(due.now), count(due.later), next_at, REASONS[due.reason])
    if drawn.row_count:
        out.print(drawn)
        out.print()
    for line in _ending(found, run, share):
        out.print(line, soft_wrap=True)


def _ending(found: Recheck, run: str, share: float) -> list[str]:
    not_drawn = sum(due.not_drawn for due in found.reasons)
    lines = []
    if not_drawn:
        lines.append(f"{percent(share)} of the live links are drawn; {count(not_drawn)} are not.")
    if found.planned_round is None:
        coming = [due.next_at for due in found.reasons if due.next_at is not None]
        when = f"; the next look is due on {_told(min(coming))}" if coming else ""
        return [*lines, f"Nothing is due{when}. The run stays in round {found.finished_round}."]
    asked = f", {count(found.conditional)} asked only whether they have changed"
    size = f"{_many(found.links, 'link')} on {_many(found.hosts, 'host')}"
    return [
        *lines,
        f"Round {found.planned_round} is planned: {size}{asked if found.conditional else ''}.",
        f"Look at them: stillup crawl {visible(run)}",
    ]


def _many(number: int, noun: str) -> str:
    return f"{count(number)} {noun}{'s' * (number != 1)}"


def _moment(text: str | None) -> datetime:
    """Return a moment as it was given, in UTC unless it says otherwise. Raises WrongUse."""
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise WrongUse(f"--as-of {text} is no time; write it so: 2026-12-01T09:00") from error


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
