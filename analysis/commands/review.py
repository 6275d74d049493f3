"""`stillup review`: a person's decision on a finding, without which nothing is reported.

Room: command line.
"""

from datetime import UTC, datetime

import click

from analysis.actions import append
from analysis.deciding import decided, refuse_unfit
from analysis.derive import derive
from analysis.findings import Finding, Reason
from analysis.printing import quiet_pipe, set_aside
from analysis.review import TERMS, Case, LiveLink, read_case
from analysis.runfile import read_run
from analysis.session import ask
from analysis.text import visible
from analysis.wording import count
from crawler.records.action import Decision
from crawler.records.errors import WrongUse

_DONE = {Decision.CONFIRM: "confirmed", Decision.DISMISS: "dismissed"}


@click.command()
@click.argument("run")
@click.argument("domain")
@click.option("--confirm", is_flag=True, help="It leaks: a report may be written.")
@click.option("--dismiss", is_flag=True, help="It does not: nothing is reported.")
@click.option("--by", metavar="WHO", help="Who decides; kept in the run, and in no report.")
@click.option("--note", metavar="TEXT", help="Why; kept in the run, and in no report.")
def review(
    run: str, domain: str, confirm: bool, dismiss: bool, by: str | None, note: str | None
) -> None:
    """Decide on DOMAIN, which is a registered domain or a tenant that `findings` lists.

    Without a decision, show what there is to decide on: the reasons and the live links. No picture
    is shown or fetched. Decisions are kept; the last one of a place counts.

    \b
    stillup review runs/laion example.org
    stillup review runs/laion example.org --confirm --by "A. Roe" --note "patients' photographs"
    stillup review runs/laion museum.example --dismiss --by "A. Roe"
    """  # noqa: D301 - the backspace is click's mark
    decision = _decision(confirm=confirm, dismiss=dismiss)
    refuse_unfit(DOMAIN=domain, by=by, note=note)
    if decision is not None and not (by or "").strip():
        raise WrongUse("say who decides: --by WHO")
    if decision is None and (by is not None or note is not None):
        raise WrongUse("say what is decided: --confirm or --dismiss")
    facts = read_run(run)
    derive(facts, set_aside)
    case = ask(facts, lambda session: read_case(session, domain), TERMS, set_aside)
    if decision is None:
        with quiet_pipe():
            write_case(case)
        return
    finding = case.explained.finding
    done = decided(finding, facts.round, decision, by, note, datetime.now(UTC))
    append(facts.store, [done])
    click.echo(f"{visible(domain)} {_DONE[decision]} by {visible(done.reviewer)}")
    if decision is Decision.CONFIRM and not finding.live_links:
        click.echo("none of its links is live, so there is nothing to report")


def write_case(case: Case) -> None:
    """Print what there is to decide on."""
    finding = case.explained.finding
    lines = [_headline(finding), "", "because"]
    lines += [f"  {line}" for reason in case.explained.reasons for line in _reason(reason)]
    lines += ["", f"live links: {count(finding.live_links)} of {count(finding.links)}"]
    lines += [f"  {line}" for link in case.live for line in _link(link)]
    if finding.live_links > len(case.live):
        lines.append(f"  and {count(finding.live_links - len(case.live))} more")
    lines += ["", *_past(case)]
    for line in lines:
        click.echo(line)


def _decision(*, confirm: bool, dismiss: bool) -> Decision | None:
    if confirm and dismiss:
        raise WrongUse("--confirm and --dismiss are two decisions; give one")
    if confirm:
        return Decision.CONFIRM
    return Decision.DISMISS if dismiss else None


def _headline(finding: Finding) -> str:
    rank = f"rank {finding.rank}" if finding.rank else "its tenants are ranked"
    return (
        f"{visible(finding.place)}: {finding.level}, {rank}, {finding.score:.1f} points, "
        f"confidence {finding.confidence_word}"
    )


def _reason(reason: Reason) -> list[str]:
    found = f"{reason.kind}: {count(reason.found)} of {count(reason.links)} links"
    calmed = f", {count(reason.calmed)} more beside words against it" if reason.calmed else ""
    return [found + calmed, f"  for example {visible(reason.evidence or '')}"]


def _link(link: LiveLink) -> list[str]:
    size = "" if link.body_bytes is None else f", {count(link.body_bytes)} bytes"
    kind = visible(link.media_type or "type unknown")
    seen = f"{link.last_seen_at:%Y-%m-%d %H:%M} UTC"
    return [visible(link.url), f"  {link.status or 'no status'}, {kind}{size}, seen {seen}"]


def _past(case: Case) -> list[str]:
    lines = [
        f"{one.decision} by {visible(one.reviewer)}, {one.reviewed_at:%Y-%m-%d %H:%M} UTC"
        + (f": {visible(one.note)}" if one.note else "")
        for one in case.reviews
    ]
    lines += [
        f"report {one.report_number}, {one.written_at:%Y-%m-%d %H:%M} UTC" for one in case.reports
    ]
    return lines or ["nobody has decided yet: --confirm or --dismiss, with --by WHO"]
