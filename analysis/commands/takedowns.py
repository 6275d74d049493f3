"""`stillup takedowns`: what became of reported links, by provider, and how soon.

Room: command line.
"""

import csv
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.printing import console, quiet_pipe, set_aside
from analysis.runfile import read_run
from analysis.session import ask
from analysis.survival import Step
from analysis.takedowns import STATES, TERMS, Group, grouped, read_takedowns
from analysis.text import sheet_cell, visible
from analysis.wording import count, percent

_BAR_CELLS = 30
_CURVES_SHOWN = 5
_LINES = 16  # of a curve, where that is possible
_SHORT = {state: state for state in STATES} | {"not_looked_yet": "unseen"}


@click.command()
@click.argument("run")
@click.option(
    "--by",
    type=click.Choice(["provider", "place"]),
    default="provider",
    show_default=True,
    help="Whose links are told together: who hosts them, or what was reported.",
)
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
def takedowns(run: str, by: str, form: str) -> None:
    """Show what became of the links of RUN that were reported, and how soon they were gone.

    Links still up count for as long as they were seen up (Kaplan and Meier); a link that came
    back counts as up.

    \b
    stillup takedowns runs/cc3m
    stillup takedowns runs/cc3m --format csv > curves.csv
    """  # noqa: D301 - the backspace is click's mark
    rows = ask(read_run(run), read_takedowns, TERMS, set_aside)
    with quiet_pipe():
        _WRITERS[form](grouped(rows, by), by)


def write_json(groups: Sequence[Group], by: str) -> None:
    """Print every group with its curve as one JSON object."""
    click.echo(json.dumps({"by": by, "groups": [asdict(group) for group in groups]}, indent=2))


def write_csv(groups: Sequence[Group], by: str) -> None:
    """Print one row a group and step of its curve; a group without a curve has one row."""
    rows = csv.writer(sys.stdout, lineterminator="\n")
    steps = [f"step_{name}" for name in Step.__dataclass_fields__]
    rows.writerow([by, "reports", "links", *STATES, "median_days", *steps])
    for group in groups:
        head = [sheet_cell(group.name), group.reports, group.links, *group.states.values()]
        for cells in [astuple(step) for step in group.curve] or [("",) * len(steps)]:
            rows.writerow([*head, group.median_days, *cells])


def write_table(groups: Sequence[Group], by: str) -> None:
    """Print the table and the curves for a person."""
    out = console()
    if not groups[0].links:
        out.print("Nothing was reported yet, so there is nothing to follow: stillup report RUN")
        return
    out.print(_table(groups, by))
    told = groups if len(groups) > 2 else groups[:1]  # one group is the same as all
    for group in [group for group in told if group.curve][:_CURVES_SHOWN]:
        half = "" if group.median_days is None else f"; half gone after {group.median_days:.1f} d"
        out.print(f"\n{visible(group.name)}: the share still up{half}", soft_wrap=True)
        for line in _curve(group.curve):
            out.print(line, soft_wrap=True)
    out.print()
    for paragraph in (_LATE, _CLUSTERED):
        out.print(paragraph)


def _table(groups: Sequence[Group], by: str) -> Table:
    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    drawn.add_column(by, overflow="fold", min_width=16)
    for title in ("reports", "links", *_SHORT.values()):
        drawn.add_column(title, justify="right", no_wrap=True)
    for number, group in enumerate(groups):
        counts = (group.reports, group.links, *group.states.values())
        drawn.add_row(visible(group.name), *map(count, counts), end_section=number == 0)
    return drawn


def _curve(curve: Sequence[Step]) -> list[str]:
    """Draw a curve as bars, a line for all steps of about the same time."""
    lines = [f"{'0 d':>8}  {'█' * _BAR_CELLS}  100.0 %, {count(curve[0].at_risk)} followed"]
    for days, step in _binned(curve).items():
        left = step.at_risk - step.gone - step.censored
        bar = "█" * round(step.share * _BAR_CELLS)
        told = f"{percent(step.share)}{_between(step)}, {count(left)} followed on"
        lines.append(f"{days:>6g} d  {bar:<{_BAR_CELLS}}  {told}")
    return lines


def _binned(curve: Sequence[Step]) -> dict[float, Step]:
    """Return the last step of each tenth of a day; of each day, or ten, where these are too many."""
    found: dict[float, Step] = {}
    for digits in (1, 0, -1, -2):
        found = {round(step.days, digits): step for step in curve}
        if len(found) <= _LINES:
            break
    return found


def _between(step: Step) -> str:
    if step.low is None or step.high is None:
        return ""
    return f" ({percent(step.low)} to {percent(step.high)})"


_LATE = (
    "A link counts as gone from the first look that saw it gone, so the curve is late by up to the "
    "time between two looks. One that is up, or back, counts as up until its last look."
)
_CLUSTERED = (
    "The intervals (95 %, Greenwood) take links for independent. Links of one host mostly go "
    "together, so with few reports the truth is less sure than they say."
)
_WRITERS: dict[str, Callable[[Sequence[Group], str], None]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
}
