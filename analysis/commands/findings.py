"""`stillup findings`: which places serve what should not be there, each with its reasons.

Room: command line.
"""

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.derive import derive
from analysis.findings import (
    TERMS,
    Explained,
    Finding,
    Reason,
    explain_finding,
    read_findings,
)
from analysis.printing import console, quiet_pipe, set_aside
from analysis.runfile import RunFacts, read_run
from analysis.session import ask
from analysis.text import sheet_cell, visible
from analysis.wording import count

_TOP = 20


@click.command()
@click.argument("run")
@click.option("--top", type=click.IntRange(min=1), help=f"So many; {_TOP} in a table, else all.")
@click.option("--explain", metavar="DOMAIN", help="How the score of a domain or tenant came about.")
@click.option("--semantic", is_flag=True, help="Also read what captions mean; slow, and an extra.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
def findings(run: str, top: int | None, explain: str | None, semantic: bool, form: str) -> None:
    """Rank the domains of RUN by what speaks for a leak, each with its reasons.

    A tenant of a host that many share (a bucket, a blog, a shop) is ranked for itself. The first
    call reads every caption and URL, later ones only what is new. Nothing here is a proof: look at
    the pages of a finding yourself before you report it.

    \b
    stillup findings runs/laion --top 50
    stillup findings runs/laion --explain example.org
    stillup findings runs/laion --format csv > findings.csv
    """  # noqa: D301 - the backspace is click's mark
    facts = read_run(run)
    derive(facts, set_aside)
    if semantic:
        _read_meanings(facts)
    if explain is not None:
        explained = ask(facts, lambda session: explain_finding(session, explain), TERMS)
        with quiet_pipe():
            _EXPLAINERS[form](explained)
        return
    wanted = _TOP if top is None and form == "table" else top
    found = ask(facts, lambda session: read_findings(session, wanted), TERMS)
    with quiet_pipe():
        _WRITERS[form](found)


def _read_meanings(facts: RunFacts) -> None:
    """Read what is not read yet, and say how far it is: a core reads some hundred captions a second."""
    from analysis.meaning.keep import keep_meanings

    def told(links: int) -> None:
        click.echo(f"stillup: read the captions of {count(links)} links", err=True)

    keep_meanings(facts, told, set_aside)


def write_table(found: Sequence[Finding]) -> None:
    """Print findings for a person."""
    out = console(wide=True)
    if not found:
        out.print("nothing in this run speaks for a leak")
        return
    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    drawn.add_column("rank", justify="right")
    drawn.add_column("domain or tenant", overflow="fold")
    for name in ("live", "links", "score"):
        drawn.add_column(name, justify="right", no_wrap=True)
    drawn.add_column("confidence")
    drawn.add_column("because", overflow="fold")
    for one in found:
        drawn.add_row(
            str(one.rank),
            visible(one.place),
            count(one.live_links),
            count(one.links),
            f"{one.score:.1f}",
            one.confidence_word,
            ", ".join(one.reasons),
        )
    out.print(drawn)


def write_csv(found: Sequence[Finding]) -> None:
    """Print one row a finding; reasons and examples are separated by spaces."""
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(
        [
            "rank",
            "place",
            "level",
            "live_links",
            "open_links",
            "links",
            "score",
            "confidence",
            "because",
            "examples",
        ]
    )
    for one in found:
        numbers = (one.live_links, one.open_links, one.links, one.score, one.confidence)
        because = " ".join(one.reasons), " ".join(map(str, one.examples))
        rows.writerow([one.rank, sheet_cell(one.place), one.level, *numbers, *because])


def write_json(found: Sequence[Finding]) -> None:
    """Print findings as a JSON array."""
    click.echo(json.dumps([asdict(one) for one in found], indent=2))


def explain_table(explained: Explained) -> None:
    """Print the arithmetic of a finding, so that a person can do it again."""
    finding = explained.finding
    place = visible(finding.place)
    rank = f"rank {finding.rank} of {explained.of}" if finding.rank else "its tenants are ranked"
    lines = [
        f"{place}: {finding.score:.2f} points, {rank}; confidence {finding.confidence_word}",
        (
            f"{count(finding.live_links)} of {count(finding.links)} links are live, "
            f"{count(finding.open_links)} are not known to be gone"
        ),
        "",
    ]
    for reason in explained.reasons:
        lines += [*_reasoned(reason), ""]
    sure = sum(reason.sure_points for reason in explained.reasons)
    lines.append(
        f"together {finding.score:.2f} points, {sure:.2f} with luck taken out: "
        f"confidence {finding.confidence:.2f}"
    )
    lines += ["look first at", *(f"  {number}  {visible(url)}" for number, url in explained.urls)]
    for line in lines:
        click.echo(line)


def explain_json(explained: Explained) -> None:
    """Print the arithmetic as one JSON object."""
    click.echo(json.dumps(asdict(explained), indent=2))


def explain_csv(explained: Explained) -> None:
    """Print one row a reason."""
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(field.name for field in fields(Reason))
    for reason in explained.reasons:
        values = asdict(reason).values()
        rows.writerow([sheet_cell(value) if isinstance(value, str) else value for value in values])


def _reasoned(reason: Reason) -> list[str]:
    found = f"{reason.kind}: {count(reason.found)} of {count(reason.links)} links"
    if reason.calmed:
        found += (
            f"; {count(reason.calmed)} more beside words that speak against it, so these count "
            f"{count(reason.found)} × {count(reason.found)} / "
            f"{count(reason.found + reason.calmed)} = {reason.hits:.2f}"
        )
    elsewhere = f"elsewhere {100 * reason.share_elsewhere:.3f} % of links have it"
    sum_of_it = (
        f"log2(({reason.hits:.2f} + 0.5) / ({reason.expected:.2f} + 0.5)) = "
        f"{reason.doublings:.2f} doublings × {reason.strength:g} = {reason.points:.2f} points, "
        f"{reason.sure_points:.2f} with luck taken out"
    )
    return [
        found,
        f"  {elsewhere}: {reason.expected:.2f} expected",
        f"  {sum_of_it}",
        f"  for example {visible(reason.evidence or '')}",
    ]


_WRITERS = {"table": write_table, "csv": write_csv, "json": write_json}
_EXPLAINERS = {"table": explain_table, "csv": explain_csv, "json": explain_json}
