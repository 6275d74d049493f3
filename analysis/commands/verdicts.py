"""`stillup verdicts`: the liveness table of a dataset.

Room: command line.
"""

import csv
import json
import sys
from dataclasses import asdict, astuple

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.interval import Share
from analysis.liveness import INVALID, TERMS, Liveness, Portion, read_liveness
from analysis.printing import console, quiet_pipe, set_aside
from analysis.runfile import read_run
from analysis.session import ask
from analysis.text import visible
from analysis.wording import count, percent


@click.command()
@click.argument("run")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
def verdicts(run: str, form: str) -> None:
    """Show the liveness of the dataset that RUN was planned of.

    By verdict and by outcome, links and rows; the share that is still up with its 95 % interval
    (weighted where the plan drew a sample); the largest domains.

    \b
    stillup verdicts runs/cc3m
    stillup verdicts runs/cc3m --format json
    """  # noqa: D301 - the backspace is click's mark
    liveness = ask(read_run(run), read_liveness, TERMS, set_aside)
    with quiet_pipe():
        _WRITERS[form](liveness)


def write_json(liveness: Liveness) -> None:
    """Print everything as one JSON object."""
    click.echo(json.dumps(asdict(liveness), indent=2, ensure_ascii=False))


def write_csv(liveness: Liveness) -> None:
    """Print one row a portion, share or domain; `part` says which.

    A domain's share is of its links that are up or down. Values are as they are, formulas too.
    """
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(
        ["part", "name", "links", "rows", "share_of_links", "share_of_rows", "low", "high"]
    )
    for part, portions in (("verdict", liveness.by_verdict), ("outcome", liveness.by_outcome)):
        for one in portions:
            rows.writerow([part, *astuple(one), "", ""])
    for name, share in _shares(liveness):
        shares = (share.share, "") if name == "links" else ("", share.share)
        rows.writerow(["up", name, "", "", *shares, share.low, share.high])
    for domain in liveness.largest:
        name, links = domain.registered_domain, domain.links
        rows.writerow(["domain", name, links, "", domain.share_up, "", "", ""])


def write_table(liveness: Liveness) -> None:
    """Print the liveness for a person."""
    out = console()
    out.print(
        f"{count(liveness.links)} links, {count(liveness.rows)} rows, "
        f"{count(liveness.domains)} registered domains\n"
    )
    out.print(_portions("verdict", liveness.by_verdict))
    out.print()
    out.print(_portions("outcome of the last look", liveness.by_outcome))
    out.print()
    out.print(_domains(liveness))
    for paragraph in _share_text(liveness):
        out.print(paragraph)


def _portions(heading: str, portions: tuple[Portion, ...]) -> Table:
    drawn = _table(heading, "links", "of links", "rows", "of rows")
    for one in portions:
        drawn.add_row(
            visible(one.name),
            count(one.links),
            percent(one.share_of_links),
            count(one.rows),
            percent(one.share_of_rows),
        )
    return drawn


def _domains(liveness: Liveness) -> Table:
    drawn = _table("largest domains", "links", "up", "down", "up of judged")
    for domain in liveness.largest:
        drawn.add_row(
            visible(domain.registered_domain),
            count(domain.links),
            count(domain.up),
            count(domain.down),
            percent(domain.share_up),
        )
    return drawn


def _table(first: str, *others: str) -> Table:
    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    drawn.add_column(first, overflow="ellipsis", no_wrap=True, min_width=24)
    for name in others:
        drawn.add_column(name, justify="right", no_wrap=True)
    return drawn


def _shares(liveness: Liveness) -> list[tuple[str, Share]]:
    both = (("links", liveness.share_of_links), ("rows", liveness.share_of_rows))
    return [(name, share) for name, share in both if share is not None]


def _share_text(liveness: Liveness) -> list[str]:
    if not _shares(liveness):
        return ["\nNo link is judged yet, so there is no share that is up."]
    paragraphs = [""]
    for name, share in _shares(liveness):
        paragraphs.append(
            f"Still up: {percent(share.share)} of the {name}, "
            f"95 % interval {percent(share.low)} to {percent(share.high)}; "
            f"{percent(share.if_all_down)} if every {name[:-1]} left out is down, "
            f"{percent(share.if_all_up)} if every one is up."
        )
    return [*paragraphs, "", _left_out(liveness), "", _meaning(sampled=liveness.sampled)]


def _left_out(liveness: Liveness) -> str:
    found = {one.name: count(one.links) for one in liveness.by_verdict}
    invalid = found.get(INVALID, "0")
    waiting = sum(one.links for one in liveness.by_outcome if one.name == "not_looked_yet")
    unfinished = (
        f" {count(waiting)} of the unknown are not looked at yet: until they are, the judged "
        "links are no random draw."
    )
    return (
        f"That is alive and changed among the {count(liveness.judged_links)} links that are up or "
        f"down. Left out are {found['blocked']} blocked and {found['unknown']} unknown; {invalid} "
        "more cannot be asked for and are in no share." + (unfinished if waiting else "")
    )


def _meaning(*, sampled: bool) -> str:
    drawn = (
        "The plan drew a sample: every link is weighted by how many links it stands for. "
        if sampled
        else "Every link of the list is in the run. "
    )
    return drawn + (
        "The interval is what chance allows where these links are a random draw of a larger "
        "list: 19 of 20 such intervals hold its true share. It knows nothing of what the links "
        "left out would have shown, nor of a list that is no random draw."
    )


_WRITERS = {"table": write_table, "csv": write_csv, "json": write_json}
